import { SECOND, type DurationMs } from '../core/time.ts';
import { deadline, type Cancel, type Clock } from '../time/clock.ts';

/** One heartbeat may take this long. */
const TIMEOUT: DurationMs = 10 * SECOND;

export interface HeartbeatParts {
  readonly clock: Clock;
  readonly every: DurationMs;
  /**
   * Calls the monitor that alarms when it is no longer called, and gives the HTTP status of its answer. Without an answer
   * it rejects with an Error that is fit for a log (no URL in it); it must heed the signal.
   */
  readonly call: (signal: AbortSignal) => Promise<number>;
  /** What is late; a heartbeat is sent only while nothing is. */
  readonly late: () => readonly string[];
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  /** Each heartbeat that was sent ended like this. */
  readonly onEnd: (received: boolean) => void;
}

/**
 * Sends heartbeats to an outside monitor until the returned function is called. A watchdog that hangs cannot report it,
 * but its silence can be noticed. So the heartbeat depends on the progress of the probe loop, and not only on a timer,
 * which would go on without it.
 */
export function sendHeartbeats(parts: HeartbeatParts): () => void {
  const stopped = new AbortController();
  let last: string | null = null;
  let cancelTimer: Cancel;
  const beat = (): void => {
    if (parts.late().length === 0) {
      void send(parts, stopped.signal).then((trouble) => {
        if (stopped.signal.aborted) return;
        parts.onEnd(trouble === null);
        if (trouble !== last) logChange(parts.log, trouble);
        last = trouble;
      });
    }
    cancelTimer = parts.clock.after(parts.every, beat);
  };
  beat();
  return () => {
    cancelTimer();
    stopped.abort();
  };
}

/** Why it was not received; null: it was. */
async function send({ clock, call }: HeartbeatParts, stop: AbortSignal): Promise<string | null> {
  const limit = deadline(clock, stop, TIMEOUT);
  try {
    const status = await call(limit.signal);
    return status >= 200 && status < 300 ? null : `HTTP ${status}`;
  } catch (error) {
    if (limit.expired()) return `no answer within ${TIMEOUT / SECOND} s`;
    return error instanceof Error ? error.message : String(error);
  } finally {
    limit.dispose();
  }
}

/** One line when heartbeats begin to fail or fail in another way, and one when they are received again. */
function logChange(log: HeartbeatParts['log'], trouble: string | null): void {
  if (trouble === null) {
    log.info({ event: 'heartbeat_works_again' }, 'heartbeats are received again');
    return;
  }
  log.warn(
    { event: 'heartbeat_failing', reason: trouble },
    `the heartbeat is not received: ${trouble}. Its monitor will report this watchdog as dead: check heartbeat.url, heartbeat.method and the way there. Further failures are only counted (watchdog_heartbeats_total).`,
  );
}
