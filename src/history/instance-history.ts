import { EMPTY, recorded, sumOf, type Bucket } from './bucket.ts';
import { DAY, HOUR, SECOND } from '../core/time.ts';
import type { PastProbe } from '../runtime/fleet/probe-history.ts';

export const SECONDS_OF_HOUR = HOUR / SECOND;
export const HOURS_OF_DAY = DAY / HOUR;
/** Days that are kept, with the current one. */
export const DAYS_KEPT = 90;
/** Hours that are kept, with the current one: 24 whole ones before it, so that a day can be summed up when it is over. */
export const HOURS_KEPT = HOURS_OF_DAY + 1;

/** The past of one instance. Days and hours are those of UTC. */
export interface InstanceHistory {
  /** End of what is recorded, in seconds since 1970; 0: nothing is. */
  readonly until: number;
  /** It was not watched after that, so the time since then counts as nothing. */
  readonly left: boolean;
  /** Oldest first, at most HOURS_KEPT; the last one is the hour that ends with or contains `until`. */
  readonly hours: readonly Bucket[];
  /** Oldest first, at most DAYS_KEPT - 1; the last one is the day before that of the last hour. */
  readonly days: readonly Bucket[];
  /** The last probes, oldest first. */
  readonly probes: readonly PastProbe[];
}

/** The part that several instances can have together. */
export type Past = Pick<InstanceHistory, 'until' | 'hours' | 'days'>;

export const NO_HISTORY: InstanceHistory = { until: 0, left: true, hours: [], days: [], probes: [] };

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
export function record(history: InstanceHistory, seen: Bucket, { from, to, left }: Seen): InstanceHistory {
  const known = forwarded(history, from);
  const moved = moveTo(known, Math.max(to, known.until));
  const last = moved.hours.at(-1) ?? EMPTY;
  return { ...moved, left, hours: [...moved.hours.slice(0, -1), merged(last, seen)] };
}

/** The same history as it is at `to`, in seconds, when nothing more was seen. */
export function forwarded(history: InstanceHistory, to: number): InstanceHistory {
  if (history.until === 0 || to <= history.until) return history;
  if (history.left) return moveTo(history, to);
  let next = history;
  const oldest = to - DAYS_KEPT * (DAY / SECOND);
  if (next.until < oldest) next = moveTo(next, oldest);
  while (next.until < to) {
    const end = Math.min(to, (hourEnding(next.until + 1) + 1) * SECONDS_OF_HOUR);
    const unknown = end - next.until;
    next = moveTo(next, end);
    const last = next.hours.at(-1) ?? EMPTY;
    next = { ...next, hours: [...next.hours.slice(0, -1), { ...last, unknown: last.unknown + unknown }] };
  }
  return next;
}

/** What is known of the current day. */
function today({ hours, until }: Past): Bucket {
  const count = (hourEnding(until) % HOURS_OF_DAY) + 1;
  return sumOf(hours.slice(-count));
}

/** The days, oldest first, with the current one as the last. */
export function allDays(history: Past): readonly Bucket[] {
  return history.until === 0 ? [] : [...history.days, today(history)];
}

/** The histories of several instances as one. All of them must be as of the same hour. */
export function together(histories: readonly Past[]): Past {
  const known = histories.filter(({ until }) => until > 0);
  return {
    until: known.reduce((latest, { until }) => Math.max(latest, until), 0),
    hours: alignedSums(known.map(({ hours }) => hours)),
    days: alignedSums(known.map(({ days }) => days)),
  };
}

/** Sums by position from the end. */
function alignedSums(lists: readonly (readonly Bucket[])[]): readonly Bucket[] {
  const length = lists.reduce((longest, list) => Math.max(longest, list.length), 0);
  return Array.from({ length }, (_, index) => sumOf(lists.flatMap((list) => list[list.length - length + index] ?? [])));
}

/** Opens further hours up to that of `to`; days that are over are summed up. */
function moveTo(history: InstanceHistory, to: number): InstanceHistory {
  const target = hourEnding(to);
  if (history.until === 0) return { ...history, until: to, hours: [EMPTY] };
  let { hours, days } = history;
  const from = hourEnding(history.until);
  if (target - from > DAYS_KEPT * HOURS_OF_DAY) return { ...history, until: to, hours: [EMPTY], days: [] };
  for (let hour = from + 1; hour <= target; hour += 1) {
    if (hour % HOURS_OF_DAY === 0) days = [...days, sumOf(hours.slice(-HOURS_OF_DAY))].slice(1 - DAYS_KEPT);
    hours = [...hours, EMPTY].slice(-HOURS_KEPT);
  }
  return { ...history, until: to, hours, days };
}

function merged(before: Bucket, seen: Bucket): Bucket {
  if (before.latency === null || seen.latency === null)
    return { ...sumOf([before, seen]), latency: before.latency ?? seen.latency };
  const [first, second] = [recorded(before), recorded(seen)];
  const weights = first + second;
  const latency = weights === 0 ? seen.latency : (before.latency * first + seen.latency * second) / weights;
  return { ...sumOf([before, seen]), latency };
}
