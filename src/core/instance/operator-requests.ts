import { draftOf, enter, finish, NO_OBJECTION, unchanged, type Decision, type Draft } from './draft.ts';
import { holdEndsAt, holdsOn, isPaused } from './holds.ts';
import type { InstanceState, Phase } from './instance.ts';
import type { ObservationOf, RestartRequested } from './observation.ts';
import { isPairing } from './patience.ts';
import type { Policy } from '../policy.ts';
import { clearHolds, skip, startRestart } from './restarting.ts';
import { endSilence } from '../silence/silence.ts';
import type { EpochMs } from '../time.ts';

type OperatorRequest = ObservationOf<
  'pause_requested' | 'unpause_requested' | 'acknowledge_requested' | 'reset_requested'
>;

/** An operator pauses the instance, ends the pause, knows of a trouble, or resets attempts, budget and cooldown. */
export function onOperatorRequest(
  state: InstanceState,
  request: OperatorRequest,
  now: EpochMs,
  wall: EpochMs,
): Decision {
  switch (request.type) {
    case 'pause_requested':
      return onPause(state, request, now, wall);
    case 'unpause_requested':
      return onUnpause(state, request.by, wall);
    case 'acknowledge_requested':
      return onAcknowledge(state, request, now, wall);
    case 'reset_requested':
      return onReset(state, request.by, now, wall);
  }
}

/** A restart is requested: it starts, is held, or is skipped; each is announced. */
export function onRestartRequested(
  state: InstanceState,
  request: RestartRequested,
  policy: Policy,
  now: EpochMs,
  wall: EpochMs,
): Decision {
  const { trigger, requestedBy, force } = request;
  const draft = draftOf(state, wall);
  if (request.disabled) {
    skip(draft, trigger, 'disabled');
  } else if (state.phase === 'restarting' || (state.phase === 'recovering' && !force)) {
    skip(draft, trigger, 'in_flight');
  } else if (state.phase === 'needs_human' && !force) {
    skip(draft, trigger, 'needs_human');
  } else if (trigger === 'alert' && isPairing(state, now, policy)) {
    // It is deaf until its messages are loaded. A person may know better than an alert.
    skip(draft, trigger, 'pairing');
  } else {
    // A forced restart is at the operator's own risk, but a dry run makes none.
    const holds = force
      ? request.holds.filter((hold) => hold === 'dry_run')
      : holdsOn(state, policy.restart, request.holds, now, wall);
    const held = holds.map((hold) => ({ hold, until: holdEndsAt(hold, state, policy.restart, now) }));
    for (const each of held) draft.events.push({ type: 'restart_held', trigger, ...each });
    draft.answer = { ...draft.answer, held };
    if (holds.length === 0) startRestart(draft, policy, trigger, requestedBy, now);
  }
  return finish(state, draft);
}

/** Removes a pause after its end. Until the next observation it is still in the state, but holds nothing. */
export function endPause(draft: Draft): void {
  const { next, wall } = draft;
  if (next.pause === null || isPaused(next, wall)) return;
  next.pause = null;
  draft.events.push({ type: 'unpaused', by: null });
}

function onPause(
  state: InstanceState,
  { reason, by, until }: ObservationOf<'pause_requested'>,
  now: EpochMs,
  wall: EpochMs,
): Decision {
  const draft = draftOf(state, wall);
  draft.next.pause = { reason, by, since: now, until };
  draft.events.push({ type: 'paused', reason, by, until });
  return finish(state, draft);
}

function onUnpause(state: InstanceState, by: string, wall: EpochMs): Decision {
  if (state.pause === null) return unchanged(state);
  const draft = draftOf(state, wall);
  draft.next.pause = null;
  draft.events.push({ type: 'unpaused', by: isPaused(state, wall) ? by : null });
  return finish(state, draft);
}

const WITHOUT_TROUBLE: ReadonlySet<Phase> = new Set<Phase>(['unknown', 'healthy', 'suspect']);

function onAcknowledge(
  state: InstanceState,
  { reason, by, until }: ObservationOf<'acknowledge_requested'>,
  now: EpochMs,
  wall: EpochMs,
): Decision {
  if (WITHOUT_TROUBLE.has(state.phase)) return unchanged(state);
  const draft = draftOf(state, wall);
  draft.next.acknowledged = { reason, by, since: now, until };
  draft.events.push({ type: 'acknowledged', reason, by, until });
  return finish(state, draft);
}

/** A restart in flight, or just made, is not reset: it must first show whether it helps. */
function onReset(state: InstanceState, by: string, now: EpochMs, wall: EpochMs): Decision {
  if (state.phase === 'restarting' || state.phase === 'recovering') {
    return unchanged(state, { ...NO_OBJECTION, skipped: 'in_flight' });
  }
  const draft = draftOf(state, wall);
  const { next } = draft;
  next.attempt = 0;
  next.spent = [];
  next.cooldownUntil = null;
  next.refusal = null;
  next.refusals = 0;
  next.failures = 0;
  next.recent = 0;
  next.troubleSince = null;
  next.successes = 0;
  next.failingSince = null;
  next.acknowledged = null;
  endSilence(draft, 'reset');
  clearHolds(draft);
  draft.events.push({ type: 'reset', by, attempts: state.attempt });
  if (next.phase !== 'healthy') enter(draft, 'unknown', now);
  return finish(state, draft);
}
