import { DAY, SECOND } from '../core/time.ts';
import { sumOf, type Bucket } from './bucket.ts';
import { HOURS_OF_DAY, hourEnding, type Past } from './instance-history.ts';

/** The lengths of time that availability is given for; the current hour or day counts as one. */
export const SPANS = ['24h', '7d', '30d', '90d'] as const;
export type Span = (typeof SPANS)[number];

const DAYS: Readonly<Record<Exclude<Span, '24h'>, number>> = { '7d': 7, '30d': 30, '90d': 90 };

/** A day, such as 2026-11-29, a month, such as 2026-11, or the beginning of an hour, with what is recorded of it. */
export interface Dated {
  readonly date: string;
  readonly bucket: Bucket;
}

export function spanOf(past: Past, span: Span): Bucket {
  return span === '24h' ? sumOf(past.hours.slice(-HOURS_OF_DAY)) : sumOf(past.days.slice(-DAYS[span]));
}

/** Every day, oldest first, with the current one as the last. */
export function datedDays({ days, today }: Past): readonly Dated[] {
  return days.map((bucket, index) => ({
    date: new Date((today - (days.length - 1 - index)) * DAY).toISOString().slice(0, 10),
    bucket,
  }));
}

/** Every hour, oldest first; the date is its beginning. */
export function datedHours({ hours, until }: Past): readonly Dated[] {
  const current = hourEnding(until);
  return hours.map((bucket, index) => ({
    date: new Date((current - (hours.length - 1 - index)) * (DAY / HOURS_OF_DAY)).toISOString(),
    bucket,
  }));
}

/** Every month, oldest first, as far as its days are kept. */
export function datedMonths(past: Past): readonly (Dated & { readonly days: number })[] {
  const months = new Map<string, Bucket[]>();
  for (const { date, bucket } of datedDays(past)) {
    const month = date.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), bucket]);
  }
  return [...months].map(([date, buckets]) => ({ date, bucket: sumOf(buckets), days: buckets.length }));
}

/** Mean seconds to heal; null: nothing healed. */
export function timeToHeal({ healings, healSeconds }: Bucket): number | null {
  return healings === 0 ? null : healSeconds / healings;
}

/** Mean seconds of an answer; null: there was none. */
export function latencyOf({ latency }: Bucket): number | null {
  return latency === null ? null : latency / SECOND;
}
