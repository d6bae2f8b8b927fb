import { spreadOver } from '../../core/instance/instance.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import type { Account } from '../fleet/account.ts';
import type { RequestLimiter } from '../fleet/request-limiter.ts';

/** The least time between two slots. */
const LEAST_SLOT: DurationMs = 50;
/** At most this many instances share a slot, within the account's limits; more per slot saves hardly anything. */
const BATCH = 25;
/** An interval has at least this many slots, so that the gateway sees no rounds. */
const LEAST_SLOTS = 4;

/** The limits of an account that determine its slots. */
export type SharedLimits = Pick<Account, 'size'> & { readonly requests: Pick<RequestLimiter, 'atOnce'> };

/**
 * The time between the slots of an account's probes. Probes that share a slot are sent and read together: a process
 * that wakes up for each probe spends more on waking up than on probing (`npm run bench growth`).
 */
export function slotOf({ size, requests }: SharedLimits, every: DurationMs): DurationMs {
  const perSlot = Math.min(BATCH, requests.atOnce);
  const ideal = Math.min((every * perSlot) / size, every / LEAST_SLOTS);
  // It doubles, so that slots stay the same when the fleet grows a little.
  return ideal < LEAST_SLOT ? LEAST_SLOT : LEAST_SLOT * powerOfTwo(ideal / LEAST_SLOT);
}

/** The largest that is not larger than `most`, which is from 1 to 2 ** 31. */
function powerOfTwo(most: number): number {
  return (2 ** 31) >>> Math.clz32(most);
}

/** An instance's own slot within a span; slots lie `slot` apart. */
export function slotWithin(seed: number, span: DurationMs, slot: DurationMs = LEAST_SLOT): DurationMs {
  const offset = spreadOver(seed, span);
  return offset - (offset % slot);
}

/**
 * The wait of an instance's first probe, where the first probes of many are spread over a window: in the order of their
 * next places on the grid of the interval, which is anchored at the epoch. So none waits for longer than until its place
 * on the grid comes, and where the owner of an account changes again and again, each begins where the one before it
 * stopped, instead of probing the same ones first.
 */
export function firstWait(seed: number, window: DurationMs, every: DurationMs, now: EpochMs): DurationMs {
  const untilNext = every - ((now + every - spreadOver(seed, every)) % every);
  const wait = untilNext * Math.min(1, window / every);
  return wait - (wait % LEAST_SLOT);
}
