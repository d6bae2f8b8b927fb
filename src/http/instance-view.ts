import { budgetFreesAt, spentWithin } from '../core/budget.ts';
import { inCooldown } from '../core/holds.ts';
import type { Hold, JsonValue, Outcome, Phase, RestartRecord, Trigger } from '../core/instance.ts';
import { isoTime, isoTimeOrNull } from '../core/iso-time.ts';
import { remedyFor } from '../core/remedy.ts';
import { SECOND, type EpochMs } from '../core/time.ts';
import { verdictOf, type Cause, type Verdict } from '../core/verdict.ts';
import type { LastProbe, Watched } from '../runtime/fleet.ts';

/** An instance as API, `status --json` and event stream show it. Times are ISO 8601 in UTC, durations seconds. */
export interface InstanceView {
  readonly name: string;
  readonly account: string;
  readonly gateway: string;
  readonly phoneNumberId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly phase: Phase;
  readonly since: string;
  /** Null while a probe is under way, while a restart call is in flight, and when the instance is disabled. */
  readonly nextProbeAt: string | null;
  readonly lastProbe: LastProbeView | null;
  readonly consecutiveFailures: number;
  readonly failingSince: string | null;
  /** What a person can do; null where there is nothing. */
  readonly remedy: string | null;
  readonly restart: RestartView;
  /** Who paused automatic restarts, and why. */
  readonly pause: null;
}

export interface LastProbeView {
  readonly at: string;
  readonly verdict: Verdict;
  readonly cause: Cause;
  readonly detail: string | null;
  readonly seconds: number;
}

export interface RestartView {
  readonly attempt: number;
  /** When cooldown and budget allow the restart that is due; null: none is due. */
  readonly dueAt: string | null;
  readonly holds: readonly Hold[];
  /** Null once it is over. */
  readonly cooldownUntil: string | null;
  readonly budget: {
    readonly restarts: number;
    readonly per: number;
    readonly spent: number;
    /** Null while the next restart fits into the budget. */
    readonly freesAt: string | null;
  };
  readonly last: RestartRecordView | null;
}

export interface RestartRecordView {
  readonly at: string;
  readonly trigger: Trigger;
  readonly requestedBy: string | null;
  readonly outcome: Outcome | null;
  readonly httpStatus: number | null;
  readonly body: JsonValue;
  readonly healed: boolean;
  readonly secondsToHeal: number | null;
}

/** An instance with all that is remembered of it, oldest first. */
export interface InstanceDetailView extends InstanceView {
  readonly history: readonly RestartRecordView[];
  readonly heartbeats: readonly Verdict[];
}

export function instanceView(watched: Watched, now: EpochMs): InstanceView {
  const { definition, account, state } = watched;
  return {
    name: watched.name,
    account: account.name,
    gateway: account.gatewayName,
    phoneNumberId: definition.phoneNumberId,
    labels: definition.labels,
    enabled: definition.enabled,
    phase: state.phase,
    since: isoTime(state.since),
    nextProbeAt: nextProbeAt(watched),
    lastProbe: watched.lastProbe === null ? null : lastProbeView(watched.lastProbe),
    consecutiveFailures: state.failures,
    failingSince: isoTimeOrNull(state.failingSince),
    remedy: remedyFor(causeToCure(watched)),
    restart: restartView(watched, now),
    pause: null,
  };
}

export function instanceDetailView(watched: Watched, now: EpochMs): InstanceDetailView {
  return {
    ...instanceView(watched, now),
    history: watched.state.history.map(restartRecordView),
    heartbeats: watched.heartbeats.list(),
  };
}

function nextProbeAt({ definition, probing, queueIndex, dueAt }: Watched): string | null {
  const queued = definition.enabled && !probing && queueIndex !== -1;
  return queued && Number.isFinite(dueAt) ? isoTime(dueAt) : null;
}

function lastProbeView({ at, cause, detail, seconds }: LastProbe): LastProbeView {
  return { at: isoTime(at), verdict: verdictOf(cause), cause, detail, seconds };
}

/**
 * The cause that a person may have to do something about. While there is no outage that is what the last probe met,
 * even if it was inconclusive: it is all there is. In an outage it is what the outage comes from.
 */
function causeToCure({ state, lastProbe }: Watched): Cause | null {
  if (state.refusal !== null) return state.refusal;
  const noOutage = state.phase === 'unknown' || state.phase === 'healthy';
  return noOutage ? (lastProbe?.cause ?? null) : state.cause;
}

function restartView(watched: Watched, now: EpochMs): RestartView {
  const { state } = watched;
  const { budget } = watched.policy.restart;
  const last = state.history.at(-1);
  return {
    attempt: state.attempt,
    dueAt: isoTimeOrNull(dueAt(watched, now)),
    holds: state.holds,
    cooldownUntil: inCooldown(state, now) ? isoTimeOrNull(state.cooldownUntil) : null,
    budget: {
      restarts: budget.restarts,
      per: budget.per / SECOND,
      spent: spentWithin(state.spent, budget, now).length,
      freesAt: isoTimeOrNull(budgetFreesAt(state.spent, budget, now)),
    },
    last: last === undefined ? null : restartRecordView(last),
  };
}

function dueAt({ definition, policy, state }: Watched, now: EpochMs): EpochMs | null {
  const due = state.phase === 'down' || state.phase === 'exhausted';
  if (!due || !definition.enabled || !policy.restart.enabled) return null;
  const freesAt = budgetFreesAt(state.spent, policy.restart.budget, now);
  return Math.max(state.since, state.cooldownUntil ?? 0, freesAt ?? 0);
}

function restartRecordView({ at, ...record }: RestartRecord): RestartRecordView {
  return { at: isoTime(at), ...record };
}
