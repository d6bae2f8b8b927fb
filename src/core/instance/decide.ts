import { longestCooldown } from './backoff.ts';
import { endPause, onAcknowledge, onPause, onReset, onRestartRequested, onUnpause } from './operator-requests.ts';
import { onRestartPlanned } from './planned-restart.ts';
import { draftOf, enter, finish, unchanged, type Decision, type Given } from './draft.ts';
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
  const given: Given = { state, policy, now, wall };
  switch (observation.type) {
    case 'probe':
      return onProbe(given, observation);
    case 'listed':
      return onListed(given, observation);
    case 'restart_requested':
      return onRestartRequested(given, observation);
    case 'restart_planned':
      return onRestartPlanned(given, observation);
    case 'restart_ended': {
      if (state.intent === null) return unchanged(state);
      const draft = draftOf(given, observation.detail);
      endRestart(draft, state.intent, observation);
      return finish(draft);
    }
    case 'pause_requested':
      return onPause(given, observation);
    case 'unpause_requested':
      return onUnpause(given, observation.by);
    case 'acknowledge_requested':
      return onAcknowledge(given, observation);
    case 'reset_requested':
      return onReset(given, observation.by);
    case 'release_requested': {
      if (!harmfulRestarts(state).some((at) => at <= observation.at)) return unchanged(state);
      const draft = draftOf(given);
      draft.next.releasedAt = observation.at;
      return finish(draft);
    }
    case 'activity':
      return onActivity(given, observation.at);
    case 'echo_missed':
      return onEchoMissed(given, observation);
    case 'suspicion_cleared':
      return onSuspicionCleared(given);
    case 'reconfigured':
      return onReconfigured(given, observation.gatewayChanged);
    case 'resumed':
      return onResumed(given);
    case 'removed': {
      const draft = draftOf(given);
      draft.next.removedAt = now;
      return finish(draft);
    }
  }
}

/** An outage that may have been the gateway's is over: the instance must reach the threshold again. */
function onSuspicionCleared(given: Given): Decision {
  const { phase } = given.state;
  if (phase !== 'suspect' && phase !== 'down' && phase !== 'exhausted') return unchanged(given.state);
  const draft = draftOf(given);
  draft.next.failures = 0;
  draft.next.recent = 0;
  clearHolds(draft);
  enter(draft, 'suspect');
  return finish(draft);
}

/**
 * The process starts with this state. A call found in flight may or may not have happened, so it counts as just made.
 * What only an uninterrupted watch can know starts from zero. Times in an impossible future (the clock was set back in
 * between) are reduced to the longest that the policy allows.
 */
function onResumed(given: Given): Decision {
  const draft = draftOf(given);
  const { next, policy, now } = draft;
  next.successes = 0;
  next.recent = 0;
  next.troubleSince = null;
  next.inconclusive = null;
  next.healthySince = null;
  next.connectingSince = null;
  next.removedAt = null;
  clearHolds(draft);
  endPause(draft);
  expectLife(draft);
  if (next.silence !== null) next.silence = { ...next.silence, since: earliest(next.silence.since, now) };
  next.since = Math.min(next.since, now);
  next.failingSince = earliest(next.failingSince, now);
  next.cooldownUntil = earliest(next.cooldownUntil, now + longestCooldown(policy.restart));
  next.graceUntil = earliest(next.graceUntil, now + policy.restart.grace);
  if (typeof next.pairing === 'number') next.pairing = Math.min(next.pairing, now);
  if (next.spent.some((at) => at > now)) next.spent = next.spent.map((at) => Math.min(at, now));
  dropExpired(draft);
  forgetRefusal(draft);
  if (next.intent !== null) endRestart(draft, next.intent, INTERRUPTED);
  return finish(draft);
}

const INTERRUPTED = {
  ...NO_ANSWER,
  type: 'restart_ended',
  outcome: 'unknown',
  detail: 'the watchdog stopped while the call was in flight',
  seconds: null,
  acceptedBefore: false,
} as const;
