import { draftOf, enter, finish, unchanged, type Decision, type Draft, type Given } from './draft.ts';
import { isPaused } from './holds.ts';
import { isSilent, SICK_PHASES, type InstanceState, type RestartRecord } from './instance.ts';
import {
  callForHuman,
  causeBehind,
  isBeyondRestart,
  nameUnscanned,
  onNeedsHuman,
  staysWithHuman,
} from './needs-human.ts';
import type { ObservationOf, Probe } from './observation.ts';
import { endPause } from './operator-requests.ts';
import { connectingPatience, isPairing, showsUntil } from './patience.ts';
import { restartIfPlanned } from './planned-restart.ts';
import { clearHolds, dropExpired, escalate, restartOrHold } from './restarting.ts';
import type { Policy } from '../policy.ts';
import { awaitsRestart, beginSilence, expectLife, restartIfSilent } from '../silence/silence.ts';
import { SECOND, type EpochMs } from '../time.ts';
import { blamesGateway, verdictOf, type Cause } from '../verdict.ts';

/** Fewer probes say little, however long they took. */
const FEWEST_TO_BE_BLIND = 10;

/** The cause is this process or this machine, which is an incident of its own. */
const OURS: ReadonlySet<Cause> = new Set<Cause>(['own_network', 'aborted']);

/**
 * What a reading means for an instance in this state: `connecting` that lasts longer than it may is
 * `stuck_connecting`, and what is well is `silent` while it shows no sign of life; every other cause stays as it is.
 */
export function judge(state: InstanceState, cause: Cause, startedAt: EpochMs, policy: Policy): Cause {
  if (isSilent(state) && verdictOf(cause) === 'healthy') return 'silent';
  if (cause !== 'connecting' || state.connectingSince === null) return cause;
  const isLate = startedAt - state.connectingSince >= connectingPatience(state, policy);
  return isLate && !isPairing(state, startedAt, policy) ? 'stuck_connecting' : cause;
}

/** A probe has ended. */
export function onProbe(given: Given, probe: Probe): Decision {
  const { state, policy, now, wall } = given;
  // A probe that was under way when the restart began is about the time before it.
  if (state.phase === 'restarting') return unchanged(state);
  if (state.phase === 'recovering' && probe.startedAt < state.since) return unchanged(state);
  const cause = judge(state, probe.cause, probe.startedAt, policy);
  const verdict = verdictOf(cause);
  if (verdict === 'inconclusive' && OURS.has(cause)) return unchanged(state);
  if (verdict === 'healthy' && probe.quiet === null && teachesNothing(state, cause, policy, now, wall))
    return unchanged(state);
  const draft = draftOf(given, probe.detail);
  endPause(draft);
  if (verdict !== 'inconclusive') draft.next.inconclusive = null;
  switch (verdict) {
    case 'healthy':
      onHealthy(draft, probe, cause);
      break;
    case 'unhealthy':
      onUnhealthy(draft, probe, cause);
      break;
    case 'transitional':
      onTransitional(draft, probe, cause);
      break;
    case 'needs_human':
      onNeedsHuman(draft, probe, cause);
      break;
    case 'inconclusive':
      onInconclusive(draft, probe, cause);
      if (cause === 'unknown_state') restartIfSilent(draft, probe);
      break;
  }
  return finish(draft);
}

/** A list names the instance. What it says counts as a probe where it confirms what is known, and nowhere else. */
export function onListed(given: Given, { cause, startedAt, quiet }: ObservationOf<'listed'>): Decision {
  if (!isConfirmedByList(given.state, cause, given.policy)) return unchanged(given.state);
  const probe = { type: 'probe', cause, detail: null, startedAt, quiet, outOfTurn: false, holds: [], blindAfter: 0 };
  return onProbe(given, probe as Probe);
}

/**
 * Whether what a list says of an instance counts without a probe of it: all is well with one that is well, or of which
 * nothing is known yet, or it needs a human as before. A list may be old, or made of other data than the answer about an
 * instance, so whatever could lead to a restart, or away from trouble, is left to a probe.
 */
export function isConfirmedByList(state: InstanceState, cause: Cause, policy: Policy): boolean {
  const awaitsProbe = state.planned !== null || awaitsRestart(state, policy);
  const isOpen = state.connectingSince !== null || state.troubleSince !== null || state.inconclusive !== null;
  if (awaitsProbe || isOpen) return false;
  const verdict = verdictOf(cause);
  // The time of a pairing counts from when it was seen, which an old list would put too early.
  if (verdict === 'healthy')
    return state.pairing !== 'awaited' && (state.phase === 'healthy' || state.phase === 'unknown');
  return verdict === 'needs_human' && state.phase === 'needs_human' && state.cause === cause && state.successes === 0;
}

/**
 * The hot path: a healthy probe of a healthy, stable instance that waits for nothing. `decide` would return the state
 * unchanged, so the caller may skip it.
 */
export function teachesNothing(
  state: InstanceState,
  cause: Cause,
  policy: Policy,
  now: EpochMs,
  wall: EpochMs,
): boolean {
  return (
    state.phase === 'healthy' &&
    state.cause === cause &&
    state.healthySince !== null &&
    state.recent === 0 &&
    state.troubleSince === null &&
    state.inconclusive === null &&
    state.planned === null &&
    (state.pause === null || isPaused(state, wall)) &&
    (state.attempt === 0 || now - state.healthySince < policy.restart.stableFor)
  );
}

function onHealthy(draft: Draft, probe: Probe, cause: Cause): void {
  const { next, policy, now } = draft;
  const wasSilent = isSilent(next);
  const wasUp = next.phase === 'healthy' || next.phase === 'suspect';
  next.known = true;
  next.failures = 0;
  next.recent = withResult(next.recent, false, policy);
  next.troubleSince = null;
  next.connectingSince = null;
  next.healthySince ??= probe.startedAt;
  // One good answer ends a suspicion; an outage ends only after successThreshold of them.
  const outage = SICK_PHASES.has(next.phase);
  next.successes = outage ? next.successes + 1 : 0;
  const isBack = !outage || next.successes >= policy.probe.successThreshold;
  // Until then its trouble is what needs a human.
  if (isBack || next.phase !== 'needs_human') {
    next.cause = cause;
    if (next.pairing === 'awaited') next.pairing = probe.startedAt;
  }
  if (!isBack) return;
  if (outage) endOutage(draft);
  enter(draft, 'healthy');
  next.successes = 0;
  next.failingSince = null;
  next.graceUntil = null;
  next.refusal = null;
  next.acknowledged = null;
  if (outage) {
    next.recent = 0;
    next.refusals = 0;
  }
  expectLife(draft);
  // After another trouble it is counted from zero.
  if (wasUp) beginSilence(draft, probe);
  if (next.planned === null && !awaitsRestart(next, policy)) clearHolds(draft);
  if (next.attempt > 0 && now - next.healthySince >= policy.restart.stableFor) {
    draft.events.push({ type: 'stable', attempts: next.attempt });
    next.attempt = 0;
  }
  restartIfPlanned(draft, probe.holds);
  // The evidence of a restart must be fresh, so another probe makes sure.
  if (wasSilent) restartIfSilent(draft, probe);
}

/**
 * A healing follows a restart in this outage that may have reached the gateway, and not so long after it that something
 * else must have helped; anything else is a recovery.
 */
function endOutage(draft: Draft): void {
  const { next, events, now } = draft;
  const downSeconds = next.failingSince === null ? null : (now - next.failingSince) / SECOND;
  const cure = lastCure(draft);
  if (cure === undefined) {
    if (downSeconds !== null) events.push({ type: 'recovered', downSeconds });
    return;
  }
  const secondsToHeal = (now - cure.at) / SECOND;
  next.history = next.history.map((record) => (record === cure ? { ...record, healed: true, secondsToHeal } : record));
  events.push({ type: 'healed', trigger: cure.trigger, attempt: next.attempt, secondsToHeal, downSeconds });
}

function lastCure({ next, policy, now }: Draft): RestartRecord | undefined {
  const began = next.failingSince;
  return next.history.findLast(
    (record) =>
      !record.healed &&
      (record.outcome === 'accepted' || record.outcome === 'unknown') &&
      (next.phase === 'recovering' ||
        // What is still on its way is `recovering`; for all else a late attempt shows no later than the first.
        (began !== null && record.at >= began && now <= showsUntil(record.at, { attempt: 1 }, policy))),
  );
}

function onUnhealthy(draft: Draft, probe: Probe, found: Cause): void {
  const { next, policy } = draft;
  const cause = causeBehind(next, found);
  next.successes = 0;
  next.healthySince = null;
  if (cause !== 'stuck_connecting') next.connectingSince = null;
  if (next.phase === 'needs_human' && staysWithHuman(next, cause)) {
    nameUnscanned(draft, cause);
    return;
  }
  if (!blamesGateway(cause)) next.troubleSince = null;
  next.cause = cause;
  if (cause === 'disconnected' && isPairing(next, probe.startedAt, policy)) return;
  next.failingSince ??= probe.startedAt;
  if (next.phase !== 'suspect' || !probe.outOfTurn) {
    next.failures += 1;
    next.recent = withResult(next.recent, true, policy);
  }
  if (next.phase === 'recovering') {
    if (next.graceUntil !== null && probe.startedAt < next.graceUntil) return;
    next.graceUntil = null;
    draft.events.push({ type: 'not_healed', attempt: next.attempt, cause });
    escalate(draft);
    enter(draft, 'down');
  } else if (next.phase !== 'down' && next.phase !== 'exhausted') suspectOrDown(draft);
  const isBeyond = isBeyondRestart(next, cause);
  if (next.phase === 'suspect') {
    if (!isBeyond) restartIfPlanned(draft, probe.holds);
  } else if (isBeyond) callForHuman(draft, cause);
  else restartOrHold(draft, probe.holds);
}

/**
 * Whether one more failing probe would make an instance in this state be restarted, or released from a hold: then its
 * evidence must be fresh.
 */
export function wouldRestart(state: InstanceState, policy: Policy): boolean {
  const { failures, recent, phase } = state;
  const { failureThreshold, failuresWithin } = policy.probe;
  if (phase === 'down' || phase === 'exhausted' || phase === 'recovering') return true;
  return failures + 1 >= failureThreshold || failing(withResult(recent, true, policy)) >= failuresWithin.failures;
}

function suspectOrDown(draft: Draft): void {
  const { failures, recent } = draft.next;
  const { failureThreshold, failuresWithin } = draft.policy.probe;
  const down = failures >= failureThreshold || failing(recent) >= failuresWithin.failures;
  // A planned restart is another one than the restart due now: its holds are announced again.
  if (down) clearHolds(draft);
  enter(draft, down ? 'down' : 'suspect');
}

/** The last results with one more, as far back as the policy looks. */
function withResult(recent: number, failed: boolean, { probe: { failuresWithin } }: Policy): number {
  return ((recent << 1) | (failed ? 1 : 0)) & (2 ** failuresWithin.probes - 1);
}

function failing(recent: number): number {
  let count = 0;
  for (let bits = recent; bits !== 0; bits &= bits - 1) count += 1;
  return count;
}

function onTransitional(draft: Draft, probe: Probe, cause: Cause): void {
  const { next } = draft;
  next.successes = 0;
  next.healthySince = null;
  next.troubleSince = null;
  next.connectingSince ??= probe.startedAt;
  if (next.phase !== 'needs_human') {
    next.cause = cause;
    if (next.pairing === 'awaited') next.pairing = probe.startedAt;
  }
  dropExpired(draft);
}

/** Not knowing is no failure; but when it lasts, the phase must not go on to say what was known before. */
function onInconclusive(draft: Draft, probe: Probe, cause: Cause): void {
  const { next } = draft;
  const { since, probes, blind } = next.inconclusive ?? { since: probe.startedAt, probes: 0, blind: false };
  const isBlindNow = blind || (probes + 1 >= FEWEST_TO_BE_BLIND && probe.startedAt - since >= probe.blindAfter);
  next.inconclusive = { since, probes: probes + 1, blind: isBlindNow };
  if (!isBlindNow || blind) return;
  draft.events.push({ type: 'answers_missing', cause, detail: draft.detail, since });
  if (next.phase !== 'healthy' && next.phase !== 'suspect') return;
  next.cause = cause;
  next.failures = 0;
  next.recent = 0;
  next.failingSince = null;
  next.healthySince = null;
  clearHolds(draft);
  enter(draft, 'unknown');
}
