import { isoTime } from '../../core/schedule/iso-time.ts';
import { DAY, type EpochMs } from '../../core/time.ts';
import { Calendar } from '../../time/calendar.ts';
import { NotUnderstood } from './form.ts';

/** The day on which scenarios begin that name none: a Thursday, on which no clock changes. */
const SOME_DAY = '2026-01-01';

const EVERY_DAY_OF_THE_WEEK = [0, 1, 2, 3, 4, 5, 6];

/**
 * The moment at which the clocks of a time zone show this time of this day: the first of two when clocks go back, and
 * the change itself when they skip the time.
 *
 * @param time such as `23:50`
 * @param date such as `2026-03-29`; left out, it is some day in winter
 * @param timezone an IANA name; left out, it is UTC
 */
export function startTime(time: string, date: string, timezone: string): EpochMs {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) {
    throw new NotUnderstood(`${time} is no time of day. Write it like 23:50.`);
  }
  const day = readDate(date === '' ? SOME_DAY : date);
  const cron = {
    expression: `${time} on ${day}`,
    timezone: timezone === '' ? 'UTC' : timezone,
    seconds: [0],
    minutes: [Number(minute)],
    hours: [Number(hour)],
    daysOfMonth: [new Date(day).getUTCDate()],
    months: [new Date(day).getUTCMonth() + 1],
    daysOfWeek: EVERY_DAY_OF_THE_WEEK,
  };
  const start = nextFireIn(cron, day - 2 * DAY);
  if (start !== null) return start;
  throw new NotUnderstood(`${timezone} is no time zone. Write it like Europe/Berlin.`);
}

/** Midnight in UTC. */
function readDate(text: string): EpochMs {
  const midnight = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(midnight) && isoTime(midnight).startsWith(text)) return midnight;
  throw new NotUnderstood(`${text} is no date. Write it like 2026-03-29.`);
}

/** Null: Intl does not know the time zone. */
function nextFireIn(cron: Parameters<Calendar['nextFire']>[0], after: EpochMs): EpochMs | null {
  try {
    return new Calendar().nextFire(cron, after);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
