import type { Policy } from '../../src/core/policy.ts';
import { MINUTE, SECOND, HOUR, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { verdictOf, wasAnswered, type Cause } from '../../src/core/verdict.ts';
import type { RestartResult } from '../../src/gateway/gateway.ts';
import type { Phone } from '../../src/simulation/phone.ts';

/** The rules, in the words in which a breach is reported. */
export const RULES = {
  hold: 'never a restart under a hold',
  cooldown: 'never a restart inside a cooldown',
  budget: 'never a restart above the budget',
  evidence: 'a restart follows only from an unhealthy answer',
  threshold: 'never a restart below the failure threshold',
  refusal: 'never again where the gateway refuses restarts for good',
  configured: 'never a restart of an instance that is not configured',
  single: 'never two restarts of one instance in flight',
  concurrency: 'never more restarts in flight than the limit',
  rate: 'never more restarts per minute than the limit',
  liveness: 'what is sick, curable and not held is restarted in time',
  cured: 'whoever is cured is seen as cured',
  sound: 'the watch makes no mistake of its own',
} as const;
export type Rule = keyof typeof RULES;

export interface Breach {
  readonly rule: Rule;
  readonly at: EpochMs;
  readonly phone: Phone | null;
  readonly words: string;
}

export interface AccountLimits {
  readonly concurrentRestarts: number;
  readonly restartsPerMinute: number;
}

/** Between the decision and the call lie a save and the lane; limits on decisions are seen that much later in calls. */
const DECISION_TO_CALL: DurationMs = 2 * SECOND;
/** The stall detector looks at the clocks this often; what begins within it after a stall may go either way. */
const STALL_NOTICED: DurationMs = 500;

export interface Call {
  readonly at: EpochMs;
  /** For cooldown and budget. */
  counts: boolean;
  /** Surely changed nothing. */
  idle: boolean;
}

/** What the world knows about one instance, from calls and answers alone. */
export interface Ledger {
  readonly phone: Phone;
  readonly policy: Policy;
  calls: Call[];
  inFlight: number;
  /** Restarts since it was last stable, as the answers told. */
  attempt: number;
  healthySince: EpochMs | null;
  /** As it was before the last call, which may turn out to have changed nothing. */
  healthyBefore: EpochMs | null;
  /** Unhealthy answers since the last run of healthy ones that ends an outage. */
  failures: number;
  successes: number;
  connectingSince: EpochMs | null;
  lastAnswer: Cause | null;
  lastAnswerAt: EpochMs;
  /** First unhealthy answer since the last healthy one. */
  failingSince: EpochMs | null;
  refused: boolean;
  /** Somebody asked for a restart at this time. */
  requestedAt: EpochMs;
}

export interface BooksParts {
  readonly now: () => EpochMs;
  /** Whether an instance is configured and enabled. */
  readonly configured: (phone: Phone) => boolean;
  /** Why no restart may be made now; null: nothing that the world knows of. */
  readonly heldBy: (phone: Phone) => string | null;
  /** When the process last stood still. */
  readonly disturbedAt: () => EpochMs;
  readonly limits: ReadonlyMap<string, AccountLimits>;
  readonly breached: (breach: Breach) => void;
}

/** The world's own books: what truly reached the gateway and what it answered, held against the rules. */
export class Books {
  readonly ledgers = new Map<Phone, Ledger>();
  restarts = 0;
  answers = 0;
  private readonly parts: BooksParts;
  private readonly recent = new Map<string, { calls: EpochMs[]; inFlight: number }>();

  constructor(phones: readonly (readonly [Phone, Policy])[], parts: BooksParts) {
    this.parts = parts;
    for (const [phone, policy] of phones) this.ledgers.set(phone, newLedger(phone, policy));
    for (const account of parts.limits.keys()) this.recent.set(account, { calls: [], inFlight: 0 });
  }

  probeAnswered(phone: Phone, cause: Cause, startedAt: EpochMs): void {
    this.answers += 1;
    const ledger = this.of(phone);
    const disturbed = this.parts.disturbedAt();
    if (startedAt <= disturbed) {
      ledger.lastAnswer = 'stalled';
      return;
    }
    ledger.lastAnswerAt = this.parts.now();
    const mayBeStalled = startedAt <= disturbed + STALL_NOTICED;
    const stuck = cause === 'connecting' && this.stuck(ledger, startedAt);
    ledger.lastAnswer = stuck ? 'stuck_connecting' : cause;
    const verdict = verdictOf(ledger.lastAnswer);
    if (verdict === 'inconclusive') return;
    const interrupts = verdict !== 'transitional' && !stuck;
    if (interrupts && wasAnswered(cause)) ledger.connectingSince = null;
    if (verdict === 'healthy') this.answeredHealthy(ledger, startedAt);
    // What was not answered may have been put down to our own network.
    else if (!mayBeStalled && wasAnswered(cause)) ledger.healthySince = null;
    if (verdict !== 'healthy') ledger.successes = 0;
    if (verdict !== 'unhealthy') return;
    ledger.failures += 1;
    ledger.failingSince ??= startedAt;
  }

  /** Holds a call that reaches the gateway against every rule. */
  restartCalled(phone: Phone): void {
    const { parts } = this;
    const now = parts.now();
    const ledger = this.of(phone);
    const account = this.account(phone);
    const limits = parts.limits.get(phone.account);
    this.restarts += 1;
    this.rule('configured', parts.configured(phone), phone, '');
    const hold = parts.heldBy(phone);
    this.rule('hold', hold === null, phone, hold ?? '');
    this.rule('single', ledger.inFlight === 0, phone, '');
    this.checkOwnPace(ledger, now);
    this.checkEvidence(ledger, now);
    ledger.calls.push({ at: now, counts: true, idle: false });
    ledger.inFlight += 1;
    ledger.attempt += 1;
    // Whoever is still sick when the grace after a restart is over needs no further proof.
    ledger.failures = Math.max(ledger.failures, ledger.policy.probe.failureThreshold);
    ledger.healthyBefore = ledger.healthySince;
    ledger.healthySince = null;
    ledger.connectingSince = null;

    account.inFlight += 1;
    account.calls = [...account.calls.filter((at) => at > now - MINUTE + DECISION_TO_CALL), now];
    if (limits === undefined) return;
    const { inFlight, calls } = account;
    this.rule('concurrency', inFlight <= limits.concurrentRestarts, phone, `${inFlight} in flight`);
    this.rule('rate', calls.length <= limits.restartsPerMinute, phone, `${calls.length} within a minute`);
  }

  restartEnded(phone: Phone, { outcome, rateLimited, refusal }: RestartResult): void {
    const ledger = this.of(phone);
    ledger.inFlight = Math.max(0, ledger.inFlight - 1);
    const account = this.account(phone);
    account.inFlight = Math.max(0, account.inFlight - 1);
    if (refusal !== null) ledger.refused = true;
    const last = ledger.calls.at(-1);
    if (last === undefined) return;
    last.idle = outcome === 'rejected' || outcome === 'unreachable';
    if (last.idle) ledger.healthySince = ledger.healthyBefore;
    if (!rateLimited) return;
    last.counts = false;
    ledger.attempt = Math.max(0, ledger.attempt - 1);
  }

  /** A process begins. What only an uninterrupted watch can know, it does not; calls of the dead one are cut off. */
  processStarted(): void {
    for (const ledger of this.ledgers.values()) {
      Object.assign(ledger, { healthySince: null, connectingSince: null, refused: false, inFlight: 0 });
    }
    for (const account of this.recent.values()) Object.assign(account, { calls: [], inFlight: 0 });
  }

  /** Something that the process did may have been a restart, or counted as one, without any call. */
  mayHaveSpent(phone: Phone, at: EpochMs): void {
    const { calls } = this.of(phone);
    if (!calls.some((call) => Math.abs(call.at - at) < MINUTE)) calls.push({ at, counts: false, idle: false });
  }

  requested(phone: Phone): void {
    this.of(phone).requestedAt = this.parts.now();
  }

  of(phone: Phone): Ledger {
    const ledger = this.ledgers.get(phone);
    if (ledger === undefined) throw new Error(`no ledger for ${phone.name}`);
    return ledger;
  }

  rule(rule: Rule, kept: boolean, phone: Phone | null, words: string): void {
    if (!kept) this.parts.breached({ rule, at: this.parts.now(), phone, words });
  }

  private checkOwnPace(ledger: Ledger, now: EpochMs): void {
    const { cooldown, backoff, budget } = ledger.policy.restart;
    const counting = ledger.calls.filter(({ counts }) => counts);
    const last = counting.at(-1);
    const least = Math.min(cooldown * backoff.factor ** Math.max(0, ledger.attempt - 1), backoff.max);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : now - last.at;
    this.rule('cooldown', gap >= least - DECISION_TO_CALL, ledger.phone, `${gap} ms after the last, not ${least}`);
    const spent = counting.filter(({ at }) => at > now - budget.per + DECISION_TO_CALL).length;
    this.rule('budget', spent < budget.restarts, ledger.phone, `${spent} spent of ${budget.restarts}`);
  }

  private checkEvidence(ledger: Ledger, now: EpochMs): void {
    const { phone, policy, lastAnswer } = ledger;
    if (now - ledger.requestedAt < DECISION_TO_CALL) return;
    const verdict = lastAnswer === null ? null : verdictOf(lastAnswer);
    const planned = isPlannedFor(policy, now) && verdict === 'healthy';
    this.rule('evidence', planned || verdict === 'unhealthy', phone, `the last answer was ${String(lastAnswer)}`);
    if (isPlannedFor(policy, now)) return;
    const { failureThreshold } = policy.probe;
    this.rule('threshold', ledger.failures >= failureThreshold, phone, `after ${ledger.failures} failures`);
    this.rule('refusal', !ledger.refused, phone, '');
  }

  private answeredHealthy(ledger: Ledger, startedAt: EpochMs): void {
    const { probe, restart } = ledger.policy;
    ledger.refused = false;
    ledger.successes += 1;
    ledger.failingSince = null;
    if (ledger.successes >= probe.successThreshold) ledger.failures = 0;
    ledger.healthySince ??= startedAt;
    if (this.parts.now() - ledger.healthySince >= restart.stableFor) ledger.attempt = 0;
  }

  private stuck(ledger: Ledger, startedAt: EpochMs): boolean {
    ledger.connectingSince ??= startedAt;
    return startedAt - ledger.connectingSince >= ledger.policy.probe.connectingGrace;
  }

  private account(phone: Phone): { calls: EpochMs[]; inFlight: number } {
    const account = this.recent.get(phone.account);
    if (account === undefined) throw new Error(`no account ${phone.account}`);
    return account;
  }
}

/** Whether a planned restart of this policy may be waiting at this time; schedules in the simulation fire on the hour. */
export function isPlannedFor({ restart }: Policy, now: EpochMs): boolean {
  const hour = restart.schedule?.expression.split(' ').at(-4);
  if (hour === undefined) return false;
  const since = (now - Number(hour) * HOUR) % (24 * HOUR);
  return since >= 0 && since < HOUR + MINUTE;
}

function newLedger(phone: Phone, policy: Policy): Ledger {
  return {
    phone,
    policy,
    calls: [],
    inFlight: 0,
    attempt: 0,
    healthySince: null,
    healthyBefore: null,
    failures: 0,
    successes: 0,
    connectingSince: null,
    lastAnswer: null,
    lastAnswerAt: Number.NEGATIVE_INFINITY,
    failingSince: null,
    refused: false,
    requestedAt: Number.NEGATIVE_INFINITY,
  };
}
