import type { InstanceEvent } from '../event.ts';
import { harmfulRestarts, NONE, type Hold, type InstanceState } from '../instance/instance.ts';
import type { EpochMs } from '../time.ts';
import { verdictOf, type Cause } from '../verdict.ts';
import {
  allHarm,
  HELD_FOR_ROOM,
  sickCount,
  type GroupEffect,
  type GroupObservation,
  type GroupPolicy,
  type GroupState,
  type Transition,
} from './group.ts';
import { becomeStorm, look, mayBeOutage, published, room, type Draft } from './group-look.ts';
import { isMadeWorseBy, withAnnouncement, withShown, withUnshown } from './group-storm.ts';
import { isHarmful, withHarm } from './harm.ts';
import { isDead, recounted } from './long-dead.ts';
import { withAnswer, type OddAnswers } from './odd-answers.ts';
import { freeRestarts, restartBegun, restartCancelled, restartEnded, restartsRecalled } from './restart-limits.ts';
import { invitations, isInvited, queued, unqueued } from './restart-queue.ts';
import { REFUSALS, withTrouble } from './shared-trouble.ts';
import { valueOf, withoutEntry } from './sorted-map.ts';
import { restartsAllowedBy, stormAfterRelease, type Shown } from './storm.ts';
import { isUnsuspicious, suspicionAfterHold, suspicionAfterProbe, suspicionWithout } from './suspicion.ts';
import { isSick } from './tally.ts';

/** The result of a step: the next state of the group, and what the loop must do. */
export interface GroupStep {
  readonly state: GroupState;
  readonly effects: readonly GroupEffect[];
}

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
  // Almost all observations are probes that change little.
  if (observation.type === 'probe_ended') {
    const odd = withAnswer(state.odd, observation.key, observation.cause);
    const probed = onProbeEnded(state, observation);
    return odd === state.odd ? probed : onOddAnswer(probed, odd, policy, now);
  }
  const draft: Draft = { next: { ...state }, effects: [], policy, now };
  switch (observation.type) {
    case 'joined':
      onJoined(draft, observation);
      return draftedStep(draft);
    case 'left':
      onLeft(draft, observation.key, observation.state);
      return draftedStep(draft);
    case 'restarts_recalled':
      draft.next.restarts = restartsRecalled(draft.next.restarts, observation.count, now);
      return draftedStep(draft);
    case 'transition':
      onTransition(draft, observation);
      break;
    case 'restart_cancelled':
      draft.next.restarts = restartCancelled(draft.next.restarts);
      if (observation.counted) recount(draft, observation.key, observation.before, observation.after);
      recordEffect(draft, observation.key, 'never');
      break;
    case 'restart_ended':
      draft.next.restarts = restartEnded(draft.next.restarts, now);
      draft.next.accepted ||= observation.accepted;
      break;
    case 'released':
      onReleased(draft, observation);
      break;
    case 'health_route':
      draft.next.route = observation.down ? 'down' : 'well';
      break;
    case 'elsewhere_changed':
      draft.next.elsewhere = observation.elsewhere;
      break;
    case 'looked':
      break;
  }
  look(draft);
  return draftedStep(draft);
}

type ProbeEnded = Extract<GroupObservation, { type: 'probe_ended' }>;

/** Whether this is a good answer in a group in which nobody fails or is answered oddly. It changes only who was answered last. */
export function isCalm({ odd, suspicion }: GroupState, observation: GroupObservation): observation is ProbeEnded {
  return (
    observation.type === 'probe_ended' &&
    verdictOf(observation.cause) === 'healthy' &&
    odd.last === null &&
    isUnsuspicious(suspicion)
  );
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
  if (state.harmful) holds.push('harmful');
  return holds;
}

function draftedStep({ next, effects }: Draft): GroupStep {
  return { state: next, effects };
}

function onProbeEnded(state: GroupState, { key, cause, startedAt }: ProbeEnded): GroupStep {
  const { suspicion, probe } = suspicionAfterProbe(state.suspicion, key, cause, startedAt);
  const effects = probe.length === 0 ? NONE : probe.map((each): GroupEffect => ({ type: 'probe', key: each }));
  return { state: suspicion === state.suspicion ? state : { ...state, suspicion }, effects };
}

/** An instance is answered oddly, or no longer. At the first refusal, others show whether it is about all of them. */
function onOddAnswer({ state, effects }: GroupStep, odd: OddAnswers, policy: GroupPolicy, now: EpochMs): GroupStep {
  const draft: Draft = { next: { ...state, odd }, effects: [...effects], policy, now };
  const isFirst = REFUSALS.some((refusal) => odd.count[refusal] === 1 && state.odd.count[refusal] === 0);
  if (isFirst) {
    const others = state.suspicion.witnesses.filter((witness) => valueOf(odd.last, witness) === undefined);
    for (const key of others) draft.effects.push({ type: 'probe', key });
  }
  look(draft);
  return draftedStep(draft);
}

function onJoined(draft: Draft, { key, state, shownBy }: Extract<GroupObservation, { type: 'joined' }>): void {
  const { next } = draft;
  recount(draft, key, null, state);
  next.harms = withHarm(next.harms, key, harmfulRestarts(state));
  next.accepted ||= state.history.some(({ outcome }) => outcome === 'accepted');
  if (shownBy !== null) next.storm = withUnshown(next.storm, key, shownBy);
}

function onLeft(draft: Draft, key: string, state: InstanceState | null): void {
  const { next } = draft;
  if (state !== null) recount(draft, key, state, null);
  next.odd = withAnswer(next.odd, key, null);
  next.queue = unqueued(next.queue, key);
  next.suspicion = suspicionWithout(next.suspicion, key);
  recordEffect(draft, key, 'never');
}

function onReleased(
  { next, effects, policy, now }: Draft,
  { by, at, keys }: Extract<GroupObservation, { type: 'released' }>,
): void {
  const before = next.harms.length;
  next.harms = next.harms.filter((harm) => harm.at > at || (keys !== null && !keys.has(harm.key)));
  if (keys === null) next.released = { at, by };
  // A release that another replica passes on comes late: there may be new harm since.
  if (isHarmful(allHarm(next), policy.maxHarmed)) return;
  // Published even if too little harm was done to hold anything, because a person acted.
  if (next.harms.length < before || next.harmful) effects.push(published({ type: 'harmful_ended', by }));
  next.harmful = false;
  next.storm = { ...next.storm, storm: stormAfterRelease(next.storm.storm, now) };
}

function onTransition(draft: Draft, transition: Transition): void {
  const { next } = draft;
  const { key, before, after, events } = transition;
  if (events.some(({ type }) => type === 'restart_started')) next.restarts = restartBegun(next.restarts);
  if (transition.removed) return;
  const blindness = events.find((event) => event.type === 'answers_missing');
  if (transition.counted) recount(draft, key, before, after, blindness?.cause);
  for (const event of events) applyEvent(draft, transition, event);
  if (after.holds.includes('gateway_outage')) {
    if (mayBeOutage(next, key)) holdBySuspicion(draft, key);
  } else if (after.holds.includes('storm')) announceStorm(draft);
  queueOrNot(draft, transition);
}

function applyEvent(draft: Draft, { key, after, showsWithin }: Transition, event: InstanceEvent): void {
  const { next, now } = draft;
  switch (event.type) {
    case 'restart_started':
      announceStorm(draft);
      if (isSick({ phase: event.intent.from })) next.storm = withUnshown(next.storm, key, now + showsWithin);
      return;
    case 'healed':
      recordEffect(draft, key, 'healed');
      return;
    case 'recovered':
      // It is well again, and not by its restart.
      next.storm = { ...next.storm, unshown: withoutEntry(next.storm.unshown, key) };
      return;
    case 'not_healed':
      recordEffect(draft, key, 'given_up');
      return;
    case 'restart_harmed':
      next.harms = withHarm(next.harms, key, harmfulRestarts(after));
      recordEffect(draft, key, 'harmed');
      return;
    case 'restart_finished':
      if (event.outcome === 'rejected' || event.outcome === 'unreachable') recordEffect(draft, key, 'never');
      return;
    case 'phase_changed':
      if (event.to === 'needs_human') recordEffect(draft, key, 'never');
      return;
    default:
      return;
  }
}

/** @param blindBy why nothing is known of it from now on */
function recount(
  { next }: Draft,
  key: string,
  before: InstanceState | null,
  after: InstanceState | null,
  blindBy: Cause | null = null,
): void {
  next.census = recounted(next.census, key, before, after);
  next.trouble = withTrouble(next.trouble, before, after, blindBy);
}

function recordEffect(draft: Draft, key: string, shown: Shown): void {
  const { next, policy, now } = draft;
  becomeStorm(draft, withShown(next.storm, key, shown, policy.stormCooldown, now));
}

function announceStorm(draft: Draft): void {
  becomeStorm(draft, withAnnouncement(draft.next.storm, sickCount(draft.next, draft.policy)));
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
  // From an answer that says nothing, nothing follows.
  const isNews = before !== after && after.inconclusive === null;
  const waits = wasInvited ? room(next, policy, now) <= 0 : isNews;
  if (!onlyForRoom || !waits) return;
  // The living go first: what has been in vain for so long is a poor canary.
  const since = isDead(next.census, key) ? now : (failingSince ?? plannedAt ?? after.since);
  next.queue = queued(next.queue, key, Math.max(since, history.at(-1)?.at ?? since));
}
