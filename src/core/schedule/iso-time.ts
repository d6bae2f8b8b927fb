import { civilDate } from './civil-date.ts';
import { DAY, HOUR, MINUTE, SECOND, type EpochMs } from '../time.ts';

/**
 * A time as ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T19:00:00.000Z`; fractions of a millisecond are cut.
 *
 * @param at a finite time within the years 0 to 9999
 */
export function isoTime(at: EpochMs): string {
  const days = Math.floor(at / DAY);
  const { year, month, day } = civilDate(days);
  const time = Math.floor(at - days * DAY);
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const clock = `${digits(time / HOUR, 2)}:${digits((time % HOUR) / MINUTE, 2)}:${digits((time % MINUTE) / SECOND, 2)}`;
  return `${date}T${clock}.${digits(time % SECOND, 3)}Z`;
}

/** The same for a time that may be missing. */
export function isoTimeOrNull(at: EpochMs | null): string | null {
  return at === null ? null : isoTime(at);
}

function digits(value: number, width: number): string {
  return String(Math.floor(value)).padStart(width, '0');
}
