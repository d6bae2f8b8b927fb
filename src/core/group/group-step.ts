import type { AccountEvent, InstanceEvent } from '../event.ts';
import type { Hold, InstanceState } from '../instance/instance.ts';
import type { EpochMs } from '../time.ts';
import {
  HELD_FOR_ROOM,
  sickCount,
  type GroupEffect,
  type GroupObservation,
  type GroupPolicy,
  type GroupState,
  type Transition,
} from './group.ts';
import {
  isMadeWorseBy,
  stormChangesAt,
  withAnnouncement,
  withCount,
  withShown,
  withUnshown,
  type GroupStorm,
} from './group-storm.ts';
import { freeRestarts, restartBegun, restartEnded, restartsFreeAt, restartsRecalled } from './restart-limits.ts';
import { invitations, invitedFirst, isInvited, queued, queueLength, unqueued } from './restart-queue.ts';
import { restartsAllowedBy } from './storm.ts';
import {
  isSuspected,
  suspicionAfterHold,
  suspicionAfterProbe,
  suspicionSettled,
  suspicionWithout,
} from './suspicion.ts';
import { canBeCounted, counted, gatewayLooksDown, healthClassOf, isSick } from './tally.ts';

/** The result of a step: the next state of the group, and what the loop must do. */
export interface GroupStep {
  readonly state: GroupState;
  readonly effects: readonly GroupEffect[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A step while it is being made. */
interface Draft {
  readonly next: Mutable<GroupState>;
  readonly effects: GroupEffect[];
  readonly policy: GroupPolicy;
  readonly now: EpochMs;
}

const NO_EFFECTS: readonly GroupEffect[] = [];

/**
 * The only place that decides what an observation means for a whole group. Pure: the same inputs give the same result.
 * {@link groupHolds} reads the result when an instance is decided.
 */
export function groupStep(
  state: GroupState,
  observation: GroupObservation,
  policy: GroupPolicy,
  now: EpochMs,
): GroupStep {
  if (observation.type === 'probe_ended') return onProbeEnded(state, observation);
  const draft: Draft = { next: { ...state }, effects: [], policy, now };
  switch (observation.type) {
    case 'joined':
      onJoined(draft, observation);
      return draftedStep(draft);
    case 'left':
      onLeft(draft, observation.key, observation.state);
      return draftedStep(draft);
    case 'restarts_recalled':
      draft.next.restarts = restartsRecalled(draft.next.restarts, observation.begun);
      return draftedStep(draft);
    case 'transition':
      onTransition(draft, observation);
      break;
    case 'restart_cancelled':
      draft.next.restarts = restartEnded(draft.next.restarts);
      if (observation.counted) recount(draft, observation.before, observation.after);
      recordEffect(draft, observation.key, false);
      break;
    case 'restart_ended':
      draft.next.restarts = restartEnded(draft.next.restarts);
      break;
    case 'health_route':
      draft.next.unhealthyRoute = observation.down;
      break;
    case 'looked':
      break;
  }
  look(draft);
  return draftedStep(draft);
}

/**
 * What holds a restart of this instance now. Capacity reserved for invited instances is not available. Free capacity
 * always leads to an invitation at once, so no instance can take it from another.
 */
export function groupHolds(
  state: GroupState,
  key: string,
  instance: Pick<InstanceState, 'phase'>,
  policy: GroupPolicy,
  now: EpochMs,
): readonly Hold[] {
  const holds: Hold[] = [];
  const reserved = invitations(state.queue) - (isInvited(state.queue, key) ? 1 : 0);
  const isWorse = isMadeWorseBy(state.storm, !isSick(instance), sickCount(state, policy));
  if (restartsAllowedBy(state.storm.storm, now) <= reserved || isWorse) holds.push('storm');
  if (state.outage || mayBeOutage(state, key)) holds.push('gateway_outage');
  if (freeRestarts(state.restarts, policy, now) <= reserved) holds.push('concurrency');
  return holds;
}

function draftedStep({ next, effects }: Draft): GroupStep {
  return { state: next, effects };
}

function onProbeEnded(
  state: GroupState,
  { key, cause, startedAt }: Extract<GroupObservation, { type: 'probe_ended' }>,
): GroupStep {
  const { suspicion, probe } = suspicionAfterProbe(state.suspicion, key, cause, startedAt);
  const effects = probe.length === 0 ? NO_EFFECTS : probe.map((each): GroupEffect => ({ type: 'probe', key: each }));
  return { state: suspicion === state.suspicion ? state : { ...state, suspicion }, effects };
}

function onJoined(draft: Draft, { key, state, shownBy }: Extract<GroupObservation, { type: 'joined' }>): void {
  const { next } = draft;
  next.tally = counted(next.tally, healthClassOf(state), 1);
  if (shownBy !== null) next.storm = withUnshown(next.storm, key, shownBy);
}

function onLeft(draft: Draft, key: string, state: InstanceState | null): void {
  const { next } = draft;
  if (state !== null) next.tally = counted(next.tally, healthClassOf(state), -1);
  next.queue = unqueued(next.queue, key);
  next.suspicion = suspicionWithout(next.suspicion, key);
  recordEffect(draft, key, false);
}

function onTransition(draft: Draft, transition: Transition): void {
  const { next } = draft;
  const { key, before, after, events } = transition;
  if (events.some(({ type }) => type === 'restart_started')) next.restarts = restartBegun(next.restarts, draft.now);
  if (transition.removed) return;
  if (transition.counted) recount(draft, before, after);
  for (const event of events) applyEvent(draft, transition, event);
  if (after.holds.includes('gateway_outage')) {
    if (mayBeOutage(next, key)) holdBySuspicion(draft, key);
  } else if (after.holds.includes('storm')) announceStorm(draft);
  queueOrNot(draft, transition);
}

function applyEvent(draft: Draft, { key, showsWithin }: Transition, event: InstanceEvent): void {
  const { next, now } = draft;
  switch (event.type) {
    case 'restart_started':
      announceStorm(draft);
      if (isSick({ phase: event.intent.from })) next.storm = withUnshown(next.storm, key, now + showsWithin);
      return;
    case 'healed':
      recordEffect(draft, key, true);
      return;
    case 'not_healed':
      recordEffect(draft, key, false);
      return;
    case 'restart_finished':
      if (event.outcome === 'rejected' || event.outcome === 'unreachable') recordEffect(draft, key, false);
      return;
    case 'phase_changed':
      if (event.to === 'needs_human') recordEffect(draft, key, false);
      return;
    default:
      return;
  }
}

function recount(draft: Draft, before: InstanceState, after: InstanceState): void {
  const from = healthClassOf(before);
  const to = healthClassOf(after);
  if (from !== to) draft.next.tally = counted(counted(draft.next.tally, from, -1), to, 1);
}

function recordEffect(draft: Draft, key: string, healed: boolean): void {
  const { next, policy, now } = draft;
  becomeStorm(draft, withShown(next.storm, key, healed, policy.stormCooldown, now));
}

function announceStorm(draft: Draft): void {
  becomeStorm(draft, withAnnouncement(draft.next.storm, sickCount(draft.next, draft.policy)));
}

function becomeStorm(draft: Draft, { storm, events }: { storm: GroupStorm; events: readonly AccountEvent[] }): void {
  draft.next.storm = storm;
  for (const event of events) draft.effects.push({ type: 'publish', event });
}

function holdBySuspicion(draft: Draft, key: string): void {
  const { suspicion, probe } = suspicionAfterHold(draft.next.suspicion, key);
  draft.next.suspicion = suspicion;
  for (const witness of probe) draft.effects.push({ type: 'probe', key: witness });
}

/**
 * An instance is queued when probes saw it sick and only missing capacity holds it. The oldest outage comes first; a
 * restart since then counts as the beginning of the outage, or the oldest would have every turn. An invited instance
 * keeps its place if the capacity is gone again. If there is capacity, but not for it, it leaves the queue until its
 * next regular probe: invited again at once, it would be probed without end.
 */
function queueOrNot({ next, policy, now }: Draft, transition: Transition): void {
  const { key, before, after, plannedAt } = transition;
  const { holds, failingSince, history } = after;
  // A disabled instance may still be paused or reset. Invited, it would never be probed and would reserve its slot for
  // good.
  const onlyForRoom = transition.counted && holds.length > 0 && holds.every((hold) => HELD_FOR_ROOM.has(hold));
  const wasInvited = isInvited(next.queue, key);
  if (!onlyForRoom || wasInvited) next.queue = unqueued(next.queue, key);
  const waits = wasInvited ? room(next, policy, now) <= 0 : before !== after;
  if (!onlyForRoom || !waits) return;
  const since = failingSince ?? plannedAt ?? after.since;
  next.queue = queued(next.queue, key, Math.max(since, history.at(-1)?.at ?? since));
}

/** Looks at the whole group: storm, outage, which instances may go now, and when to look again. */
function look(draft: Draft): void {
  const { next, policy, now } = draft;
  lookAtStorm(draft);
  lookAtOutage(draft);
  while (!next.outage && queueLength(next.queue) > 0 && room(next, policy, now) > 0) {
    const first = invitedFirst(next.queue);
    if (first === null) break;
    next.queue = first.queue;
    draft.effects.push({ type: 'probe', key: first.key });
  }
  const at = looksAgainAt(next, policy, now);
  if (at === next.wakeAt) return;
  next.wakeAt = at;
  draft.effects.push({ type: 'wake', at });
}

function lookAtStorm(draft: Draft): void {
  const { next, policy, now } = draft;
  const couldBeOutage = canBeCounted(next.tally) && 2 * next.tally.unreachable > next.tally.sick;
  const explained = next.outage || couldBeOutage;
  becomeStorm(draft, withCount(next.storm, sickCount(next, policy), explained, policy.stormCooldown, now));
}

function lookAtOutage({ next, effects }: Draft): void {
  const down = next.unhealthyRoute || next.suspicion.confirmed || gatewayLooksDown(next.tally, next.outage);
  if (down === next.outage) return;
  next.outage = down;
  const { unreachable, watched } = next.tally;
  if (down) {
    next.suspicion = suspicionSettled(next.suspicion);
    effects.push({ type: 'publish', event: { type: 'gateway_outage_began', unreachable, watched } });
  } else {
    effects.push({ type: 'publish', event: { type: 'gateway_outage_ended' } }, { type: 'clear_suspicion' });
  }
}

function mayBeOutage({ outage, tally, suspicion }: GroupState, key: string): boolean {
  return !outage && canBeCounted(tally) && isSuspected(suspicion, key);
}

/** How many more instances may be invited. */
function room({ storm, restarts, queue }: GroupState, policy: GroupPolicy, now: EpochMs): number {
  const allowed = Math.min(restartsAllowedBy(storm.storm, now), freeRestarts(restarts, policy, now));
  return allowed - invitations(queue);
}

/** Capacity that comes by time alone: a quiet time or a pause between canaries ends, the minute of the limit passes. */
function looksAgainAt({ storm, restarts, queue }: GroupState, policy: GroupPolicy, now: EpochMs): EpochMs | null {
  const freesAt = queueLength(queue) > 0 ? restartsFreeAt(restarts, policy, invitations(queue), now) : null;
  const at = Math.min(stormChangesAt(storm, now), freesAt ?? Number.POSITIVE_INFINITY);
  return at === Number.POSITIVE_INFINITY ? null : at;
}
