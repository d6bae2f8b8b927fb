import { longestCooldown } from '../../src/core/instance/backoff.ts';
import type { Policy } from '../../src/core/policy.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import type { Ledger } from './ledger.ts';

// What a policy promises at the latest, worked out from its words alone.

/** The longest time between two probes of one instance. */
export function longestGap({ probe, restart }: Policy): DurationMs {
  const every = probe.cadence.type === 'every' ? probe.cadence.every : 0;
  // After a probe off the grid the first place less than a quarter of the interval away is left out. Where a list takes the place of
  // probes, one of its own is made a whole interval later, if the list does not come.
  return Math.max(every * (probe.bulk ? 2.25 : 1.25), probe.retryEvery, restart.backoff.max) + probe.timeout + SECOND;
}

/** A probe finds it failing, then so many more in the rhythm of suspicion, and a probe that finds nothing against it. */
export function timeToRestart(policy: Policy): DurationMs {
  const { retryEvery, timeout, failureThreshold } = policy.probe;
  return longestGap(policy) + (failureThreshold + 2) * (retryEvery + timeout) + 2 * MINUTE;
}

/** A probe finds it well, and so many more. */
export function timeToSeeCured(policy: Policy): DurationMs {
  const { recoverEvery, timeout, successThreshold } = policy.probe;
  return longestGap(policy) + (successThreshold + 1) * (recoverEvery + timeout) + 2 * MINUTE;
}

/** When cooldown, grace and budget let an instance be restarted again. */
export function ownPaceAllows({ calls, policy, reconfiguredAt }: Ledger): EpochMs {
  const { restart } = policy;
  const last = calls.at(-1);
  if (last === undefined) return 0;
  // What was begun under another policy is cut down to the longest wait that the new one allows from then on.
  const cutDown = reconfiguredAt + Math.max(longestCooldown(restart), restart.grace);
  const { restarts, per } = restart.budget;
  const blocking = calls.at(-restarts);
  const budget = blocking === undefined ? 0 : blocking.at + per;
  return Math.max(last.at + restart.timeout + Math.max(longestCooldown(restart), restart.grace), budget, cutDown);
}

/** After the last restart of an account: when there is room for another one. */
export function timeToRoom({ restart }: Policy): DurationMs {
  return restart.timeout + MINUTE;
}

/** The same in a storm: a canary of which nothing becomes known keeps the others waiting for twice its good time. */
export function timeToNextCanary({ restart }: Policy, stormCooldown: DurationMs): DurationMs {
  return 2 * (restart.timeout * (1 + restart.retries) + restart.grace) + stormCooldown + MINUTE;
}
