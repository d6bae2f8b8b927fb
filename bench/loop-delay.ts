import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  /** The longest time during which the process did nothing else. */
  readonly worst: number;
}

const RESOLUTION_MS = 1;

/** Watches the event loop until the result is called, which says by how many milliseconds it was late. */
export function watchEventLoop(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // The histogram holds the time between two beats of its timer, of which one is not delay.
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return () => {
    histogram.disable();
    return {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      worst: late(histogram.max),
    };
  };
}
