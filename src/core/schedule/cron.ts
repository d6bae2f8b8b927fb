import { HOUR, SECOND, type DurationMs, type EpochMs } from '../time.ts';
import { civilDate, daysInMonth, dayNumber, type CivilDate } from './civil-date.ts';

/**
 * A cron expression taken apart: every field is the ascending list of the values it allows, and a time matches when
 * all six fields allow it (as in node-cron: day of month and day of week must both match). Parsing is the config's
 * work; this file only answers when it fires next.
 */
export interface ParsedCron {
  readonly expression: string;
  /** IANA time zone, e.g. `America/Sao_Paulo`. */
  readonly timezone: string;
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31, `L` (last day of the month), `LW` (last weekday) or e.g. `15W` (the weekday nearest to the 15th). */
  readonly daysOfMonth: readonly (number | string)[];
  readonly months: readonly number[];
  /** 0 (Sunday) to 6, `5L` (the month's last Friday) or `5#2` (its second Friday). */
  readonly daysOfWeek: readonly (number | string)[];
}

/** Offset of a time zone from UTC at an instant: local time = UTC + offset. */
export type ZoneOffset = (timezone: string, at: EpochMs) => DurationMs;

const DAY_MS = 24 * HOUR;
/** No place has moved its clocks by more than this since cron exists, nor twice within a day. */
const LONGEST_SHIFT = 3 * HOUR;
/** 29 February on a given weekday comes back after 28 years at most, 40 across a century without a leap day. */
const HORIZON_DAYS = 41 * 366;

/**
 * The first time after `after` at which `cron` fires; null if it never does.
 *
 * When clocks go forward, a time that is skipped fires at the moment of the change. When they go back, an expression
 * with fixed hours fires in the first of the two equal hours only, one for every hour fires in both. (node-cron 4.6
 * alone stays silent for the whole repeated hour and skips what falls into the missing one.)
 */
export function nextFire(cron: ParsedCron, after: EpochMs, zone: ZoneOffset): EpochMs | null {
  const offsetAt = (at: EpochMs): DurationMs => zone(cron.timezone, at);
  let from = Math.floor(after / SECOND) * SECOND + SECOND;
  for (;;) {
    from = pastRepeatedHour(cron, from, offsetAt);
    const offset = offsetAt(from);
    const local = nextLocal(cron, from + offset);
    if (local === null) return null;
    const candidate = local - offset;
    if (candidate - from > DAY_MS + LONGEST_SHIFT) {
      // Only a change of offset within the last day before the candidate matters to it.
      from = candidate - DAY_MS;
      continue;
    }
    const newOffset = offsetAt(candidate);
    if (newOffset === offset) return candidate;
    const change = firstChange(from, candidate, offsetAt);
    if (candidate < change) return candidate;
    if (local < change + newOffset) return change;
    from = change;
  }
}

/** For fixed hours: `from`, or the end of the hour that clocks are showing for the second time. */
function pastRepeatedHour(cron: ParsedCron, from: EpochMs, offsetAt: (at: EpochMs) => DurationMs): EpochMs {
  if (cron.hours.length === 24) return from;
  const before = offsetAt(from - LONGEST_SHIFT);
  const repeated = before - offsetAt(from);
  if (repeated <= 0) return from;
  return Math.max(from, firstChange(from - LONGEST_SHIFT, from, offsetAt) + repeated);
}

/** The first instant in (`from`, `to`] with another offset than `from`; the two ends must differ. */
function firstChange(from: EpochMs, to: EpochMs, offsetAt: (at: EpochMs) => DurationMs): EpochMs {
  const offset = offsetAt(from);
  let low = Math.floor(from / SECOND);
  let high = Math.ceil(to / SECOND);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND) === offset) low = middle;
    else high = middle;
  }
  return high * SECOND;
}

/** The first matching local time at or after `local` (milliseconds since 1970 on the local clock). */
function nextLocal(cron: ParsedCron, local: EpochMs): EpochMs | null {
  const firstDay = Math.floor(local / DAY_MS);
  for (let day = firstDay; day < firstDay + HORIZON_DAYS; day += 1) {
    const date = civilDate(day);
    if (!cron.months.includes(date.month)) {
      day = dayNumber({ ...date, day: daysInMonth(date) });
      continue;
    }
    if (!matchesDay(cron, date)) continue;
    const time = nextTimeOfDay(cron, day === firstDay ? local - day * DAY_MS : 0);
    if (time !== null) return day * DAY_MS + time;
  }
  return null;
}

/** The first matching time of day at or after `from`; milliseconds since midnight. */
function nextTimeOfDay(cron: ParsedCron, from: DurationMs): DurationMs | null {
  const wanted = Math.ceil(from / SECOND);
  const [hour, minute, second] = [Math.floor(wanted / 3600), Math.floor(wanted / 60) % 60, wanted % 60];
  const [firstMinute, firstSecond] = [cron.minutes[0] ?? 0, cron.seconds[0] ?? 0];
  const at = (h: number, m: number, s: number): DurationMs => ((h * 60 + m) * 60 + s) * SECOND;
  if (cron.hours.includes(hour)) {
    if (cron.minutes.includes(minute)) {
      const laterSecond = cron.seconds.find((value) => value >= second);
      if (laterSecond !== undefined) return at(hour, minute, laterSecond);
    }
    const laterMinute = cron.minutes.find((value) => value > minute);
    if (laterMinute !== undefined) return at(hour, laterMinute, firstSecond);
  }
  const laterHour = cron.hours.find((value) => value > hour);
  return laterHour === undefined ? null : at(laterHour, firstMinute, firstSecond);
}

/** Whether some date can satisfy the expression's day and month fields; one that cannot never fires. */
export function canFire(cron: ParsedCron): boolean {
  return nextLocal(cron, 0) !== null;
}

function matchesDay(cron: ParsedCron, date: CivilDate): boolean {
  return (
    cron.daysOfMonth.some((rule) => matchesDayOfMonth(rule, date)) &&
    cron.daysOfWeek.some((rule) => matchesDayOfWeek(rule, date))
  );
}

function matchesDayOfMonth(rule: number | string, date: CivilDate): boolean {
  if (typeof rule === 'number') return rule === date.day;
  const last = daysInMonth(date);
  if (rule === 'L') return date.day === last;
  if (rule === 'LW') return date.day === nearestWeekday(date, last);
  const day = Number.parseInt(rule, 10);
  return day <= last && date.day === nearestWeekday(date, day);
}

/** The weekday (Monday to Friday) nearest to a day, never leaving its month: the meaning of `15W`. */
function nearestWeekday(date: CivilDate, day: number): number {
  const weekday = weekdayOf({ ...date, day });
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === daysInMonth(date) ? day - 2 : day + 1;
  return day;
}

function matchesDayOfWeek(rule: number | string, date: CivilDate): boolean {
  const weekday = weekdayOf(date);
  if (typeof rule === 'number') return rule === weekday;
  if (Number.parseInt(rule, 10) % 7 !== weekday) return false;
  if (rule.endsWith('L')) return date.day + 7 > daysInMonth(date);
  return Math.ceil(date.day / 7) === Number.parseInt(rule.slice(rule.indexOf('#') + 1), 10);
}

/** 0 is Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(date: CivilDate): number {
  return (((dayNumber(date) + 4) % 7) + 7) % 7;
}
