import { DAY, HOUR, SECOND, type DurationMs, type EpochMs } from '../time.ts';

/**
 * When a cron expression fires next. node-cron parses the expression (`src/config/schema/cron.ts`); this file only
 * computes, because no library keeps both promises of the documentation about clock changes. node-cron 4.6 is silent through
 * the repeated hour and skips what falls into the missing one. croner 11.0 skips what falls into the missing hour
 * unless hour, minute and second are each a single value, and fires `0,30 1-3 * * *` in both of the equal hours.
 * The tests under "when clocks change" fail with either of them.
 */

/**
 * A cron expression, parsed. Every field is the ascending list of the values it allows. A time matches when all six
 * fields allow it; as in node-cron, day of month and day of week must both match.
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

/** No clock change has been longer than this since cron exists, and none came twice within a day. */
const LONGEST_SHIFT = 3 * HOUR;
/** 29 February falls on a given weekday every 28 years, or after 40 years across a century without a leap day. */
const HORIZON_DAYS = 41 * 366;

/**
 * The first time after `after` at which `cron` fires; null if it never does.
 *
 * When clocks go forward, a time that is skipped fires at the moment of the change. When they go back, an expression
 * with fixed hours fires only in the first of the two equal hours; one for every hour fires in both.
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
    if (candidate - from > DAY + LONGEST_SHIFT) {
      // Only a change of offset within the last day before the candidate matters to it.
      from = candidate - DAY;
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

/** For fixed hours: the end of the hour that clocks show for the second time at `from`; otherwise `from`. */
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
  const firstDay = Math.floor(local / DAY);
  for (let day = firstDay; day < firstDay + HORIZON_DAYS; day += 1) {
    const date = new Date(day * DAY);
    if (!cron.months.includes(date.getUTCMonth() + 1)) {
      day += daysInMonth(date) - date.getUTCDate();
      continue;
    }
    if (!matchesDay(cron, date)) continue;
    const time = nextTimeOfDay(cron, day === firstDay ? local - day * DAY : 0);
    if (time !== null) return day * DAY + time;
  }
  return null;
}

/** The first matching time of day at or after `from`; milliseconds since midnight. */
function nextTimeOfDay(cron: ParsedCron, from: DurationMs): DurationMs | null {
  const secondOfDay = Math.ceil(from / SECOND);
  const [hour, minute, second] = [Math.floor(secondOfDay / 3600), Math.floor(secondOfDay / 60) % 60, secondOfDay % 60];
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

function matchesDay(cron: ParsedCron, date: Date): boolean {
  return (
    cron.daysOfMonth.some((rule) => matchesDayOfMonth(rule, date)) &&
    cron.daysOfWeek.some((rule) => matchesDayOfWeek(rule, date))
  );
}

function matchesDayOfMonth(rule: number | string, date: Date): boolean {
  const day = date.getUTCDate();
  if (typeof rule === 'number') return rule === day;
  const last = daysInMonth(date);
  if (rule === 'L') return day === last;
  const target = rule === 'LW' ? last : Number.parseInt(rule, 10);
  return target <= last && day === nearestWeekday(date, target);
}

/** The weekday (Monday to Friday) nearest to a day, never leaving its month: the meaning of `15W`. */
function nearestWeekday(date: Date, day: number): number {
  const weekday = (date.getUTCDay() + 35 + day - date.getUTCDate()) % 7;
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === daysInMonth(date) ? day - 2 : day + 1;
  return day;
}

function matchesDayOfWeek(rule: number | string, date: Date): boolean {
  const weekday = date.getUTCDay();
  if (typeof rule === 'number') return rule === weekday;
  if (Number.parseInt(rule, 10) % 7 !== weekday) return false;
  if (rule.endsWith('L')) return date.getUTCDate() + 7 > daysInMonth(date);
  return Math.ceil(date.getUTCDate() / 7) === Number.parseInt(rule.slice(rule.indexOf('#') + 1), 10);
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
