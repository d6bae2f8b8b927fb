import { onTestFinished } from 'vitest';
import type { DurationMs } from '../../src/core/time.ts';
import { ManualClock } from './manual-clock.ts';

/** How often it moves, at most. */
const EVERY: DurationMs = 5;
/** Real milliseconds that count of a turn of the event loop. */
const MOST: DurationMs = 40;

/**
 * A clock that goes with real time, and more slowly where the machine is slow: of a turn of the event loop, in which a gateway and a
 * daemon of this process both go on, only the first few milliseconds count. So no deadline comes before an answer that is
 * only late, however busy the machine is.
 */
export class PacedClock extends ManualClock {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();

  /** @param speed how many milliseconds pass within a real one */
  constructor(speed = 1) {
    super(Date.now());
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.advance(Math.round(Math.min(now - this.#last, MOST) * speed));
      this.#last = now;
    }, EVERY);
  }

  override random(): number {
    return Math.random();
  }

  /** It stands still from now on. */
  stop(): void {
    clearInterval(this.#timer);
  }
}

/** One that stands still after the test. */
export function pacedClock(speed?: number): PacedClock {
  const clock = new PacedClock(speed);
  onTestFinished(() => clock.stop());
  return clock;
}
