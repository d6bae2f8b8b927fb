import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Clock } from './clock.ts';

/** How far the wall clock may differ from our estimate; slewing counts only when it adds up to this. */
const TOLERANCE: DurationMs = 1_000;

/** What measures time, and what it shows to people: the same for decisions and for what is shown. */
export interface Times {
  readonly clock: Clock;
  readonly wall: WallClock;
}

/**
 * What the wall clock shows, for everything that people express as a time of day: windows, schedules, the end of a
 * pause. It is the monotonic clock plus a distance that stays the same until it is wrong by a second. So between two
 * settings of the clock a time on the wall is one moment, and no schedule comes twice because the clocks drift.
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

  /** What it shows now; at most a second off. */
  now(): EpochMs {
    const now = this.clock.now();
    const distance = this.clock.wall() - now;
    if (Math.abs(distance - this.distance) > TOLERANCE) this.distance = distance;
    return now + this.distance;
  }

  /** When it shows `wall`, as a time of the monotonic clock; valid until the wall clock is set. */
  momentOf(wall: EpochMs): EpochMs {
    return wall - this.distance;
  }

  /** What it shows at `moment`, a time of the monotonic clock. */
  at(moment: EpochMs): EpochMs {
    return moment + this.distance;
  }

  /** Whether it was set, or the machine was suspended, since the last call. Timers that depend on it must follow. */
  wasSet(): boolean {
    this.now();
    const wasSet = this.distance !== this.followed;
    this.followed = this.distance;
    return wasSet;
  }
}
