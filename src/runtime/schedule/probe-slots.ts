import { spreadOver } from '../../core/instance/instance.ts';
import type { DurationMs } from '../../core/time.ts';

/** The least time between two slots. */
const LEAST_SLOT: DurationMs = 50;
/** At most this many instances share a slot, within the account's limits; more per slot saves hardly anything. */
const BATCH = 25;
/** An interval has at least this many slots, so that the gateway sees no rounds. */
const LEAST_SLOTS = 4;

/** The limits of an account that determine its slots. */
export interface SharedLimits {
  /** How many instances are probed over it. */
  readonly size: number;
  readonly requests: {
    /** See `RequestLimiter.atOnce`. */
    readonly atOnce: number;
  };
}

/**
 * The time between the slots of an account's probes. Probes that share a slot are sent and read together: a process
 * that wakes up for each probe spends more on waking up than on probing (`npm run bench growth`).
 */
export function slotOf({ size, requests }: SharedLimits, every: DurationMs): DurationMs {
  const perSlot = Math.min(BATCH, requests.atOnce);
  const ideal = Math.min((every * perSlot) / size, every / LEAST_SLOTS);
  // It doubles, so that slots stay the same when the fleet grows a little.
  return ideal < LEAST_SLOT ? LEAST_SLOT : LEAST_SLOT * 2 ** Math.floor(Math.log2(ideal / LEAST_SLOT));
}

/** An instance's own slot within a span; slots lie `slot` apart. */
export function slotWithin(seed: number, span: DurationMs, slot: DurationMs = LEAST_SLOT): DurationMs {
  const offset = spreadOver(seed, span);
  return offset - (offset % slot);
}
