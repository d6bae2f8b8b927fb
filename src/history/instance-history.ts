import { EMPTY, recorded, sumOf, type Bucket } from './bucket.ts';
import { DAY, HOUR, SECOND } from '../core/time.ts';
import type { Calendar } from './calendar.ts';
import type { PastProbe } from '../runtime/fleet/probe-history.ts';

export const SECONDS_OF_HOUR = HOUR / SECOND;
export const HOURS_OF_DAY = DAY / HOUR;
/** Days that are kept, with the current one. */
export const DAYS_KEPT = 90;
/** Hours that are kept, with the current one: those of the longest day, of 25 hours, and the ones that 24 hours reach back to. */
export const HOURS_KEPT = HOURS_OF_DAY + 1;

/** The past of one instance. Hours are those of UTC, days those of a calendar, in whole hours. */
export interface InstanceHistory {
  /** End of what is recorded, in seconds since 1970; 0: nothing is. */
  readonly until: number;
  /** It was not watched after that, so the time since then counts as nothing. */
  readonly left: boolean;
  /** Oldest first, at most HOURS_KEPT; the last one is the hour that ends with or contains `until`. */
  readonly hours: readonly Bucket[];
  /** How many of the last hours are in none of `days` yet. */
  readonly open: number;
  /** Oldest first, at most DAYS_KEPT - 1; each is there once it is over. */
  readonly days: readonly Bucket[];
  /** The last of `days`, counted from 1970; 0: there is none. */
  readonly lastDay: number;
  /** The last probes, oldest first. */
  readonly probes: readonly PastProbe[];
}

/** The past of one instance, or of several together, for those who look at it. */
export interface Past extends Pick<InstanceHistory, 'until' | 'hours'> {
  /** Oldest first, at most DAYS_KEPT, with the current one as the last. */
  readonly days: readonly Bucket[];
  /** The current one, counted from 1970. */
  readonly today: number;
}

export const NO_HISTORY: InstanceHistory = {
  ...{ until: 0, left: true, hours: [], open: 0, days: [], lastDay: 0, probes: [] },
};

export const NO_PAST: Past = { until: 0, hours: [], days: [], today: 0 };

export interface Seen {
  readonly from: number;
  readonly to: number;
  readonly left: boolean;
}

/** The hour, counted from 1970, that ends with or contains this second. */
export function hourEnding(second: number): number {
  return Math.floor((second - 1) / SECONDS_OF_HOUR);
}

/**
 * Adds what was seen within one hour. Where nothing was recorded before that, nothing is known of the time between; if
 * the clock was set back, the hours stay as they are and the last one takes what is added.
 *
 * @param span when it was seen, in seconds since 1970; `left`: it is not watched after that
 */
export function record(
  history: InstanceHistory,
  seen: Bucket,
  { from, to, left }: Seen,
  calendar: Calendar,
): InstanceHistory {
  const known = forwarded(history, from, calendar);
  const moved = moveTo(known, Math.max(to, known.until), calendar);
  const last = moved.hours.at(-1) ?? EMPTY;
  return { ...moved, left, hours: [...moved.hours.slice(0, -1), merged(last, seen)] };
}

/** The same history as it is at `to`, in seconds, when nothing more was seen. */
export function forwarded(history: InstanceHistory, to: number, calendar: Calendar): InstanceHistory {
  if (history.until === 0 || to <= history.until) return history;
  if (history.left) return moveTo(history, to, calendar);
  let next = history;
  const oldest = to - DAYS_KEPT * (DAY / SECOND);
  if (next.until < oldest) next = moveTo(next, oldest, calendar);
  while (next.until < to) {
    const end = Math.min(to, (hourEnding(next.until + 1) + 1) * SECONDS_OF_HOUR);
    const unknown = end - next.until;
    next = moveTo(next, end, calendar);
    const last = next.hours.at(-1) ?? EMPTY;
    next = { ...next, hours: [...next.hours.slice(0, -1), { ...last, unknown: last.unknown + unknown }] };
  }
  return next;
}

/** What is known, with the current day. */
export function pastOf(history: InstanceHistory, calendar: Calendar): Past {
  const { until, hours } = history;
  if (until === 0) return NO_PAST;
  const last = hourEnding(until);
  const date = calendar.dayOf(last);
  const settled = closed(history, { last, today: date, most: HOURS_KEPT }, calendar);
  const today = Math.max(date, settled.lastDay);
  const current = sumOf(hours.slice(hours.length - settled.open));
  return { until, hours, today, days: withDay(settled, today, current, DAYS_KEPT) };
}

/** The pasts of several instances as one. All of them must be as of the same hour. */
export function together(pasts: readonly Past[]): Past {
  const known = pasts.filter(({ until }) => until > 0);
  const latest = (of: (past: Past) => number): number => known.reduce((most, past) => Math.max(most, of(past)), 0);
  return {
    until: latest(({ until }) => until),
    hours: alignedSums(known.map(({ hours }) => hours)),
    days: alignedSums(known.map(({ days }) => days)),
    today: latest(({ today }) => today),
  };
}

/** Sums by position from the end. */
function alignedSums(lists: readonly (readonly Bucket[])[]): readonly Bucket[] {
  const length = lists.reduce((longest, list) => Math.max(longest, list.length), 0);
  return Array.from({ length }, (_, index) => sumOf(lists.flatMap((list) => list[list.length - length + index] ?? [])));
}

/** Opens further hours up to that of `to`; days that are over are summed up. */
function moveTo(history: InstanceHistory, to: number, calendar: Calendar): InstanceHistory {
  const target = hourEnding(to);
  if (history.until === 0) return { ...history, until: to, hours: [EMPTY], open: 1 };
  const from = hourEnding(history.until);
  if (target - from > DAYS_KEPT * HOURS_OF_DAY)
    return { ...history, until: to, hours: [EMPTY], open: 1, days: [], lastDay: 0 };
  let next = history;
  for (let hour = from + 1; hour <= target; hour += 1) {
    next = closed(next, { last: hour - 1, today: calendar.dayOf(hour), most: HOURS_KEPT - 1 }, calendar);
    next = { ...next, hours: [...next.hours, EMPTY].slice(-HOURS_KEPT), open: next.open + 1 };
  }
  return { ...next, until: to };
}

/**
 * Adds open hours to their days where these are over, or where there are more than `most`. After a change of the time zone an
 * hour may be of a day that is summed up already: then it is added to the last one, so that none counts twice or is lost.
 *
 * @param last the hour at the end of `hours`
 */
function closed(
  history: InstanceHistory,
  { last, today, most }: { readonly last: number; readonly today: number; readonly most: number },
  calendar: Calendar,
): InstanceHistory {
  const { hours, open } = history;
  const over = new Map<number, Bucket[]>();
  let left = open;
  for (; left > 0; left -= 1) {
    const day = calendar.dayOf(last - left + 1);
    if (day >= today && left <= most) break;
    const counted = Math.max(day, history.lastDay);
    over.set(counted, [...(over.get(counted) ?? []), hours.at(-left) ?? EMPTY]);
  }
  if (left === open) return history;
  let { days, lastDay } = history;
  for (const [day, buckets] of over) {
    days = withDay({ days, lastDay }, day, sumOf(buckets), DAYS_KEPT - 1);
    lastDay = day;
  }
  return { ...history, open: left, days, lastDay };
}

/** @param kept most days that stay */
function withDay(
  { days, lastDay }: Pick<InstanceHistory, 'days' | 'lastDay'>,
  day: number,
  bucket: Bucket,
  kept: number,
): readonly Bucket[] {
  const last = days.at(-1);
  if (last === undefined) return [bucket];
  if (day <= lastDay) return [...days.slice(0, -1), merged(last, bucket)];
  // Where a zone crosses the date line, a day may be missing.
  const missing = Array<Bucket>(Math.min(DAYS_KEPT, day - lastDay - 1)).fill(EMPTY);
  return [...days, ...missing, bucket].slice(-kept);
}

function merged(before: Bucket, seen: Bucket): Bucket {
  if (before.latency === null || seen.latency === null)
    return { ...sumOf([before, seen]), latency: before.latency ?? seen.latency };
  const [first, second] = [recorded(before), recorded(seen)];
  const weights = first + second;
  const latency = weights === 0 ? seen.latency : (before.latency * first + seen.latency * second) / weights;
  return { ...sumOf([before, seen]), latency };
}
