import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Clock } from './clock.ts';

/** So far the wall clock may be off what we take it for: slewing it is no news until it adds up to this. */
const TOLERANCE: DurationMs = 1_000;

/**
 * What the wall clock shows, for all that people say as a time of day: windows, schedules, the end of a pause. It is the
 * clock that only goes on, plus a distance that stays the same until it is wrong by a second; so between two settings of
 * the clock a time on the wall is one moment, and no schedule comes twice because the clocks drift.
 */
export class WallClock {
  private readonly clock: Clock;
  private distance: DurationMs;
  private followed: DurationMs;

  constructor(clock: Clock) {
    this.clock = clock;
    this.distance = clock.wall() - clock.now();
    this.followed = this.distance;
  }

  /** What it shows now; a second off at most. */
  now(): EpochMs {
    const now = this.clock.now();
    const distance = this.clock.wall() - now;
    if (Math.abs(distance - this.distance) > TOLERANCE) this.distance = distance;
    return now + this.distance;
  }

  /** When it shows `wall`, as a time of the clock that only goes on; it holds until the wall clock is set. */
  momentOf(wall: EpochMs): EpochMs {
    return wall - this.distance;
  }

  /** What it shows at `moment`, a time of the clock that only goes on. */
  at(moment: EpochMs): EpochMs {
    return moment + this.distance;
  }

  /** Whether it was set, or the machine was suspended, since this was last asked. What is timed by it must follow. */
  wasSet(): boolean {
    this.now();
    const wasSet = this.distance !== this.followed;
    this.followed = this.distance;
    return wasSet;
  }
}
