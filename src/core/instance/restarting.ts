import { chanceOf, cooldownAfter } from './backoff.ts';
import { spend } from './budget.ts';
import { enter, type Draft } from './draft.ts';
import type { SkipReason } from '../event.ts';
import { holdEndsAt, holdsOn } from './holds.ts';
import {
  HISTORY_LIMIT,
  NONE,
  type Hold,
  type Phase,
  type RestartIntent,
  type RestartRecord,
  type Trigger,
} from './instance.ts';
import type { ObservationOf } from './observation.ts';
import type { Policy } from '../policy.ts';
import { MINUTE, type DurationMs, type EpochMs } from '../time.ts';
import { wasAnswered } from '../verdict.ts';

/** The cooldown after a call that surely was not delivered. */
const UNDELIVERED_COOLDOWN: DurationMs = MINUTE;

type RestartEnded = ObservationOf<'restart_ended'>;

/** A restart is due because the instance is down: starts it, or records what holds it. */
export function restartOrHold(draft: Draft, fleetHolds: readonly Hold[]): void {
  if (!draft.policy.restart.enabled) return;
  const holds = holdsOn(draft, fleetHolds);
  enter(draft, holds.includes('budget') ? 'exhausted' : 'down');
  if (holds.length === 0) startRestart(draft, 'failure', null);
  else hold(draft, 'failure', holds);
}

/** Announces that a restart will not be made, also to the one who asked for it. */
export function skip(draft: Draft, trigger: Trigger, why: SkipReason): void {
  draft.events.push({ type: 'restart_skipped', trigger, why });
  draft.answer = { ...draft.answer, skipped: why };
}

export function dropPlanned(draft: Draft, why: SkipReason): void {
  if (draft.next.planned === null) return;
  draft.next.planned = null;
  clearHolds(draft);
  draft.events.push({ type: 'restart_skipped', trigger: 'schedule', why });
}

/** Skips a planned restart whose time, by the wall clock, is over. */
export function dropExpired(draft: Draft): void {
  const { next, wall } = draft;
  if (next.planned !== null && wall >= next.planned.expiresAt) dropPlanned(draft, 'expired');
}

export function clearHolds(draft: Draft): void {
  if (draft.next.holds.length > 0) draft.next.holds = NONE;
  if (draft.next.holdsMet.length > 0) draft.next.holdsMet = NONE;
}

/** Announces each hold once per due restart, however often it is met. */
export function hold({ next, events, policy, now }: Draft, trigger: Trigger, holds: readonly Hold[]): void {
  const fresh = holds.filter((name) => !next.holdsMet.includes(name));
  next.holds = holds;
  if (fresh.length > 0) next.holdsMet = [...next.holdsMet, ...fresh];
  for (const name of fresh) {
    const until = holdEndsAt(name, next, policy.restart, now);
    events.push({ type: 'restart_held', trigger, hold: name, until });
  }
}

/**
 * Records the restart as begun: from here on it counts for attempts, cooldown and budget, whatever the outcome of the
 * call. The call itself follows only after the state is saved.
 */
export function startRestart(draft: Draft, trigger: Trigger, requestedBy: string | null): void {
  const { next, policy, now } = draft;
  draft.beforeRestart = { next: { ...next, holds: NONE }, events: [...draft.events] };
  if (next.planned !== null && trigger !== 'schedule') dropPlanned(draft, 'superseded');
  const attempt = next.attempt + 1;
  const { phase: from, cooldownUntil: cooldownBefore } = next;
  const intent = { trigger, requestedBy, startedAt: now, attempt, from, cooldownBefore };
  next.attempt = attempt;
  next.spent = spend(next.spent, policy.restart.budget, now);
  next.cooldownUntil = now + cooldownAfter(attempt, policy.restart, chanceOf(next.seed, now));
  next.graceUntil = null;
  next.intent = intent;
  next.planned = null;
  next.connectingSince = null;
  next.successes = 0;
  // Whatever it is for, it is the one that a silence gets.
  const { silence } = next;
  if (silence !== null && silence.since !== null)
    next.silence = { ...silence, restartedAt: silence.restartedAt ?? now };
  clearHolds(draft);
  const record: RestartRecord = {
    at: now,
    trigger,
    from,
    unpaired: next.pairing === 'awaited',
    harmed: false,
    requestedBy,
    outcome: null,
    httpStatus: null,
    method: null,
    body: null,
    healed: false,
    secondsToHeal: null,
  };
  next.history = [...next.history, record].slice(-HISTORY_LIMIT);
  enter(draft, 'restarting');
  draft.intent = intent;
  draft.events.push({ type: 'restart_started', intent });
}

/** The call ended. Only probes can show whether it helped. */
export function endRestart(draft: Draft, intent: RestartIntent, ended: RestartEnded): void {
  const { next, policy, now } = draft;
  const { outcome, httpStatus, method, body } = ended;
  next.intent = null;
  next.history = next.history.map((record) => {
    if (record.at !== intent.startedAt || record.outcome !== null) return record;
    const complete = { ...record, outcome, httpStatus, method, body };
    draft.answer = { ...draft.answer, record: complete };
    return complete;
  });
  const refusal = refusalOf(draft, intent, ended);
  const counts = outcome === 'accepted' || outcome === 'unknown';
  if (outcome === 'accepted') next.refusals = 0;
  if (ended.rateLimited) refundUntil(draft, intent, now + silence(policy, ended.retryAfter));
  else if (outcome === 'unreachable') {
    forgetUndelivered(draft, intent);
    refundUntil(draft, intent, now + Math.min(policy.restart.cooldown, UNDELIVERED_COOLDOWN));
  } else if (ended.refusal !== null && refusal === null) {
    refundUntil(draft, intent, next.cooldownUntil ?? now);
  }
  if (refusal !== null) {
    next.refusal = refusal;
    next.cause = refusal;
    next.failures = 0;
    next.troubleSince = null;
    enter(draft, 'needs_human');
  } else if (counts) {
    next.failures = 0;
    next.recent = 0;
    next.troubleSince = null;
    next.refusal = null;
    next.healthySince = null;
    next.graceUntil = now + policy.restart.grace;
    enter(draft, 'recovering');
  } else {
    // What the gateway said is about the restart, and no reason of the phase before it.
    enter({ ...draft, detail: null }, backTo(intent.from));
    if (outcome === 'rejected' && !ended.rateLimited && ended.refusal === null) escalate(draft);
  }
  draft.events.push({
    type: 'restart_finished',
    intent,
    outcome,
    httpStatus,
    detail: ended.detail,
    refusal,
    seconds: ended.seconds,
    cooldownUntil: next.cooldownUntil,
  });
}

/** A restart has failed. Attempts only grow during an outage, so this is done once. */
export function escalate({ next: { attempt, cause }, events, policy }: Draft): void {
  const { escalate: wanted } = policy.restart;
  if (wanted?.after === attempt) events.push({ type: 'escalated', attempt, cause, to: wanted.notify });
}

/**
 * The refusal that is for good; null: there is none. One alone is not final: it may come from a proxy in front of the
 * gateway, or from a gateway that is just being started. So it must be the gateway's own, in JSON, and come again after
 * the cooldown, once more where the account's restarts were accepted before. A wrong route counts only while the
 * gateway answers probes; otherwise a 404 may have other reasons. Another refusal than the last one begins again, and one
 * that was forced without the wait says no more than that.
 */
function refusalOf({ next }: Draft, intent: RestartIntent, ended: RestartEnded): RestartEnded['refusal'] {
  const { refusal, body, acceptedBefore } = ended;
  if (refusal === null || body === null || typeof body !== 'object') return null;
  if (refusal === 'restart_unsupported' && next.cause !== null && !wasAnswered(next.cause)) return null;
  if (intent.cooldownBefore !== null && intent.startedAt < intent.cooldownBefore) return null;
  const [last, before] = next.history.filter(({ outcome }) => outcome === 'rejected').toReversed();
  if (before !== undefined && kindOf(before) !== kindOf(last ?? ended)) next.refusals = 0;
  next.refusals += 1;
  return next.refusals < (acceptedBefore ? 3 : 2) ? null : refusal;
}

/** What a refused call was refused for, by its status. */
function kindOf({ httpStatus }: Pick<RestartRecord, 'httpStatus'>): number | null {
  if (httpStatus === 403) return 401;
  return httpStatus === 405 ? 404 : httpStatus;
}

/** How long the gateway wants to be left alone, within limits. */
function silence({ probe, restart }: Policy, retryAfter: DurationMs | null): DurationMs {
  const wait = Math.max(retryAfter ?? 0, probe.retryEvery);
  return Math.min(wait, Math.max(restart.backoff.max, probe.retryEvery));
}

/** The call does not count: it costs no budget and no attempt, and the next one may follow at `at`. */
function refundUntil({ next }: Draft, intent: RestartIntent, at: EpochMs): void {
  next.attempt = Math.max(0, next.attempt - 1);
  next.spent = next.spent.toSpliced(next.spent.lastIndexOf(intent.startedAt), 1);
  next.cooldownUntil = Math.max(at, intent.cooldownBefore ?? 0);
  if (next.silence?.restartedAt === intent.startedAt) next.silence = { ...next.silence, restartedAt: null };
}

/** Undelivered calls one after the other are one in the history, or they would push all others out of it. */
function forgetUndelivered({ next }: Draft, { startedAt, trigger }: RestartIntent): void {
  const index = next.history.findLastIndex(({ at }) => at === startedAt);
  const before = next.history[index - 1];
  const isRepeated = trigger === 'failure' || trigger === 'silence';
  if (!isRepeated || before?.outcome !== 'unreachable' || before.trigger !== trigger) return;
  next.history = next.history.toSpliced(index - 1, 1);
}

/** After a call that certainly did nothing, the instance returns to its phase before, without an earlier grace. */
function backTo(from: Phase): Phase {
  return from === 'recovering' || from === 'restarting' ? 'down' : from;
}
