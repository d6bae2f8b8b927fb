import type { SkipReason } from '../event.ts';
import { draftOf, finish, unchanged, type Decision } from './draft.ts';
import { holdEndsAt, holdsOn } from './holds.ts';
import type { InstanceState } from './instance.ts';
import type { Observation } from './observation.ts';
import type { Policy } from '../policy.ts';
import { hadPlanned, startRestart } from './restarting.ts';
import type { EpochMs } from '../time.ts';

type RestartPlanned = Extract<Observation, { type: 'restart_planned' }>;
type RestartRequested = Extract<Observation, { type: 'restart_requested' }>;

/** Somebody asks for a restart, now: it starts, is held, or is skipped, and each is said. */
export function onRestartRequested(
  state: InstanceState,
  request: RestartRequested,
  policy: Policy,
  now: EpochMs,
  wall: EpochMs,
): Decision {
  const { trigger, requestedBy, force } = request;
  const draft = draftOf(state, wall);
  if (state.phase === 'restarting' || (state.phase === 'recovering' && !force)) {
    draft.events.push({ type: 'restart_skipped', trigger, why: 'in_flight' });
  } else if (state.phase === 'needs_human' && !force) {
    draft.events.push({ type: 'restart_skipped', trigger, why: 'needs_human' });
  } else {
    // Whoever forces a restart takes the risk of it; in a dry run nobody is to be able to.
    const holds = force
      ? request.holds.filter((hold) => hold === 'dry_run')
      : holdsOn(state, policy.restart, request.holds, now, wall);
    for (const hold of holds) {
      const until = holdEndsAt(hold, state, policy.restart, now);
      draft.events.push({ type: 'restart_held', trigger, hold, until });
    }
    if (holds.length === 0) startRestart(draft, policy, trigger, requestedBy, now);
  }
  return finish(state, draft);
}

/** A schedule has come to its time: the next probe may restart, unless that is pointless. */
export function onRestartPlanned(
  state: InstanceState,
  planned: RestartPlanned,
  policy: Policy,
  wall: EpochMs,
): Decision {
  const { dueAt, expiresAt } = planned;
  // The clock was set back to before it and has come to it again.
  if (state.planned?.dueAt === dueAt) return unchanged(state);
  const draft = draftOf(state, wall);
  const why = plannedIsPointless(state, planned, policy);
  if (why === null) draft.next.planned = { dueAt, expiresAt };
  else draft.events.push({ type: 'restart_skipped', trigger: 'schedule', why });
  return finish(state, draft);
}

function plannedIsPointless(state: InstanceState, planned: RestartPlanned, policy: Policy): SkipReason | null {
  if (hadPlanned(state, planned.dueAt)) return 'repeated';
  if (planned.missed) return 'missed';
  if (!policy.restart.enabled) return 'disabled';
  if (state.phase === 'needs_human') return 'needs_human';
  return state.phase === 'restarting' || state.phase === 'recovering' ? 'in_flight' : null;
}
