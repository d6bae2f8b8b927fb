import type { Cancel, Clock } from '../src/runtime/clock.ts';
import type { DurationMs, EpochMs } from '../src/core/time.ts';

interface Timer {
  readonly at: EpochMs;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that moves only when a test says so, and lets everything that waits on promises run between two timers. */
export class SimulatedClock implements Clock {
  /** Added to the wall clock only: a step. */
  step: DurationMs = 0;
  private time: EpochMs;
  private timers: Timer[] = [];
  private order = 0;

  /** @param start a round number of days, so that grids and schedules begin at zero */
  constructor(start: EpochMs = Date.UTC(2026, 0, 1)) {
    this.time = start;
  }

  now(): EpochMs {
    return this.time;
  }

  wall(): EpochMs {
    return this.time + this.step;
  }

  random(): number {
    return 0.5;
  }

  after(delay: DurationMs, callback: () => void): Cancel {
    const timer: Timer = { at: this.time + Math.max(0, delay), order: this.order, callback };
    this.order += 1;
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves the time on, firing timers in order. */
  async run(duration: DurationMs): Promise<void> {
    const end = this.time + duration;
    await settle();
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end);
      const next = due.sort((one, other) => one.at - other.at || one.order - other.order)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settle();
    }
    this.time = end;
  }

  /** The process stands still: time passes, but no timer fires before it is over. */
  async stall(duration: DurationMs): Promise<void> {
    this.time += duration;
    await this.run(0);
  }
}

/** Lets everything run that waits for nothing but promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
