import type { RestartPolicy } from '../policy.ts';
import type { DurationMs, EpochMs } from '../time.ts';

/**
 * The cooldown that follows restart number `attempt` (from 1): the base, multiplied by the factor with each further
 * attempt, at most `backoff.max`, and then lengthened by up to `backoff.jitter` of itself. Jitter comes after the cap:
 * instances that sit at the cap together must not stay in step.
 *
 * @param chance 0 up to, but not including, 1
 */
export function cooldownAfter(
  attempt: number,
  policy: Pick<RestartPolicy, 'cooldown' | 'backoff'>,
  chance: number,
): DurationMs {
  const { factor, max, jitter } = policy.backoff;
  const grown = Math.min(policy.cooldown * factor ** (attempt - 1), max);
  return Math.round(grown * (1 + jitter * chance));
}

/** The longest cooldown that a policy allows. */
export function longestCooldown(policy: Pick<RestartPolicy, 'cooldown' | 'backoff'>): DurationMs {
  return Math.round(Math.max(policy.backoff.max, policy.cooldown) * (1 + policy.backoff.jitter));
}

/**
 * Chance for the jitter of one restart, 0 up to, but not including, 1. It comes from the instance and the time, not
 * from a generator, so that a decision can be replayed from its inputs alone.
 */
export function chanceOf(seed: number, at: EpochMs): number {
  let hash = (seed ^ (at >>> 0) ^ Math.floor(at / 2 ** 32)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
