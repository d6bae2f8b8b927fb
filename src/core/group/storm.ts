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

/** The storm after a change of the tally, or after time has passed. */
export function stormAfterTally(
  storm: Storm,
  sick: number,
  allowed: number,
  cooldown: DurationMs,
  now: EpochMs,
): Storm {
  const tooMany = sick > allowed;
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

/**
 * The storm after a restart of `key` healed or did not. A canary that healed lets the others go on. A restart that did
 * not brings the canaries (back), after a pause of `cooldown`.
 */
export function stormAfterOutcome(
  storm: Storm,
  key: string,
  healed: boolean,
  cooldown: DurationMs,
  now: EpochMs,
): Storm {
  const notBefore = now + cooldown;
  switch (storm.mode) {
    case 'calm':
    case 'quiet':
      return storm;
    case 'canary':
      if (healed) return { mode: 'paced', since: storm.since };
      return storm.canary === key ? canaries(storm.since, notBefore) : storm;
    case 'paced':
      return healed ? storm : canaries(storm.since, notBefore);
  }
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
