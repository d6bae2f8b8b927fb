import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Clock } from './clock.ts';

/** A clock that is set once, to a time that several processes share, and goes on by itself from there. */
export interface SharedTime extends Clock {
  /** @param by how far the shared time is ahead */
  shift(by: DurationMs): void;
}

/**
 * The clock of a process that shares states with others: a cooldown that one began must not be longer or shorter for the one
 * that takes over because their machines show different times. What the wall clock shows stays as it is.
 */
export function sharedTime(clock: Clock): SharedTime {
  let ahead: DurationMs = 0;
  return {
    now: (): EpochMs => clock.now() + ahead,
    wall: () => clock.wall(),
    random: () => clock.random(),
    after: (delay, callback) => clock.after(delay, callback),
    shift(by) {
      ahead += Math.round(by);
    },
  };
}
