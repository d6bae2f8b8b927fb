import { draftOf, enter, finish, NO_OBJECTION, unchanged, type Decision, type Draft, type Given } from './draft.ts';
import { holdEndsAt, holdsOn, isPaused } from './holds.ts';
import { SICK_PHASES } from './instance.ts';
import type { ObservationOf, RestartRequested } from './observation.ts';
import { isPairing } from './patience.ts';
import { clearHolds, skip, startRestart } from './restarting.ts';
import { endSilence } from '../silence/silence.ts';

/** A restart is requested: it starts, is held, or is skipped; each is announced. */
export function onRestartRequested(given: Given, request: RestartRequested): Decision {
  const { state, policy, now } = given;
  const { trigger, requestedBy, force } = request;
  const draft = draftOf(given);
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
    const holds = force ? request.holds.filter((hold) => hold === 'dry_run') : holdsOn(draft, request.holds);
    const held = holds.map((hold) => ({ hold, until: holdEndsAt(hold, state, policy.restart, now) }));
    for (const each of held) draft.events.push({ type: 'restart_held', trigger, ...each });
    draft.answer = { ...draft.answer, held };
    if (holds.length === 0) startRestart(draft, trigger, requestedBy);
  }
  return finish(draft);
}

/** Removes a pause after its end. Until the next observation it is still in the state, but holds nothing. */
export function endPause(draft: Draft): void {
  const { next, wall } = draft;
  if (next.pause === null || isPaused(next, wall)) return;
  next.pause = null;
  draft.events.push({ type: 'unpaused', by: null });
}

/** An operator holds automatic restarts. */
export function onPause(given: Given, { reason, by, until }: ObservationOf<'pause_requested'>): Decision {
  const draft = draftOf(given);
  draft.next.pause = { reason, by, since: given.now, until };
  draft.events.push({ type: 'paused', reason, by, until });
  return finish(draft);
}

/** An operator ends a pause. */
export function onUnpause(given: Given, by: string): Decision {
  const { state, wall } = given;
  if (state.pause === null) return unchanged(state);
  const draft = draftOf(given);
  draft.next.pause = null;
  draft.events.push({ type: 'unpaused', by: isPaused(state, wall) ? by : null });
  return finish(draft);
}

/** An operator knows of the trouble. */
export function onAcknowledge(given: Given, { reason, by, until }: ObservationOf<'acknowledge_requested'>): Decision {
  if (!SICK_PHASES.has(given.state.phase)) return unchanged(given.state);
  const draft = draftOf(given);
  draft.next.acknowledged = { reason, by, since: given.now, until };
  draft.events.push({ type: 'acknowledged', reason, by, until });
  return finish(draft);
}

/** A restart in flight, or just made, is not reset: it must first show whether it helps. */
export function onReset(given: Given, by: string): Decision {
  const { state } = given;
  if (state.phase === 'restarting' || state.phase === 'recovering') {
    return unchanged(state, { ...NO_OBJECTION, skipped: 'in_flight' });
  }
  const draft = draftOf(given);
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
  if (next.phase !== 'healthy') enter(draft, 'unknown');
  return finish(draft);
}
