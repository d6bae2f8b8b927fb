import { onTestFinished } from 'vitest';
import type { DurationMs } from '../../src/core/time.ts';
import { ManualClock } from './manual-clock.ts';

/** How often it moves, at most. */
const EVERY: DurationMs = 5;
/** Milliseconds that a turn of the event loop counts for, at most. */
const MOST: DurationMs = 40;

/**
 * A clock that goes with real time, or some times as fast, and more slowly where the machine is slow: of a turn of the event loop, in
 * which a gateway and a daemon of this process both go on, only the first few milliseconds count. So no deadline comes before an
 * answer that is only late, however busy the machine is.
 */
export class PacedClock extends ManualClock {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #speed: number;
  #most: DurationMs;

  /**
   * @param speed how many milliseconds pass within a real one
   * @param most how many milliseconds pass within a turn of the event loop, at most
   */
  constructor(speed = 1, most: DurationMs = MOST) {
    super(Date.now());
    this.#speed = speed;
    this.#most = most;
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.advance(Math.min(Math.round((now - this.#last) * this.#speed), this.#most));
      this.#last = now;
    }, EVERY);
  }

  override random(): number {
    return Math.random();
  }

  /** It goes as the usual one from now on, for what waits for threads of the system, such as the end of a store. */
  calm(): void {
    this.#speed = 1;
    this.#most = MOST;
  }

  /** It stands still from now on. */
  stop(): void {
    clearInterval(this.#timer);
  }
}

/** One that stands still after the test. */
export function pacedClock(speed?: number, most?: DurationMs): PacedClock {
  const clock = new PacedClock(speed, most);
  onTestFinished(() => clock.stop());
  return clock;
}

/**
 * One for what talks to this process alone, and to no other that has a speed of its own: it goes four times as fast while the event
 * loop turns quickly. A turn counts for half as much at most, so that every deadline has more of them than with {@link pacedClock}.
 */
export function quickClock(): PacedClock {
  return pacedClock(4, MOST / 2);
}
