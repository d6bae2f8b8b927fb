import { spreadOver } from '../../core/instance/instance.ts';
import type { DurationMs } from '../../core/time.ts';

/** The least time between two places. */
const LEAST_SLOT: DurationMs = 50;
/** So many share a place, if the account's limits let so many go at once; with more it costs hardly less for each. */
const BATCH = 25;
/** However few share them, an interval has so many places, so that whoever looks at the gateway sees no rounds. */
const LEAST_SLOTS = 4;

/** An account, as far as places are concerned. */
export interface SharedLimits {
  /** How many instances are probed over it. */
  readonly size: number;
  readonly requests: {
    /** See `Lane.atOnce`. */
    readonly atOnce: number;
  };
}

/**
 * How far apart the places lie that the probes of an account have in an interval. All who share one are sent and read
 * together: a process that wakes up for each probe spends more on waking up than on probing (`npm run bench growth`).
 */
export function slotOf({ size, requests }: SharedLimits, every: DurationMs): DurationMs {
  const company = Math.min(BATCH, requests.atOnce);
  const wanted = Math.min((every * company) / size, every / LEAST_SLOTS);
  // It doubles, so that nobody's place changes when the fleet grows a little.
  return wanted < LEAST_SLOT ? LEAST_SLOT : LEAST_SLOT * 2 ** Math.floor(Math.log2(wanted / LEAST_SLOT));
}

/** An instance's own place within a span: one of those that lie a slot apart. */
export function slotWithin(seed: number, span: DurationMs, slot: DurationMs = LEAST_SLOT): DurationMs {
  const place = spreadOver(seed, span);
  return place - (place % slot);
}
