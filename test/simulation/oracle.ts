import type { Policy } from '../../src/core/policy.ts';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { blamesGateway, verdictOf, type Cause } from '../../src/core/verdict.ts';
import type { RestartResult } from '../../src/gateway/gateway.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import { AccountBook, type AccountLimits } from './account-book.ts';
import { FIRES_EVERY } from './fleet-plan.ts';
import { DECISION_TO_CALL, Ledger, mayBeUnscanned } from './ledger.ts';
import type { Breach, Rule } from './rules.ts';

/** The watch may be off the wall clock by so much. */
const CLOCK_DRIFTS: DurationMs = SECOND;
/** A planned restart may be noticed so late without its time having been passed over. */
const ON_TIME: DurationMs = MINUTE + CLOCK_DRIFTS;

export interface OracleParts {
  readonly now: () => EpochMs;
  /** What the wall clock shows. */
  readonly wall: () => EpochMs;
  /** Whether an instance is configured and enabled. */
  readonly enabled: (simulated: SimulatedInstance) => boolean;
  /** The same, with respect for what was on its way before a reload. */
  readonly configured: (simulated: SimulatedInstance) => boolean;
  /** Why no restart may be made now; null: nothing that the world knows of. */
  readonly heldBy: (simulated: SimulatedInstance) => string | null;
  /** When the process last stood still. */
  readonly disturbedAt: () => EpochMs;
  readonly diskFull: () => boolean;
  readonly maxHarmed: number;
  readonly limits: ReadonlyMap<string, AccountLimits>;
  /** Those of all accounts together; null: each is on a gateway of its own. */
  readonly gatewayLimits: AccountLimits | null;
  readonly breached: (breach: Breach) => void;
}

/** The world's own record: what truly reached the gateway and what it answered, held against the rules. */
export class Oracle {
  readonly ledgers = new Map<SimulatedInstance, Ledger>();
  restarts = 0;
  answers = 0;
  private readonly parts: OracleParts;
  private readonly accounts: ReadonlyMap<string, AccountBook>;
  private readonly gateway: AccountBook | null;
  private startedAt: EpochMs = Number.NEGATIVE_INFINITY;

  constructor(instances: readonly (readonly [SimulatedInstance, Policy])[], parts: OracleParts) {
    this.parts = parts;
    for (const [simulated, policy] of instances) this.ledgers.set(simulated, new Ledger(simulated, policy));
    this.gateway = parts.gatewayLimits === null ? null : new AccountBook(parts.gatewayLimits);
    this.accounts = new Map([...parts.limits].map(([name, limits]) => [name, new AccountBook(limits)]));
  }

  probeAnswered(simulated: SimulatedInstance, cause: Cause, startedAt: EpochMs): void {
    const { now, enabled, disturbedAt, diskFull } = this.parts;
    this.answers += 1;
    // Nobody of ours, if a reload took it out meanwhile.
    if (!enabled(simulated)) return;
    this.of(simulated).answered({ cause, startedAt, at: now(), disturbedAt: disturbedAt(), diskFull: diskFull() });
  }

  /** What a list says is no evidence; but it may go to show that an instance stays well. */
  listed(simulated: SimulatedInstance, cause: Cause, startedAt: EpochMs): void {
    if (verdictOf(cause) === 'healthy' && this.parts.enabled(simulated)) this.of(simulated).listedWell(startedAt);
  }

  /** Holds a call that reaches the gateway against every rule. */
  restartCalled(simulated: SimulatedInstance): void {
    const { parts } = this;
    const now = parts.now();
    const ledger = this.of(simulated);
    this.restarts += 1;
    this.rule('configured', parts.configured(simulated), simulated, '');
    const forced = ledger.forces.size > 0;
    const hold = parts.heldBy(simulated);
    this.rule('hold', hold === null || (forced && hold !== 'dry_run'), simulated, hold ?? '');
    this.rule('single', ledger.inFlight === 0, simulated, '');
    if (!forced) {
      this.checkOwnPace(ledger, now);
      this.checkEvidence(ledger, now);
      this.checkPeople(ledger, now);
      this.rule('paused', !ledger.isPausedAt(now, this.parts.wall()), simulated, '');
    }
    ledger.called(now);
    const ofAccount = this.account(simulated).called(now, forced);
    const ofGateway = this.gateway?.called(now, forced) ?? [];
    for (const [rule, words] of [...ofAccount, ...ofGateway]) this.rule(rule, false, simulated, words);
  }

  /** A pause has come to its end by itself, and does not come back whatever the clock is set to. */
  pauseEnded(simulated: SimulatedInstance): void {
    const ledger = this.of(simulated);
    const { pause } = ledger;
    const wall = this.parts.wall();
    this.rule('paused', pause === null || wall > pause.until - CLOCK_DRIFTS, simulated, 'it ended too soon');
    ledger.pause = null;
  }

  /**
   * The wall clock was set.
   *
   * @param furthest what it had shown at the latest
   */
  clockSet(furthest: EpochMs): void {
    const wall = this.parts.wall();
    for (const ledger of this.ledgers.values()) {
      const dueAt = plannedAt(ledger.policy, wall);
      if (dueAt !== null && dueAt > furthest && wall - dueAt > ON_TIME) ledger.passedOver = dueAt;
      if (ledger.passedOver > wall) ledger.passedOver = Number.NEGATIVE_INFINITY;
    }
  }

  restartEnded(simulated: SimulatedInstance, result: RestartResult): void {
    this.of(simulated).ended(result);
    this.account(simulated).ended();
    this.gateway?.ended();
  }

  processStarted(): void {
    this.startedAt = this.parts.now();
    for (const ledger of this.ledgers.values()) {
      ledger.processStarted();
      // What was found out just before the end may not have been written down; the disabled are not looked at.
      const { enabled } = this.parts;
      ledger.harms = enabled(ledger.simulated) ? ledger.harms.filter((at) => at < this.startedAt - 5 * MINUTE) : [];
    }
    for (const account of this.accounts.values()) account.processStarted();
    this.gateway?.processStarted();
  }

  limited(account: string, limits: AccountLimits): void {
    this.accounts.get(account)?.limited(limits, this.parts.now());
  }

  of(simulated: SimulatedInstance): Ledger {
    const ledger = this.ledgers.get(simulated);
    if (ledger === undefined) throw new Error(`no ledger for ${simulated.name}`);
    return ledger;
  }

  rule(rule: Rule, kept: boolean, simulated: SimulatedInstance | null, words: string): void {
    if (!kept) this.parts.breached({ rule, at: this.parts.now(), simulated, words });
  }

  private checkOwnPace(ledger: Ledger, now: EpochMs): void {
    const { budget } = ledger.policy.restart;
    const counting = ledger.calls.filter(({ counts }) => counts);
    const last = counting.at(-1);
    // A cooldown begins under one policy, and is cut down to what another allows.
    const since = ledger.policies.filter(({ until }) => last === undefined || until > last.at);
    const policies = [ledger.policy, ...since.map(({ policy }) => policy)];
    const least = Math.min(...policies.map((policy) => leastCooldown(policy, ledger.attempt)));
    const gap = last === undefined ? Number.POSITIVE_INFINITY : now - last.at;
    this.rule('cooldown', gap >= least - DECISION_TO_CALL, ledger.simulated, `${gap} ms after the last, not ${least}`);
    const spent = counting.filter(({ at }) => at > now - budget.per + DECISION_TO_CALL).length;
    const lately = ledger.policies.filter(({ until }) => until > now - DECISION_TO_CALL);
    const allowed = Math.max(budget.restarts, ...lately.map(({ policy }) => policy.restart.budget.restarts));
    this.rule('budget', spent < allowed, ledger.simulated, `${spent} spent of ${allowed}`);
  }

  private checkEvidence(ledger: Ledger, now: EpochMs): void {
    const { simulated, policy, lastAnswer } = ledger;
    if (now - ledger.requestedAt < DECISION_TO_CALL) {
      this.rule('human', !this.surelyNeedsHuman(ledger, now), simulated, `the last answer was ${String(lastAnswer)}`);
      return;
    }
    const verdict = lastAnswer === null ? null : verdictOf(lastAnswer);
    const mayBePlanned = isPlannedFor(policy, this.parts.wall());
    const planned = mayBePlanned && verdict === 'healthy';
    this.rule('evidence', planned || verdict === 'unhealthy', simulated, `the last answer was ${String(lastAnswer)}`);
    if (planned) this.checkPlanned(ledger);
    if (mayBePlanned) return;
    const { failureThreshold } = policy.probe;
    const isDown = ledger.failures >= failureThreshold || ledger.failsOften;
    this.rule('threshold', isDown, simulated, `after ${ledger.failures} failures`);
    this.rule('refusal', !ledger.refused, simulated, '');
  }

  /** What only people can mend, or what people are about, and what restarts made worse. */
  private checkPeople(ledger: Ledger, now: EpochMs): void {
    const { simulated, human, lastAnswer, lastAskedAt, policy } = ledger;
    const isAsked = now - ledger.requestedAt < DECISION_TO_CALL;
    if (human !== null && human.at > this.startedAt && human.at < now - DECISION_TO_CALL && lastAnswer !== null) {
      const words = `${human.cause}, then ${lastAnswer}`;
      this.rule('silence', !blamesGateway(lastAnswer), simulated, words);
      const isUnpaired = human.cause === 'pairing_required' || human.cause === 'banned';
      this.rule('unscanned', !isUnpaired || !mayBeUnscanned(lastAnswer), simulated, words);
    }
    const sincePairing = lastAskedAt - ledger.pairedAt;
    const isSyncing = lastAnswer === 'disconnected' && sincePairing >= 0 && sincePairing < policy.probe.pairingGrace;
    if (!isAsked && !ledger.isDoubtful) this.rule('pairing', !isSyncing, simulated, `${sincePairing} ms after it`);
    const isTaken = lastAnswer === 'conflict' || lastAnswer === 'stopped';
    if (isTaken && !isAsked) this.rule('once', !this.surelyTriedLately(ledger, now), simulated, lastAnswer);
    const { maxHarmed } = this.parts;
    const harmed = this.harmsOf(simulated.account).filter((at) => at < now - DECISION_TO_CALL);
    this.rule('harm', harmed.length < maxHarmed, simulated, `${harmed.length} did harm`);
  }

  /** Whether it had a restart that counts, since which it cannot have been stable. */
  private surelyTriedLately({ calls, policy, resetAt, reconfiguredAt }: Ledger, now: EpochMs): boolean {
    const from = Math.max(resetAt, reconfiguredAt, this.startedAt, now - policy.restart.stableFor);
    return calls.some(({ at, idle, counts }) => counts && !idle && at > from && at < now - DECISION_TO_CALL);
  }

  /** Those of a day that nobody has released. */
  private harmsOf(account: string): readonly EpochMs[] {
    const now = this.parts.now();
    return [...this.ledgers.values()]
      .filter(({ simulated }) => this.isTogether(simulated.account, account))
      .flatMap(({ harms }) => harms)
      .filter((at) => at > now - DAY + MINUTE);
  }

  /** Somebody has looked at the harm. Where the gateway was held for it, all its accounts are released. */
  released(account: string): void {
    for (const ledger of this.ledgers.values()) {
      if (this.isTogether(ledger.simulated.account, account)) ledger.released();
    }
  }

  private isTogether(one: string, other: string): boolean {
    return one === other || this.gateway !== null;
  }

  private checkPlanned({ simulated, policy, plannedMade, passedOver }: Ledger): void {
    const dueAt = plannedAt(policy, this.parts.wall());
    if (dueAt === null) return;
    this.rule('planned', !plannedMade.has(dueAt), simulated, 'it had this one');
    this.rule('planned', dueAt !== passedOver, simulated, 'the clock was set past it');
    plannedMade.add(dueAt);
  }

  /** Whether the watch knows that no restart can cure it, because an answer said so, and none since says otherwise. */
  private surelyNeedsHuman({ lastAnswer, lastAnswerAt, resetAt, isDoubtful }: Ledger, now: EpochMs): boolean {
    if (lastAnswer === null || isDoubtful || verdictOf(lastAnswer) !== 'needs_human') return false;
    return lastAnswerAt > this.startedAt && lastAnswerAt > resetAt && lastAnswerAt < now - DECISION_TO_CALL;
  }

  private account(simulated: SimulatedInstance): AccountBook {
    const account = this.accounts.get(simulated.account);
    if (account === undefined) throw new Error(`no account ${simulated.account}`);
    return account;
  }
}

/** Whether a planned restart of this policy may be waiting when the wall clock shows this. */
export function isPlannedFor(policy: Policy, wall: EpochMs): boolean {
  const dueAt = plannedAt(policy, wall);
  return dueAt !== null && wall - dueAt < HOUR + MINUTE;
}

/** When the schedule of this policy last fired on the wall; null: it has none. */
function plannedAt({ restart }: Policy, wall: EpochMs): EpochMs | null {
  const [hour] = restart.schedule?.expression.split(' ').at(-4)?.split(',') ?? [];
  return hour === undefined ? null : wall - ((wall - Number(hour) * HOUR) % FIRES_EVERY);
}

function leastCooldown({ restart: { cooldown, backoff } }: Policy, attempt: number): DurationMs {
  return Math.min(cooldown * backoff.factor ** Math.max(0, attempt - 1), backoff.max);
}
