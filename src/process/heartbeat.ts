import { SECOND, type DurationMs } from '../core/time.ts';
import { deadline, type Cancel, type Clock } from '../time/clock.ts';
import type { Reach } from '../gateway/gateway.ts';

/** One heartbeat may take this long. */
const TIMEOUT: DurationMs = 10 * SECOND;

export interface HeartbeatParts {
  readonly clock: Clock;
  /** A monitor that alarms when it is no longer called. */
  readonly url: string;
  readonly every: DurationMs;
  readonly reach: Reach;
  /** What is late; a heartbeat is sent only while nothing is. */
  readonly late: () => readonly string[];
}

/**
 * Sends heartbeats to an outside monitor until the returned function is called. A watchdog that hangs cannot report it,
 * but its silence can be noticed. So the heartbeat depends on the progress of the probe loop, and not only on a timer,
 * which would go on without it.
 */
export function sendHeartbeats(parts: HeartbeatParts): () => void {
  const stopped = new AbortController();
  let cancelTimer: Cancel;
  const beat = (): void => {
    void send(parts, stopped.signal);
    cancelTimer = parts.clock.after(parts.every, beat);
  };
  beat();
  return () => {
    cancelTimer();
    stopped.abort();
  };
}

async function send({ clock, url, reach, late }: HeartbeatParts, stop: AbortSignal): Promise<void> {
  if (late().length > 0) return;
  const limit = deadline(clock, stop, TIMEOUT);
  try {
    await reach(url, limit.signal);
  } finally {
    limit.dispose();
  }
}
