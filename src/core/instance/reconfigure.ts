import { longestCooldown } from './backoff.ts';
import { draftOf, enter, finish, type Decision, type Draft } from './draft.ts';
import type { InstanceState } from './instance.ts';
import type { Policy } from '../policy.ts';
import { clearHolds, dropPlanned } from './restarting.ts';
import type { EpochMs } from '../time.ts';
import { wasAnswered } from '../verdict.ts';

/**
 * The instance goes on under another policy, or over another way to its gateway. Restarts it has had still count;
 * waits are brought down to the longest that the new policy allows, and what the new policy does not want is dropped.
 *
 * @param gatewayChanged the way to the gateway is another one (its address, token, words …)
 */
export function onReconfigured(
  state: InstanceState,
  gatewayChanged: boolean,
  policy: Policy,
  now: EpochMs,
  wall: EpochMs,
): Decision {
  const draft = draftOf(state, wall);
  const { next } = draft;
  const { enabled, schedule } = policy.restart;
  next.cooldownUntil = earliest(next.cooldownUntil, now + longestCooldown(policy.restart));
  next.graceUntil = earliest(next.graceUntil, now + policy.restart.grace);
  if (!enabled || schedule === null) dropPlanned(draft, 'disabled');
  if (!enabled) clearHolds(draft);
  if (gatewayChanged) judgeAfresh(draft, now);
  return finish(state, draft);
}

/**
 * What was seen over the old way is weak evidence about the new one. A refusal may have been the old token's or
 * route's, a suspicion or an outage without any answer the old address's: those begin anew. An outage that the gateway
 * itself told us about goes on.
 */
function judgeAfresh(draft: Draft, now: EpochMs): void {
  const { next } = draft;
  if (next.refusal !== null) {
    next.refusal = null;
    next.failures = 0;
    enter(draft, 'unknown', now);
  }
  const outage = next.phase === 'down' || next.phase === 'exhausted';
  const unanswered = next.cause !== null && !wasAnswered(next.cause);
  if (next.phase !== 'suspect' && !(outage && unanswered)) return;
  next.failures = 0;
  clearHolds(draft);
  enter(draft, 'suspect', now);
}

function earliest(at: EpochMs | null, bound: EpochMs): EpochMs | null {
  return at === null ? null : Math.min(at, bound);
}
