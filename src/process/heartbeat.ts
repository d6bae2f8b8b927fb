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
 * Sends heartbeats to an outside monitor. A watchdog that hangs cannot report it, but its silence can be noticed. So the
 * heartbeat depends on the progress of the probe loop, and not only on a timer, which would go on without it.
 */
export class Heartbeat {
  private readonly parts: HeartbeatParts;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;

  constructor(parts: HeartbeatParts) {
    this.parts = parts;
  }

  start(): void {
    void this.send();
    this.cancelTimer = this.parts.clock.after(this.parts.every, () => this.start());
  }

  stop(): void {
    this.cancelTimer?.();
    this.controller.abort();
  }

  private async send(): Promise<void> {
    const { clock, url, reach, late } = this.parts;
    if (late().length > 0) return;
    const limit = deadline(clock, this.controller.signal, TIMEOUT);
    try {
      await reach(url, limit.signal);
    } finally {
      limit.dispose();
    }
  }
}
