import type { AccountEvent } from '../event.ts';
import { NONE } from '../instance/instance.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import { entriesOf, valueOf, withEntry, withoutEntry, type SortedMap } from './sorted-map.ts';
import {
  CALM,
  isStorm,
  stormAfterCount,
  stormAfterEffect,
  stormAfterRestart,
  type Shown,
  type Storm,
} from './storm.ts';

/** How many instances are sick, of how many, and how many may be before it is a storm. */
export interface SickCount {
  readonly sick: number;
  readonly watched: number;
  readonly allowed: number;
  /** The sick ones that have failed only once. */
  readonly once: number;
  /** Those that are not exhausted: what has been tried in vain for long is no news. */
  readonly fresh: number;
  readonly freshAllowed: number;
}

/** Whether too many are sick for single restarts; `more`: count this many in addition. */
function isTooMany({ sick, allowed, fresh, freshAllowed }: SickCount, more = 0): boolean {
  return sick + more > allowed && fresh + more > freshAllowed;
}

/** Whether there are too many also without those that may have lost a single probe: a person can be notified of that. */
function isSure({ sick, once, allowed }: SickCount): boolean {
  return sick - once > allowed;
}

/** A group's way through its storms, and the restarts that have not shown their effect yet. */
export interface GroupStorm {
  readonly storm: Storm;
  /** Whether this storm was published. */
  readonly announced: boolean;
  /** It is not published yet, because some may only have lost a probe. */
  readonly unsure: boolean;
  /**
   * When the watchdog stops waiting for the effect of each restart of a sick instance, which may never show any. A
   * restart in flight when a storm, or this process, begins is the canary.
   */
  readonly unshown: SortedMap<EpochMs>;
}

export const NO_STORM: GroupStorm = { storm: CALM, announced: false, unsure: false, unshown: null };

/** A storm after a change, and what to publish of it. */
interface Changed {
  readonly storm: GroupStorm;
  readonly events: readonly AccountEvent[];
}

/**
 * Whether a restart would be part of a storm that was not noticed yet, or make one worse. Restarting a healthy instance
 * makes it sick for a while, so it counts as sick here. Its return says nothing about the sick instances, so it cannot
 * be a canary.
 */
export function isMadeWorseBy({ storm }: GroupStorm, isWell: boolean, count: SickCount): boolean {
  return isTooMany(count, isWell ? 1 : 0) && (isWell || storm.mode === 'calm');
}

/** A sick instance is being restarted; the watchdog waits for the effect until `giveUpAt`. */
export function withUnshown(before: GroupStorm, key: string, giveUpAt: EpochMs): GroupStorm {
  const { storm, unshown } = before;
  return {
    ...before,
    unshown: withEntry(unshown, key, giveUpAt),
    storm: stormAfterRestart(storm, key, giveUpAt),
  };
}

/** A restart showed its effect, or that it has none. */
export function withShown(before: GroupStorm, key: string, shown: Shown, cooldown: DurationMs, now: EpochMs): Changed {
  const wasSick = valueOf(before.unshown, key) !== undefined;
  if (shown === 'healed' && !wasSick) return { storm: before, events: NONE };
  const mayHeal = shown === 'given_up' && wasSick;
  const unshown = mayHeal ? withEntry(before.unshown, key, now) : withoutEntry(before.unshown, key);
  const storm = stormAfterEffect(before.storm, key, shown, cooldown, now);
  const isPacedNow = storm.mode === 'paced' && before.storm.mode !== 'paced';
  return {
    storm: withCanary({ ...before, unshown, storm }, now),
    events: before.announced && isPacedNow ? [{ type: 'storm_paced' }] : NONE,
  };
}

/**
 * The storm after a look at how many are sick.
 *
 * @param explained the gateway itself is sick, or may still turn out to be: a storm that begins then is part of that
 *   incident, and is announced only if it holds or precedes a restart
 */
export function withCount(
  before: GroupStorm,
  count: SickCount,
  explained: boolean,
  cooldown: DurationMs,
  now: EpochMs,
): Changed {
  const after = stormAfterCount(before.storm, isTooMany(count), before.announced ? cooldown : 0, now);
  const isNews = isStorm(after) && !explained && (before.unsure || !isStorm(before.storm));
  const storm = withCanary({ ...before, storm: after, unsure: isNews && !isSure(count) }, now);
  const began = isNews ? withAnnouncement(storm, count) : { storm, events: NONE };
  if (!began.storm.announced || isStorm(after)) return began;
  const quietUntil = after.mode === 'quiet' ? after.until : null;
  return {
    storm: { ...began.storm, announced: false },
    events: [...began.events, { type: 'storm_ended', quietUntil }],
  };
}

/** Once it is sure, a storm is announced, also an explained one if a restart is made in it, or held because of it alone. */
export function withAnnouncement(storm: GroupStorm, count: SickCount): Changed {
  if (storm.announced || !isStorm(storm.storm) || !isSure(count)) return { storm, events: NONE };
  const { sick, watched, allowed } = count;
  return {
    storm: { ...storm, announced: true, unsure: false },
    events: [{ type: 'storm_began', sick, watched, allowed }],
  };
}

/** When time alone may change how many restarts may begin; infinite: it does not. */
export function stormChangesAt({ storm }: GroupStorm, now: EpochMs): EpochMs {
  if (storm.mode === 'calm' || storm.mode === 'paced') return Number.POSITIVE_INFINITY;
  const at = storm.mode === 'quiet' ? storm.until : (storm.giveUpAt ?? storm.notBefore);
  return at > now ? at : Number.POSITIVE_INFINITY;
}

/** The restart that began last becomes the canary, so that none is in flight when the next one may go. */
function withCanary(state: GroupStorm, now: EpochMs): GroupStorm {
  const { storm, unshown } = state;
  if (unshown === null || storm.mode !== 'canary' || storm.canary !== null) return state;
  const [last] = [...entriesOf(unshown)].sort((one, other) => other.value - one.value);
  if (last === undefined || last.value <= now) return state;
  return { ...state, storm: stormAfterRestart(storm, last.key, last.value) };
}
