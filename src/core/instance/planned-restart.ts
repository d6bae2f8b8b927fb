import type { SkipReason } from '../event.ts';
import { draftOf, finish, unchanged, type Decision, type Draft, type Given } from './draft.ts';
import { holdsOn } from './holds.ts';
import type { Hold, InstanceState } from './instance.ts';
import type { ObservationOf } from './observation.ts';
import { isPairing } from './patience.ts';
import { clearHolds, dropExpired, hold, skip, startRestart } from './restarting.ts';
import { isoTime } from '../schedule/iso-time.ts';
import type { EpochMs } from '../time.ts';

type RestartPlanned = ObservationOf<'restart_planned'>;

/** A planned time has come: the next probe may restart, unless that is pointless. */
export function onRestartPlanned(given: Given, planned: RestartPlanned): Decision {
  const { dueAt, expiresAt } = planned;
  // The clock was set back and reaches the time again.
  if (given.state.planned?.dueAt === dueAt) return unchanged(given.state);
  const draft = draftOf(given);
  const why = plannedIsPointless(given, planned);
  if (why === null) draft.next.planned = { dueAt, expiresAt };
  else skip(draft, 'schedule', why);
  return finish(draft);
}

/**
 * A planned restart waits: starts it when nothing holds it, skips it when its time is over. If the clock was set back
 * to before its time, it waits for that time, and in what follows a pairing it waits for the end of that.
 */
export function restartIfPlanned(draft: Draft, fleetHolds: readonly Hold[]): void {
  const { next, policy, now, wall } = draft;
  dropExpired(draft);
  if (next.planned === null) return;
  // What follows a pairing is soon over, and a restart may cost it.
  if (wall < next.planned.dueAt || isPairing(next, now, policy)) {
    clearHolds(draft);
    return;
  }
  const holds = holdsOn(draft, fleetHolds);
  if (holds.length === 0) startRestart(draft, 'schedule', plannedFor(next.planned.dueAt));
  else hold(draft, 'schedule', holds);
}

function plannedIsPointless({ state, policy }: Given, planned: RestartPlanned): SkipReason | null {
  if (hadPlanned(state, planned.dueAt)) return 'repeated';
  if (planned.missed) return 'missed';
  if (!policy.restart.enabled) return 'disabled';
  if (state.phase === 'needs_human') return 'needs_human';
  return state.phase === 'restarting' || state.phase === 'recovering' ? 'in_flight' : null;
}

/** Whether the restart planned for this time was made. A clock that is set back reaches that time again. */
function hadPlanned({ history }: InstanceState, dueAt: EpochMs): boolean {
  const planned = plannedFor(dueAt);
  return history.some(({ trigger, requestedBy }) => trigger === 'schedule' && requestedBy === planned);
}

function plannedFor(dueAt: EpochMs): string {
  return `the schedule for ${isoTime(dueAt)}`;
}
