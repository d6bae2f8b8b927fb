import type { DurationMs, EpochMs } from '../time.ts';

/**
 * How long an instance has shown no sign of life, as far as that counts. It is counted only when it may have become too
 * long, so that a sign of life costs no more than noting its time.
 */
export interface QuietTime {
  /** The last sign of life that is known here, or when counting began. */
  readonly since: EpochMs;
  /** Up to when it was counted. */
  readonly countedTo: EpochMs;
  readonly counted: DurationMs;
}

/** How much of the time between two moments counts. */
export type Count = (from: EpochMs, to: EpochMs) => DurationMs;

/** Counting begins, or there was a sign of life. */
export function quietFrom(at: EpochMs): QuietTime {
  return { since: at, countedTo: at, counted: 0 };
}

/** The same when a sign of life at `at` is taken into account; null: there was none. */
export function heardAt(quiet: QuietTime, at: EpochMs | null): QuietTime {
  return at === null || at <= quiet.since ? quiet : quietFrom(at);
}

/** Whether it may have reached `limit`: all the time since it was counted might count. */
export function mayBeTooLong({ countedTo, counted }: QuietTime, limit: DurationMs, now: EpochMs): boolean {
  return now >= countedTo + limit - counted;
}

/** Counted up to `to`. */
export function countedUpTo(quiet: QuietTime, to: EpochMs, count: Count): QuietTime {
  if (to <= quiet.countedTo) return quiet;
  return { since: quiet.since, countedTo: to, counted: quiet.counted + count(quiet.countedTo, to) };
}

/** The time from `from` to `to` does not count. */
export function withoutTime(quiet: QuietTime, from: EpochMs, to: EpochMs, count: Count): QuietTime {
  const before = countedUpTo(quiet, from, count);
  return { ...before, countedTo: Math.max(before.countedTo, to) };
}
