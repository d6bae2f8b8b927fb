import type { SkipReason } from '../event.ts';
import { draftOf, finish, unchanged, type Decision, type Draft } from './draft.ts';
import { holdEndsAt, holdsOn } from './holds.ts';
import type { InstanceState, Trigger } from './instance.ts';
import type { Observation } from './observation.ts';
import type { Policy } from '../policy.ts';
import { hadPlanned, startRestart } from './restarting.ts';
import type { EpochMs } from '../time.ts';

type RestartPlanned = Extract<Observation, { type: 'restart_planned' }>;
type RestartRequested = Extract<Observation, { type: 'restart_requested' }>;

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

/** A planned time has come: the next probe may restart, unless that is pointless. */
export function onRestartPlanned(
  state: InstanceState,
  planned: RestartPlanned,
  policy: Policy,
  wall: EpochMs,
): Decision {
  const { dueAt, expiresAt } = planned;
  // The clock was set back and reaches the time again.
  if (state.planned?.dueAt === dueAt) return unchanged(state);
  const draft = draftOf(state, wall);
  const why = plannedIsPointless(state, planned, policy);
  if (why === null) draft.next.planned = { dueAt, expiresAt };
  else skip(draft, 'schedule', why);
  return finish(state, draft);
}

function skip(draft: Draft, trigger: Trigger, why: SkipReason): void {
  draft.events.push({ type: 'restart_skipped', trigger, why });
  draft.answer = { ...draft.answer, skipped: why };
}

function plannedIsPointless(state: InstanceState, planned: RestartPlanned, policy: Policy): SkipReason | null {
  if (hadPlanned(state, planned.dueAt)) return 'repeated';
  if (planned.missed) return 'missed';
  if (!policy.restart.enabled) return 'disabled';
  if (state.phase === 'needs_human') return 'needs_human';
  return state.phase === 'restarting' || state.phase === 'recovering' ? 'in_flight' : null;
}
