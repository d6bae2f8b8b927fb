import type { InstanceState } from '../instance/instance.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import { firstOf, sizeOf, valueOf, withEntry, withoutEntry, type SortedMap } from './sorted-map.ts';
import { counted, EMPTY_TALLY, failedOnce, healthClassOf, isSick, type HealthClass, type Tally } from './tally.ts';

/**
 * The instances of a group by health. One that has been exhausted for long is dead: it says nothing new about the
 * group, so it leaves the tally, through the rare restarts that are still tried, until it is well or needs a human. So it
 * does not block the living.
 */
export interface Census {
  readonly tally: Tally;
  /** The sick ones that have failed only once. */
  readonly once: number;
  /** The exhausted ones in the tally, ranked by when they became so. */
  readonly exhausted: SortedMap<HealthClass>;
  readonly dead: SortedMap<null>;
}

export const NOBODY: Census = { tally: EMPTY_TALLY, once: 0, exhausted: null, dead: null };

/** All that are watched, dead or not. */
export function population({ tally, dead }: Census): number {
  return tally.watched + sizeOf(dead);
}

/** The sick ones about which something is still being tried. */
export function freshlySick({ tally, exhausted }: Census): number {
  return tally.sick - sizeOf(exhausted);
}

/** The census after an instance changed from one state to another; null: it was, or is, not watched. */
export function recounted(
  census: Census,
  key: string,
  before: InstanceState | null,
  after: InstanceState | null,
): Census {
  if (isDead(census, key)) {
    if (after !== null && isSick(after)) return census;
    return withOne({ ...census, dead: withoutEntry(census.dead, key) }, key, after);
  }
  const from = before === null ? null : healthClassOf(before);
  const to = after === null ? null : healthClassOf(after);
  const wasExhausted = before?.phase === 'exhausted';
  const stays = wasExhausted ? before.since === after?.since : after?.phase !== 'exhausted';
  const isBlip = before !== null && failedOnce(before);
  if (from === to && stays && isBlip === (after !== null && failedOnce(after))) return census;
  if (before === null || from === null) return withOne(census, key, after);
  const exhausted = withoutEntry(census.exhausted, key, before.since);
  const once = census.once - (isBlip ? 1 : 0);
  return withOne({ ...census, tally: counted(census.tally, from, -1), once, exhausted }, key, after);
}

export function isDead({ dead }: Census, key: string): boolean {
  return valueOf(dead, key) !== undefined;
}

/** The census with those dead that have been exhausted for `deadAfter`. */
export function mourned(census: Census, deadAfter: DurationMs, now: EpochMs): Census {
  let { tally, exhausted, dead } = census;
  for (let first = firstOf(exhausted); first !== null && first.rank + deadAfter <= now; first = firstOf(exhausted)) {
    tally = counted(tally, first.value, -1);
    exhausted = withoutEntry(exhausted, first.key, first.rank);
    dead = withEntry(dead, first.key, null);
  }
  return dead === census.dead ? census : { ...census, tally, exhausted, dead };
}

/** When the next one is dead by time alone; infinite: none is exhausted. */
export function nextDeathAt({ exhausted }: Census, deadAfter: DurationMs): EpochMs {
  const first = firstOf(exhausted);
  return first === null ? Number.POSITIVE_INFINITY : first.rank + deadAfter;
}

function withOne(census: Census, key: string, state: InstanceState | null): Census {
  if (state === null) return census;
  const health = healthClassOf(state);
  const tally = counted(census.tally, health, 1);
  const once = census.once + (failedOnce(state) ? 1 : 0);
  if (state.phase !== 'exhausted') return { ...census, tally, once };
  return { ...census, tally, once, exhausted: withEntry(census.exhausted, key, health, state.since) };
}
