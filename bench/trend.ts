import { median } from './measure.ts';

/** Something that was measured repeatedly. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  /** Most that it may grow in ten minutes and still count as flat. */
  readonly allowed: number;
  readonly values: readonly number[];
}

export interface Growth {
  readonly series: Series;
  /** In ten minutes. */
  readonly growth: number;
  readonly flat: boolean;
}

/** The first third is not judged: caches, histories and pools fill up to their limits then. */
const WARM_UP = 1 / 3;
const TEN_MINUTES_MS = 600_000;

/** @param times When each value was taken, in milliseconds */
export function growthOf(series: Series, times: readonly number[]): Growth {
  const from = Math.floor(times.length * WARM_UP);
  const growth = slope(times.slice(from), series.values.slice(from)) * TEN_MINUTES_MS;
  return { series, growth, flat: growth <= series.allowed };
}

/**
 * The median of the slopes between all pairs of points (Theil and Sen), which a few wild values cannot tilt. NaN
 * without any pair.
 */
export function slope(xs: readonly number[], ys: readonly number[]): number {
  const slopes = xs.flatMap((x, index) =>
    xs.slice(index + 1).map((other, offset) => {
      const rise = (ys[index + 1 + offset] ?? Number.NaN) - (ys[index] ?? Number.NaN);
      return rise / (other - x);
    }),
  );
  return median(slopes);
}
