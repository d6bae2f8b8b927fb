import type { Clock } from '../../src/time/clock.ts';
import type { DurationMs, EpochMs } from '../../src/simulator/instance/behaviour.ts';

/** 2026-01-01T00:00:00Z. */
const START: EpochMs = 1_767_225_600_000;

interface Timer {
  readonly dueAt: EpochMs;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved by hand. Chance is always 0.5. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now: EpochMs;

  constructor(start: EpochMs = START) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  wall(): EpochMs {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  after(delay: DurationMs, callback: () => void): () => void {
    const timer: Timer = { dueAt: this.#now + Math.max(delay, 0), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many timers wait. */
  pending(): number {
    return this.#timers.size;
  }

  /** Moves the time on by `duration`; timers fire in the order they are due, each seeing its own time. */
  advance(duration: DurationMs): void {
    const end = this.#now + duration;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.dueAt > end) break;
      this.#timers.delete(next);
      this.#now = next.dueAt;
      next.callback();
    }
    this.#now = end;
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.dueAt < earliest.dueAt) earliest = timer;
    }
    return earliest;
  }
}
