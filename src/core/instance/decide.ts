import { longestCooldown } from './backoff.ts';
import { endPause, onOperatorRequest, onRestartRequested } from './operator-requests.ts';
import { onRestartPlanned } from './planned-restart.ts';
import { draftOf, enter, finish, unchanged, type Decision } from './draft.ts';
import { harmfulRestarts, type InstanceState } from './instance.ts';
import { NO_ANSWER, type Observation } from './observation.ts';
import { onListed, onProbe } from './on-probe.ts';
import type { Policy } from '../policy.ts';
import { earliest, forgetRefusal, onReconfigured } from './reconfigure.ts';
import { clearHolds, dropExpired, endRestart } from './restarting.ts';
import { expectLife, onActivity, onEchoMissed } from '../silence/silence.ts';
import type { EpochMs } from '../time.ts';

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
    case 'listed':
      return onListed(state, observation, policy, now, wall);
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
    case 'acknowledge_requested':
    case 'reset_requested':
      return onOperatorRequest(state, observation, now, wall);
    case 'release_requested': {
      if (!harmfulRestarts(state).some((at) => at <= observation.at)) return unchanged(state);
      const draft = draftOf(state, wall);
      draft.next.releasedAt = observation.at;
      return finish(state, draft);
    }
    case 'activity':
      return onActivity(state, observation.at, wall);
    case 'echo_missed':
      return onEchoMissed(state, observation, wall);
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

/** An outage that may have been the gateway's is over: the instance must reach the threshold again. */
function onSuspicionCleared(state: InstanceState, now: EpochMs, wall: EpochMs): Decision {
  if (state.phase !== 'suspect' && state.phase !== 'down' && state.phase !== 'exhausted') return unchanged(state);
  const draft = draftOf(state, wall);
  draft.next.failures = 0;
  draft.next.recent = 0;
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
  next.recent = 0;
  next.troubleSince = null;
  next.inconclusive = null;
  next.healthySince = null;
  next.connectingSince = null;
  next.removedAt = null;
  clearHolds(draft);
  endPause(draft);
  expectLife(draft, policy);
  if (next.silence !== null) next.silence = { ...next.silence, since: earliest(next.silence.since, now) };
  next.since = Math.min(next.since, now);
  next.failingSince = earliest(next.failingSince, now);
  next.cooldownUntil = earliest(next.cooldownUntil, now + longestCooldown(policy.restart));
  next.graceUntil = earliest(next.graceUntil, now + policy.restart.grace);
  if (typeof next.pairing === 'number') next.pairing = Math.min(next.pairing, now);
  if (next.spent.some((at) => at > now)) next.spent = next.spent.map((at) => Math.min(at, now));
  dropExpired(draft);
  forgetRefusal(draft, now);
  if (next.intent !== null) {
    endRestart(draft, policy, INTERRUPTED, now);
  }
  return finish(state, draft);
}

const INTERRUPTED = {
  ...NO_ANSWER,
  type: 'restart_ended',
  outcome: 'unknown',
  detail: 'the watchdog stopped while the call was in flight',
  seconds: null,
  acceptedBefore: false,
} as const;
