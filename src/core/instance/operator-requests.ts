import { draftOf, enter, finish, NO_OBJECTION, unchanged, type Decision, type Draft } from './draft.ts';
import { isPaused } from './holds.ts';
import type { InstanceState } from './instance.ts';
import type { Observation } from './observation.ts';
import { clearHolds } from './restarting.ts';
import type { EpochMs } from '../time.ts';

type OperatorRequest = Extract<Observation, { type: 'pause_requested' | 'unpause_requested' | 'reset_requested' }>;

/** An operator pauses the instance, ends the pause, or resets attempts, budget and cooldown. */
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
    case 'reset_requested':
      return onReset(state, request.by, now, wall);
  }
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
  { reason, by, until }: Extract<OperatorRequest, { type: 'pause_requested' }>,
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
  clearHolds(draft);
  draft.events.push({ type: 'reset', by, attempts: state.attempt });
  if (next.phase !== 'healthy') enter(draft, 'unknown', now);
  return finish(state, draft);
}
