import { budgetFreesAt, spentWithin } from '../../core/instance/budget.ts';
import { inCooldown, isAcknowledged, isPaused } from '../../core/instance/holds.ts';
import {
  isBlind,
  isSilent,
  type Acknowledgement,
  type Pause,
  type RestartRecord,
} from '../../core/instance/instance.ts';
import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { remedyFor } from '../../core/remedy.ts';
import type { Cadence, Policy } from '../../core/policy.ts';
import { awaitsRestart } from '../../core/silence/silence.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import type { Masks } from '../../redaction/masks.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { LastProbe, Instance } from '../../runtime/fleet/instance.ts';
import type {
  InstanceDetailView,
  InstanceView,
  LastProbeView,
  PolicyView,
  RestartRecordView,
  RestartView,
} from './schemas.ts';

/**
 * @param masks for what gateways said, at the time of showing: what is kept may be older than the config
 * @param wall what the wall clock shows; it differs from `now` once it was set
 */
export function instanceView(instance: Instance, masks: Masks, now: EpochMs, wall: EpochMs = now): InstanceView {
  const { definition, account, state } = instance;
  return {
    name: instance.name,
    displayName: definition.displayName,
    account: account.name,
    gateway: account.gatewayName,
    phoneNumberId: cleanText(definition.phoneNumberId),
    labels: definition.labels,
    enabled: definition.enabled,
    discovered: instance.discovered,
    phase: state.phase,
    since: isoTime(state.since),
    nextProbeAt: isoTimeOrNull(instance.nextProbeAt),
    lastProbe: instance.lastProbe === null ? null : lastProbeView(instance.lastProbe, masks),
    consecutiveFailures: state.failures,
    failingSince: isoTimeOrNull(state.failingSince),
    blindSince: isoTimeOrNull(isBlind(state) ? (state.inconclusive?.since ?? null) : null),
    activity: activityView(instance),
    remedy: remedyOf(instance),
    restart: restartView(instance, masks, now),
    pause: state.pause !== null && isPaused(state, wall) ? requestView(state.pause) : null,
    acknowledged: state.acknowledged !== null && isAcknowledged(state, wall) ? requestView(state.acknowledged) : null,
  };
}

/** The same with everything that is remembered. */
export function instanceDetailView(
  instance: Instance,
  masks: Masks,
  now: EpochMs,
  wall: EpochMs = now,
): InstanceDetailView {
  return {
    ...instanceView(instance, masks, now, wall),
    history: instance.state.history.map((record) => restartRecordView(record, masks)),
    heartbeats: instance.seen.list().map(({ cause }) => verdictOf(cause)),
    probes: instance.seen.list().map(({ at, cause, seconds }) => {
      return { at: isoTime(at), verdict: verdictOf(cause), cause, seconds };
    }),
    policy: policyView(instance.policy),
  };
}

/** The last verdicts, oldest first, a letter each. */
export function heartbeatLetters({ seen }: Instance): string {
  return seen
    .list()
    .map(({ cause }) => letterOf(cause))
    .join('');
}

/** The first letter of its verdict: h, u, t, n or i. */
export function letterOf(cause: Cause): string {
  return verdictOf(cause).charAt(0);
}

function activityView({ state: { silence }, activity }: Instance): InstanceView['activity'] {
  return {
    lastAt: isoTimeOrNull(activity.lastAt),
    expected: silence !== null,
    silentSince: isoTimeOrNull(silence?.since ?? null),
    restartedAt: isoTimeOrNull(silence?.restartedAt ?? null),
  };
}

/** What somebody asked for, with times as people read them. */
function requestView<Request extends Pause | Acknowledgement>({ since, until, ...request }: Request) {
  return { ...request, since: isoTime(since), until: isoTimeOrNull(until) };
}

export function lastProbeView({ at, cause, detail, seconds }: LastProbe, masks: Masks): LastProbeView {
  const shown = detail === null ? null : masks.line(detail);
  return { at: isoTime(at), verdict: verdictOf(cause), cause, detail: shown, seconds };
}

/** What a person can do about a cause, as its gateway says it by itself, or else in general; null: nothing. */
export function remedyAbout({ account }: Instance, cause: Cause | null, detail: string | null = null): string | null {
  return (cause === null ? undefined : account.remedyTexts?.[cause]) ?? remedyFor(cause, detail);
}

/**
 * What a person may have to do. Without an outage it follows from the last probe, even an inconclusive one. In an outage
 * it follows from the cause of the outage, and from the last probe where that found the same cause.
 */
function remedyOf(instance: Instance): string | null {
  const { state, lastProbe } = instance;
  if (state.refusal !== null) return remedyAbout(instance, state.refusal);
  if (isSilent(state)) return remedyAbout(instance, 'silent');
  const noOutage = state.phase === 'unknown' || state.phase === 'healthy';
  const cause = noOutage ? (lastProbe?.cause ?? null) : state.cause;
  return remedyAbout(instance, cause, lastProbe?.cause === cause ? lastProbe.detail : null);
}

function restartView(instance: Instance, masks: Masks, now: EpochMs): RestartView {
  const { state } = instance;
  const { budget } = instance.policy.restart;
  const last = state.history.at(-1);
  return {
    attempt: state.attempt,
    dueAt: isoTimeOrNull(dueAt(instance, now)),
    holds: state.holds,
    cooldownUntil: inCooldown(state, now) ? isoTimeOrNull(state.cooldownUntil) : null,
    budget: {
      restarts: budget.restarts,
      per: seconds(budget.per),
      spent: spentWithin(state.spent, budget, now).length,
      freesAt: isoTimeOrNull(budgetFreesAt(state.spent, budget, now)),
    },
    last: last === undefined ? null : restartRecordView(last, masks),
  };
}

function dueAt({ definition, policy, state }: Instance, now: EpochMs): EpochMs | null {
  const due = state.phase === 'down' || state.phase === 'exhausted' || awaitsRestart(state, policy);
  if (!due || !definition.enabled || !policy.restart.enabled) return null;
  const freesAt = budgetFreesAt(state.spent, policy.restart.budget, now);
  return Math.max(state.since, state.cooldownUntil ?? 0, freesAt ?? 0);
}

export function restartRecordView(
  { at, method: _, unpaired: __, ...record }: RestartRecord,
  masks: Masks,
): RestartRecordView {
  return { at: isoTime(at), ...record, body: masks.body(record.body) };
}

/** The policy of an instance, with the config's keys; durations in seconds. */
function policyView({ probe, restart, activity }: Policy): PolicyView {
  const { backoff, budget } = restart;
  return {
    probe: {
      ...cadenceView(probe.cadence),
      retryEvery: seconds(probe.retryEvery),
      recoverEvery: seconds(probe.recoverEvery),
      timeout: seconds(probe.timeout),
      failureThreshold: probe.failureThreshold,
      successThreshold: probe.successThreshold,
      connectingGrace: seconds(probe.connectingGrace),
      pairingGrace: seconds(probe.pairingGrace),
      failuresWithin: probe.failuresWithin,
      bulk: probe.bulk,
    },
    restart: {
      enabled: restart.enabled,
      grace: seconds(restart.grace),
      cooldown: seconds(restart.cooldown),
      backoff: { factor: backoff.factor, max: seconds(backoff.max), jitter: backoff.jitter },
      stableFor: seconds(restart.stableFor),
      budget: { restarts: budget.restarts, per: seconds(budget.per) },
      timeout: seconds(restart.timeout),
      retries: restart.retries,
      schedule: restart.schedule?.expression ?? null,
      timezone: restart.schedule?.timezone ?? null,
    },
    activity: {
      silentAfter: activity.silentAfter === null ? null : seconds(activity.silentAfter),
      during: activity.during?.expression ?? null,
      timezone: activity.during?.timezone ?? null,
      restart: activity.restart,
      echo: activity.echo && { every: seconds(activity.echo.every), to: activity.echo.to },
    },
  };
}

function cadenceView(cadence: Cadence): Pick<PolicyView['probe'], 'every' | 'cron' | 'timezone'> {
  if (cadence.type === 'every') return { every: seconds(cadence.every) };
  return { cron: cadence.cron.expression, timezone: cadence.cron.timezone };
}

function seconds(duration: DurationMs): number {
  return duration / SECOND;
}
