import type { DurationMs, EpochMs } from '../time.ts';

/**
 * An account's way through a storm: too many instances are sick to restart them one by one.
 * - `calm`: no storm.
 * - `canary`: one restart at a time, to find out whether restarts help at all.
 * - `paced`: a canary healed, so restarts go on at the account's limits.
 * - `quiet`: the storm has passed; nothing is restarted for a while, and a new storm starts that while again.
 */
export type Storm =
  | { readonly mode: 'calm' }
  | {
      readonly mode: 'canary';
      readonly since: EpochMs;
      /** The instance whose restart is to show whether restarts help; null: none is under way. */
      readonly canary: string | null;
      /** When a canary without a result counts as not healed; it may never give a conclusive answer. */
      readonly giveUpAt: EpochMs | null;
      /** No canary before this: a canary that did not heal is followed by a pause. */
      readonly notBefore: EpochMs;
    }
  | { readonly mode: 'paced'; readonly since: EpochMs }
  | { readonly mode: 'quiet'; readonly until: EpochMs };

export const CALM: Storm = { mode: 'calm' };

export function isStorm(storm: Storm): boolean {
  return storm.mode === 'canary' || storm.mode === 'paced';
}

/**
 * The storm after a change of the tally, or after time has passed.
 *
 * @param tooMany too many instances are sick
 */
export function stormAfterCount(storm: Storm, tooMany: boolean, cooldown: DurationMs, now: EpochMs): Storm {
  switch (storm.mode) {
    case 'calm':
      return tooMany ? canaries(now, now) : storm;
    case 'quiet':
      if (tooMany) return canaries(now, now);
      return now >= storm.until ? CALM : storm;
    case 'canary':
    case 'paced':
      if (!tooMany) return cooldown > 0 ? { mode: 'quiet', until: now + cooldown } : CALM;
      if (storm.mode === 'paced' || storm.giveUpAt === null || now < storm.giveUpAt) return storm;
      return canaries(storm.since, now + cooldown);
  }
}

function canaries(since: EpochMs, notBefore: EpochMs): Storm {
  return { mode: 'canary', since, canary: null, giveUpAt: null, notBefore };
}

/** The storm after a restart of `key` began: in a storm that no restart has healed yet, it is the canary. */
export function stormAfterRestart(storm: Storm, key: string, giveUpAt: EpochMs): Storm {
  return storm.mode === 'canary' && storm.canary === null ? { ...storm, canary: key, giveUpAt } : storm;
}

/** What a restart showed. `given_up`: nothing yet, and it is no longer waited for, but it may still heal. */
export type Shown = 'healed' | 'given_up' | 'never' | 'harmed';

/**
 * The storm after a restart of `key` showed its effect, or that it has none. A canary that healed lets the others go
 * on. A restart that did not brings the canaries (back), after a pause of `cooldown`. One that did harm ends them:
 * while restarts cost more than they cure, none is worth a try in this storm.
 */
export function stormAfterEffect(storm: Storm, key: string, shown: Shown, cooldown: DurationMs, now: EpochMs): Storm {
  const pause = shown === 'harmed' ? Number.POSITIVE_INFINITY : cooldown;
  switch (storm.mode) {
    case 'calm':
    case 'quiet':
      return storm;
    case 'canary':
      if (shown === 'healed') return { mode: 'paced', since: storm.since };
      if (storm.canary !== key && shown !== 'harmed') return storm;
      return canaries(storm.since, Math.max(storm.notBefore, now + pause));
    case 'paced':
      return shown === 'healed' ? storm : canaries(storm.since, now + pause);
  }
}

/** The storm after a person has looked at the harm that a canary did: another one may be tried. */
export function stormAfterRelease(storm: Storm, now: EpochMs): Storm {
  return storm.mode === 'canary' && storm.notBefore === Number.POSITIVE_INFINITY ? canaries(storm.since, now) : storm;
}

/** How many restarts the storm lets begin now. */
export function restartsAllowedBy(storm: Storm, now: EpochMs): number {
  switch (storm.mode) {
    case 'calm':
    case 'paced':
      return Number.POSITIVE_INFINITY;
    case 'canary':
      return storm.canary === null && now >= storm.notBefore ? 1 : 0;
    case 'quiet':
      return 0;
  }
}
