import { longestCooldown } from './backoff.ts';
import { draftOf, enter, finish, type Decision, type Draft, type Given } from './draft.ts';
import { clearHolds, dropPlanned } from './restarting.ts';
import { expectLife } from '../silence/silence.ts';
import type { EpochMs } from '../time.ts';
import { wasAnswered } from '../verdict.ts';

/**
 * The instance goes on under another policy, or over another way to its gateway. Its earlier restarts still count.
 * Waits are reduced to the longest that the new policy allows. What the new policy does not plan is dropped.
 *
 * @param gatewayChanged the way to the gateway is another one (its address, token, words …)
 */
export function onReconfigured(given: Given, gatewayChanged: boolean): Decision {
  const draft = draftOf(given);
  const { next, policy, now } = draft;
  const { enabled, schedule } = policy.restart;
  next.removedAt = null;
  next.cooldownUntil = earliest(next.cooldownUntil, now + longestCooldown(policy.restart));
  next.graceUntil = earliest(next.graceUntil, now + policy.restart.grace);
  if (!enabled || schedule === null) dropPlanned(draft, 'disabled');
  if (!enabled) clearHolds(draft);
  expectLife(draft);
  if (gatewayChanged) clearOldEvidence(draft);
  return finish(draft);
}

/**
 * Evidence from the old way is weak evidence about the new one. A refusal may have been about the old token or route,
 * and an unanswered suspicion or outage about the old address: those begin again. An outage that the gateway itself
 * reported goes on.
 */
function clearOldEvidence(draft: Draft): void {
  const { next } = draft;
  next.refusals = 0;
  next.troubleSince = null;
  forgetRefusal(draft);
  const outage = next.phase === 'down' || next.phase === 'exhausted';
  const unanswered = next.cause !== null && !wasAnswered(next.cause);
  if (next.phase !== 'suspect' && !(outage && unanswered)) return;
  next.failures = 0;
  next.recent = 0;
  clearHolds(draft);
  enter(draft, 'suspect');
}

/** The reason of the refusal may be gone; the next outage shows it. A restart in flight goes on. */
export function forgetRefusal(draft: Draft): void {
  const { next } = draft;
  if (next.refusal === null) return;
  next.refusal = null;
  next.failures = 0;
  if (next.intent === null) enter(draft, 'unknown');
}

/** A time, but at the latest `bound`. */
export function earliest(at: EpochMs | null, bound: EpochMs): EpochMs | null {
  return at === null ? null : Math.min(at, bound);
}
