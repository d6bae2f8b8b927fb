import type { EpochMs } from '../time.ts';

/**
 * A time as ISO 8601 in UTC with milliseconds, such as `2026-11-22T19:00:00.000Z`.
 *
 * @param at a finite time; a RangeError is thrown otherwise
 */
export function isoTime(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** The same for a time that may be missing. */
export function isoTimeOrNull(at: EpochMs | null): string | null {
  return at === null ? null : isoTime(at);
}
