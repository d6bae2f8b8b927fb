import { longestCooldown } from './backoff.ts';
import { endPause, onOperatorRequest } from './operator-requests.ts';
import { draftOf, enter, finish, unchanged, type Decision, type Draft } from './draft.ts';
import { isPaused } from './holds.ts';
import type { InstanceState, RestartRecord } from './instance.ts';
import type { Observation } from './observation.ts';
import type { Policy } from '../policy.ts';
import { earliest, forgetRefusal, onReconfigured } from './reconfigure.ts';
import { clearHolds, dropExpired, dropPlanned, endRestart, restartIfPlanned, restartOrHold } from './restarting.ts';
import { SECOND, type EpochMs } from '../time.ts';
import { verdictOf, type Cause } from '../verdict.ts';
import { onRestartPlanned, onRestartRequested } from './wanted-restart.ts';

type Probe = Extract<Observation, { type: 'probe' }>;

/**
 * The only place that decides what an observation means for an instance and what follows. Pure: the same inputs give
 * the same result, so every decision can be replayed, simulated and tested.
 *
 * The caller performs the actions in order, and never a restart whose state it could not save.
 *
 * @param now measures all durations; setting the clock does not move it
 * @param wall what the wall clock shows; ends of pauses and times of planned restarts are read off it
 */
export function decide(
  state: InstanceState,
  observation: Observation,
  policy: Policy,
  now: EpochMs,
  wall: EpochMs = now,
): Decision {
  switch (observation.type) {
    case 'probe':
      return onProbe(state, observation, policy, now, wall);
    case 'restart_requested':
      return onRestartRequested(state, observation, policy, now, wall);
    case 'restart_planned':
      return onRestartPlanned(state, observation, policy, wall);
    case 'restart_ended': {
      if (state.intent === null) return unchanged(state);
      const draft = draftOf(state, wall, observation.detail);
      endRestart(draft, policy, observation, now);
      return finish(state, draft);
    }
    case 'pause_requested':
    case 'unpause_requested':
    case 'reset_requested':
      return onOperatorRequest(state, observation, now, wall);
    case 'suspicion_cleared':
      return onSuspicionCleared(state, now, wall);
    case 'reconfigured':
      return onReconfigured(state, observation.gatewayChanged, policy, now, wall);
    case 'resumed':
      return onResumed(state, policy, now, wall);
    case 'removed': {
      const draft = draftOf(state, wall);
      draft.next.removedAt = now;
      return finish(state, draft);
    }
  }
}

/**
 * What a reading means for an instance in this state: `connecting` that lasts longer than its grace is
 * `stuck_connecting`; every other cause stays as it is.
 */
export function judge(state: InstanceState, cause: Cause, startedAt: EpochMs, policy: Policy): Cause {
  if (cause !== 'connecting' || state.connectingSince === null) return cause;
  return startedAt - state.connectingSince >= policy.probe.connectingGrace ? 'stuck_connecting' : cause;
}

function onProbe(state: InstanceState, probe: Probe, policy: Policy, now: EpochMs, wall: EpochMs): Decision {
  // A probe that was under way when the restart began is about the time before it.
  if (state.phase === 'restarting') return unchanged(state);
  if (state.phase === 'recovering' && probe.startedAt < state.since) return unchanged(state);
  const cause = judge(state, probe.cause, probe.startedAt, policy);
  const verdict = verdictOf(cause);
  if (verdict === 'inconclusive') return unchanged(state);
  if (verdict === 'healthy' && teachesNothing(state, cause, policy, now, wall)) return unchanged(state);
  const draft = draftOf(state, wall, probe.detail);
  endPause(draft);
  draft.next.cause = cause;
  switch (verdict) {
    case 'healthy':
      onHealthy(draft, probe, policy, now);
      break;
    case 'unhealthy':
      onUnhealthy(draft, probe, cause, policy, now);
      break;
    case 'transitional':
      onTransitional(draft, probe);
      break;
    case 'needs_human':
      onNeedsHuman(draft, probe, now);
      break;
  }
  return finish(state, draft);
}

/**
 * The hot path: a healthy probe of a healthy, stable instance that waits for nothing. `decide` would return the state
 * unchanged, so the caller may skip it.
 */
export function teachesNothing(
  state: InstanceState,
  cause: Cause,
  policy: Policy,
  now: EpochMs,
  wall: EpochMs,
): boolean {
  return (
    state.phase === 'healthy' &&
    state.cause === cause &&
    state.healthySince !== null &&
    state.planned === null &&
    (state.pause === null || isPaused(state, wall)) &&
    (state.attempt === 0 || now - state.healthySince < policy.restart.stableFor)
  );
}

function onHealthy(draft: Draft, probe: Probe, policy: Policy, now: EpochMs): void {
  const { next } = draft;
  next.failures = 0;
  next.connectingSince = null;
  next.healthySince ??= probe.startedAt;
  // One good answer ends a suspicion; an outage ends only after successThreshold of them.
  const outage = next.phase !== 'unknown' && next.phase !== 'healthy' && next.phase !== 'suspect';
  next.successes = outage ? next.successes + 1 : 0;
  if (outage && next.successes < policy.probe.successThreshold) return;
  if (outage) endOutage(draft, now);
  enter(draft, 'healthy', now);
  next.successes = 0;
  next.failingSince = null;
  next.graceUntil = null;
  next.refusal = null;
  if (next.planned === null) clearHolds(draft);
  if (next.attempt > 0 && now - next.healthySince >= policy.restart.stableFor) {
    draft.events.push({ type: 'stable', attempts: next.attempt });
    next.attempt = 0;
  }
  restartIfPlanned(draft, policy, probe.holds, now);
}

/** A healing follows a restart in this outage that may have reached the gateway; anything else is a recovery. */
function endOutage(draft: Draft, now: EpochMs): void {
  const { next } = draft;
  const downSeconds = next.failingSince === null ? null : (now - next.failingSince) / SECOND;
  const cure = next.phase === 'needs_human' ? undefined : lastCure(next);
  if (cure === undefined) {
    if (downSeconds !== null) draft.events.push({ type: 'recovered', downSeconds });
    return;
  }
  const secondsToHeal = (now - cure.at) / SECOND;
  next.history = next.history.map((record) => (record === cure ? { ...record, healed: true, secondsToHeal } : record));
  draft.events.push({ type: 'healed', trigger: cure.trigger, attempt: next.attempt, secondsToHeal, downSeconds });
}

function lastCure(state: InstanceState): RestartRecord | undefined {
  const began = state.failingSince;
  return state.history.findLast(
    (record) =>
      !record.healed &&
      (record.outcome === 'accepted' || record.outcome === 'unknown') &&
      (state.phase === 'recovering' || (began !== null && record.at >= began)),
  );
}

function onUnhealthy(draft: Draft, probe: Probe, cause: Cause, policy: Policy, now: EpochMs): void {
  const { next } = draft;
  next.successes = 0;
  next.healthySince = null;
  next.failingSince ??= probe.startedAt;
  if (next.phase !== 'suspect' || !probe.outOfTurn) next.failures += 1;
  if (cause !== 'stuck_connecting') next.connectingSince = null;
  switch (next.phase) {
    case 'recovering':
      if (next.graceUntil !== null && probe.startedAt < next.graceUntil) return;
      next.graceUntil = null;
      draft.events.push({ type: 'not_healed', attempt: next.attempt, cause });
      enter(draft, 'down', now);
      break;
    case 'needs_human':
      // The gateway refuses restarts of this instance for good; a new failure does not change that.
      if (next.refusal !== null) return;
      suspectOrDown(draft, policy, now);
      break;
    case 'unknown':
    case 'healthy':
    case 'suspect':
      suspectOrDown(draft, policy, now);
      break;
    case 'down':
    case 'exhausted':
    case 'restarting':
      break;
  }
  if (next.phase === 'suspect') restartIfPlanned(draft, policy, probe.holds, now);
  else restartOrHold(draft, policy, probe.holds, now);
}

function suspectOrDown(draft: Draft, policy: Policy, now: EpochMs): void {
  const down = draft.next.failures >= policy.probe.failureThreshold;
  // A planned restart is another one than the restart due now: its holds are announced again.
  if (down) clearHolds(draft);
  enter(draft, down ? 'down' : 'suspect', now);
}

function onTransitional(draft: Draft, probe: Probe): void {
  const { next } = draft;
  next.successes = 0;
  next.healthySince = null;
  next.connectingSince ??= probe.startedAt;
  dropExpired(draft);
}

function onNeedsHuman(draft: Draft, probe: Probe, now: EpochMs): void {
  const { next } = draft;
  next.successes = 0;
  next.healthySince = null;
  next.connectingSince = null;
  // While a gateway brings an instance back, it may show a QR code or not know it; that passes by itself.
  if (next.phase === 'recovering' && next.graceUntil !== null && probe.startedAt < next.graceUntil) return;
  next.failures = 0;
  next.graceUntil = null;
  dropPlanned(draft, 'needs_human');
  clearHolds(draft);
  enter(draft, 'needs_human', now);
}

/** An outage that may have been the gateway's is over: the instance must reach the threshold again. */
function onSuspicionCleared(state: InstanceState, now: EpochMs, wall: EpochMs): Decision {
  if (state.phase !== 'suspect' && state.phase !== 'down' && state.phase !== 'exhausted') return unchanged(state);
  const draft = draftOf(state, wall);
  draft.next.failures = 0;
  clearHolds(draft);
  enter(draft, 'suspect', now);
  return finish(state, draft);
}

/**
 * The process starts with this state. A call found in flight may or may not have happened, so it counts as just made.
 * What only an uninterrupted watch can know starts from zero. Times in an impossible future (the clock was set back in
 * between) are reduced to the longest that the policy allows.
 */
function onResumed(state: InstanceState, policy: Policy, now: EpochMs, wall: EpochMs): Decision {
  const draft = draftOf(state, wall);
  const { next } = draft;
  next.successes = 0;
  next.healthySince = null;
  next.connectingSince = null;
  next.removedAt = null;
  clearHolds(draft);
  endPause(draft);
  next.since = Math.min(next.since, now);
  next.failingSince = earliest(next.failingSince, now);
  next.cooldownUntil = earliest(next.cooldownUntil, now + longestCooldown(policy.restart));
  next.graceUntil = earliest(next.graceUntil, now + policy.restart.grace);
  if (next.spent.some((at) => at > now)) next.spent = next.spent.map((at) => Math.min(at, now));
  dropExpired(draft);
  forgetRefusal(draft, now);
  if (next.intent !== null) {
    endRestart(draft, policy, INTERRUPTED, now);
  }
  return finish(state, draft);
}

const INTERRUPTED = {
  type: 'restart_ended',
  outcome: 'unknown',
  httpStatus: null,
  body: null,
  detail: 'the watchdog stopped while the call was in flight',
  seconds: null,
  refusal: null,
  rateLimited: false,
  retryAfter: null,
} as const;
