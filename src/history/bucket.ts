/** What an instance can be at one time, for its availability. */
export const TIME_CLASSES = ['healthy', 'failing', 'needsHuman', 'unknown', 'paused'] as const;
export type TimeClass = (typeof TIME_CLASSES)[number];

/** What is recorded of one instance, or of several together, for an hour or a day. Lengths of time are seconds. */
export interface Bucket extends Readonly<Record<TimeClass, number>> {
  /** Restart calls. */
  readonly restarts: number;
  /** Restarts after which it was healthy again. */
  readonly healings: number;
  /** How long those took, all together. */
  readonly healSeconds: number;
  /** Mean time that the gateway took for an answer, in milliseconds; null: it gave none. */
  readonly latency: number | null;
}

export const EMPTY: Bucket = {
  healthy: 0,
  failing: 0,
  needsHuman: 0,
  unknown: 0,
  paused: 0,
  restarts: 0,
  healings: 0,
  healSeconds: 0,
  latency: null,
};

/** Seconds that are recorded. */
export function recorded(bucket: Bucket): number {
  return countedOf(bucket) + bucket.paused;
}

/** All of them as one. The latency is the mean of theirs, each counted alike. */
export function sumOf(buckets: Iterable<Bucket>): Bucket {
  const sum = { ...EMPTY, latency: 0 };
  let answered = 0;
  for (const bucket of buckets) {
    for (const each of TIME_CLASSES) sum[each] += bucket[each];
    sum.restarts += bucket.restarts;
    sum.healings += bucket.healings;
    sum.healSeconds += bucket.healSeconds;
    if (bucket.latency === null) continue;
    sum.latency += bucket.latency;
    answered += 1;
  }
  return { ...sum, latency: answered === 0 ? null : sum.latency / answered };
}

/** Seconds that availability is a part of: pauses and maintenance are left out. */
export function countedOf({ healthy, failing, needsHuman, unknown }: Bucket): number {
  return healthy + failing + needsHuman + unknown;
}

/**
 * The part of the time in which it was known to be healthy, from 0 to 1. Time in which nothing was known counts as not
 * available; null: there is nothing but pauses and maintenance.
 */
export function availabilityOf(bucket: Bucket): number | null {
  const counted = countedOf(bucket);
  return counted <= 0 ? null : bucket.healthy / counted;
}
