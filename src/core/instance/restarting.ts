import { chanceOf, cooldownAfter } from './backoff.ts';
import { spend } from './budget.ts';
import { enter, type Draft } from './draft.ts';
import type { SkipReason } from '../event.ts';
import { holdEndsAt, holdsOn } from './holds.ts';
import {
  HISTORY_LIMIT,
  NONE,
  type Hold,
  type InstanceState,
  type Phase,
  type RestartIntent,
  type RestartRecord,
  type Trigger,
} from './instance.ts';
import { isoTime } from '../schedule/iso-time.ts';
import type { Observation } from './observation.ts';
import type { Policy } from '../policy.ts';
import type { EpochMs } from '../time.ts';
import { wasAnswered } from '../verdict.ts';

type RestartEnded = Extract<Observation, { type: 'restart_ended' }>;

/** A restart is due because the instance is down: starts it, or records what holds it. */
export function restartOrHold(draft: Draft, policy: Policy, fleetHolds: readonly Hold[], now: EpochMs): void {
  const { next, wall } = draft;
  if (!policy.restart.enabled) return;
  const holds = holdsOn(next, policy.restart, fleetHolds, now, wall);
  enter(draft, holds.includes('budget') ? 'exhausted' : 'down', now);
  if (holds.length === 0) startRestart(draft, policy, 'failure', null, now);
  else hold(draft, policy, 'failure', holds, now);
}

/**
 * A planned restart waits: starts it when nothing holds it, skips it when its time is over. If the clock was set back
 * to before its time, it waits for that time.
 */
export function restartIfPlanned(draft: Draft, policy: Policy, fleetHolds: readonly Hold[], now: EpochMs): void {
  const { next, wall } = draft;
  dropExpired(draft);
  if (next.planned === null) return;
  if (wall < next.planned.dueAt) {
    clearHolds(draft);
    return;
  }
  const holds = holdsOn(next, policy.restart, fleetHolds, now, wall);
  if (holds.length === 0) startRestart(draft, policy, 'schedule', plannedFor(next.planned.dueAt), now);
  else hold(draft, policy, 'schedule', holds, now);
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

/** Whether the restart planned for this time was made. A clock that is set back reaches that time again. */
export function hadPlanned({ history }: InstanceState, dueAt: EpochMs): boolean {
  const planned = plannedFor(dueAt);
  return history.some(({ trigger, requestedBy }) => trigger === 'schedule' && requestedBy === planned);
}

function plannedFor(dueAt: EpochMs): string {
  return `the schedule for ${isoTime(dueAt)}`;
}

export function clearHolds(draft: Draft): void {
  if (draft.next.holds.length > 0) draft.next.holds = NONE;
  if (draft.next.holdsMet.length > 0) draft.next.holdsMet = NONE;
}

/** Announces each hold once per due restart, however often it is met. */
function hold(draft: Draft, policy: Policy, trigger: Trigger, holds: readonly Hold[], now: EpochMs): void {
  const { next } = draft;
  const fresh = holds.filter((name) => !next.holdsMet.includes(name));
  next.holds = holds;
  if (fresh.length > 0) next.holdsMet = [...next.holdsMet, ...fresh];
  for (const name of fresh) {
    const until = holdEndsAt(name, next, policy.restart, now);
    draft.events.push({ type: 'restart_held', trigger, hold: name, until });
  }
}

/**
 * Records the restart as begun: from here on it counts for attempts, cooldown and budget, whatever the outcome of the
 * call. The call itself follows only after the state is saved.
 */
export function startRestart(
  draft: Draft,
  policy: Policy,
  trigger: Trigger,
  requestedBy: string | null,
  now: EpochMs,
): void {
  const { next } = draft;
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
  clearHolds(draft);
  const record: RestartRecord = {
    at: now,
    trigger,
    requestedBy,
    outcome: null,
    httpStatus: null,
    body: null,
    healed: false,
    secondsToHeal: null,
  };
  next.history = [...next.history, record].slice(-HISTORY_LIMIT);
  enter(draft, 'restarting', now);
  draft.intent = intent;
  draft.events.push({ type: 'restart_started', intent });
}

/** The call ended. Only probes can show whether it helped. */
export function endRestart(draft: Draft, policy: Policy, ended: RestartEnded, now: EpochMs): void {
  const { next } = draft;
  const intent = next.intent;
  if (intent === null) return;
  const { outcome, httpStatus, body } = ended;
  next.intent = null;
  next.history = next.history.map((record) => {
    if (record.at !== intent.startedAt || record.outcome !== null) return record;
    const complete = { ...record, outcome, httpStatus, body };
    draft.answer = { ...draft.answer, record: complete };
    return complete;
  });
  if (ended.rateLimited) refund(draft, policy, ended, intent, now);

  const refusal = refusalOf(draft, ended);
  if (refusal !== null) {
    next.refusal = refusal;
    next.cause = refusal;
    next.failures = 0;
    enter(draft, 'needs_human', now);
  } else if (outcome === 'accepted' || outcome === 'unknown') {
    next.failures = 0;
    next.refusal = null;
    next.healthySince = null;
    next.graceUntil = now + policy.restart.grace;
    enter(draft, 'recovering', now);
  } else {
    enter(draft, backTo(intent.from), now);
  }
  draft.events.push({
    type: 'restart_finished',
    intent,
    outcome,
    httpStatus,
    detail: ended.detail,
    seconds: ended.seconds,
    cooldownUntil: next.cooldownUntil,
  });
}

/** A wrong route counts only while the gateway answers probes; otherwise a 404 may have other reasons. */
function refusalOf(draft: Draft, ended: RestartEnded): RestartEnded['refusal'] {
  const { cause } = draft.next;
  if (ended.refusal === 'restart_unsupported' && cause !== null && !wasAnswered(cause)) return null;
  return ended.refusal;
}

/** The gateway answered 429: the call does not count, and the next one waits as requested, within limits. */
function refund(draft: Draft, policy: Policy, ended: RestartEnded, intent: RestartIntent, now: EpochMs): void {
  const { next } = draft;
  const wait = Math.max(ended.retryAfter ?? 0, policy.probe.retryEvery);
  next.attempt = Math.max(0, next.attempt - 1);
  next.spent = next.spent.toSpliced(next.spent.lastIndexOf(intent.startedAt), 1);
  const granted = now + Math.min(wait, Math.max(policy.restart.backoff.max, policy.probe.retryEvery));
  next.cooldownUntil = Math.max(granted, intent.cooldownBefore ?? 0);
}

/** After a call that certainly did nothing, the instance returns to its phase before, without an earlier grace. */
function backTo(from: Phase): Phase {
  return from === 'recovering' || from === 'restarting' ? 'down' : from;
}
