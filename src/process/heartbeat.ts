import { SECOND, type DurationMs } from '../core/time.ts';
import { deadline, type Cancel, type Clock } from '../time/clock.ts';
import type { Reach } from '../gateway/gateway.ts';

/** One sign of life may take this long. */
const TIMEOUT: DurationMs = 10 * SECOND;

export interface HeartbeatParts {
  readonly clock: Clock;
  /** Something that alarms when it is no longer asked. */
  readonly url: string;
  readonly every: DurationMs;
  readonly reach: Reach;
  /** What is late; the switch is asked only while nothing is. */
  readonly late: () => readonly string[];
}

/**
 * Gives a sign of life to somebody outside. A watchdog that hangs cannot say so, but its silence can be noticed; so
 * the sign comes from the progress of the probe loop, not from a timer of its own that would go on without it.
 */
export class Heartbeat {
  private readonly parts: HeartbeatParts;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;

  constructor(parts: HeartbeatParts) {
    this.parts = parts;
  }

  start(): void {
    void this.signOfLife();
    this.cancelTimer = this.parts.clock.after(this.parts.every, () => {
      this.start();
    });
  }

  stop(): void {
    this.cancelTimer?.();
    this.controller.abort();
  }

  private async signOfLife(): Promise<void> {
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
