import { draftOf, enter, finish, unchanged, type Decision, type Draft } from './draft.ts';
import { isPaused } from './holds.ts';
import type { InstanceState } from './instance.ts';
import type { Observation } from './observation.ts';
import { clearHolds } from './restarting.ts';
import type { EpochMs } from '../time.ts';

type Care = Extract<Observation, { type: 'pause_requested' | 'unpause_requested' | 'reset_requested' }>;

/** Somebody takes care of the instance: pauses it, ends the pause, or says that the past counts no more. */
export function onCare(state: InstanceState, care: Care, now: EpochMs, wall: EpochMs): Decision {
  switch (care.type) {
    case 'pause_requested':
      return onPause(state, care, now, wall);
    case 'unpause_requested':
      return onUnpause(state, care.by, wall);
    case 'reset_requested':
      return onReset(state, care.by, now, wall);
  }
}

/** Forgets a pause whose end has come. Until something is observed it stands there, but holds nothing. */
export function endPause(draft: Draft): void {
  const { next, wall } = draft;
  if (next.pause === null || isPaused(next, wall)) return;
  next.pause = null;
  draft.events.push({ type: 'unpaused', by: null });
}

function onPause(
  state: InstanceState,
  { reason, by, until }: Extract<Care, { type: 'pause_requested' }>,
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

/** A restart that was made just now, or is being made, is not the past: it must show first whether it helps. */
function onReset(state: InstanceState, by: string, now: EpochMs, wall: EpochMs): Decision {
  if (state.phase === 'restarting' || state.phase === 'recovering') return unchanged(state);
  const draft = draftOf(state, wall);
  const { next } = draft;
  next.attempt = 0;
  next.spent = [];
  next.cooldownUntil = null;
  next.refusal = null;
  next.failures = 0;
  next.successes = 0;
  next.failingSince = null;
  clearHolds(draft);
  draft.events.push({ type: 'reset', by, attempts: state.attempt });
  if (next.phase !== 'healthy') enter(draft, 'unknown', now);
  return finish(state, draft);
}
