import type { Policy } from '../../src/core/policy.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { blamesGateway, verdictOf, wasAnswered, type Cause } from '../../src/core/verdict.ts';
import type { RestartResult } from '../../src/gateway/gateway.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';

/** Between the decision and the call lie a save and the lane; limits on decisions are seen that much later in calls. */
export const DECISION_TO_CALL: DurationMs = 2 * SECOND;
/** The stall detector looks at the clocks this often; what begins within it after a stall may go either way. */
const STALL_NOTICED: DurationMs = 500;

export interface Call {
  readonly at: EpochMs;
  /** For cooldown and budget. */
  counts: boolean;
  /** Surely changed nothing. */
  idle: boolean;
  /** Somebody forced it, and so took the risk. */
  readonly forced: boolean;
}

/** How long somebody's pause holds an instance; `until` is a time on the wall, and may be infinite. */
export interface Pause {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** An answer of the gateway, and what was the matter when it came. */
export interface Answer {
  readonly cause: Cause;
  readonly startedAt: EpochMs;
  readonly at: EpochMs;
  /** When the process last stood still. */
  readonly disturbedAt: EpochMs;
  readonly diskFull: boolean;
}

/** What an outage was like so far. */
interface Outage {
  /** Unhealthy answers since the last run of healthy ones that ends an outage. */
  failures: number;
  /** The first of them, at the earliest. */
  outageSince: EpochMs | null;
}

const NEVER: EpochMs = Number.NEGATIVE_INFINITY;

/** Whether a gateway may say this between two QR codes, or when nobody has scanned them. */
export function mayBeUnscanned(cause: Cause): boolean {
  return cause === 'disconnected' || cause === 'stopped' || cause === 'stuck_connecting';
}

/** What the world knows about one instance, from calls and answers alone. */
export class Ledger implements Outage {
  readonly simulated: SimulatedInstance;
  policy: Policy;
  /** Policies that were in use, and are not any more. */
  readonly policies: { readonly until: EpochMs; readonly policy: Policy }[] = [];
  /** When the one in use came into use. */
  reconfiguredAt = NEVER;
  calls: Call[] = [];
  inFlight = 0;
  /** Restarts since it was last stable, as the answers said. */
  attempt = 0;
  healthySince: EpochMs | null = null;
  /** First healthy answer after a restart. */
  healedAt = NEVER;
  failures = 0;
  outageSince: EpochMs | null = null;
  successes = 0;
  lastAnswer: Cause | null = null;
  lastAnswerAt = NEVER;
  /** When the question was asked. */
  lastAskedAt = NEVER;
  /** The watch may have put the last answer down to a stall. */
  isDoubtful = false;
  /** First unhealthy answer since the last healthy one. */
  failingSince: EpochMs | null = null;
  /** The last results, newest last: whether the answer was unhealthy. */
  private readonly results: boolean[] = [];
  /** It surely needs a human, because two answers in a row said so; since when, and why. */
  human: { readonly cause: Cause; readonly at: EpochMs } | null = null;
  /** It may need a human: one answer said so, and no other one has said otherwise. */
  mayNeedHuman = false;
  /** It may wait for its pairing, or be banned, which only health ends. */
  mayBeUnpaired = false;
  /** Somebody else may have its session, which only health shows to be over. */
  private mayBeTaken = false;
  /** It may have said that it must be paired again, and not otherwise since; a reset does not end that. */
  private maySayUnpaired = false;
  /** Since when what follows a pairing is under way; infinite: a QR code was shown and waits. */
  pairedAt = NEVER;
  /** The latest time from which that may count: what was left to a person is paired when it is healthy. */
  private pairedBy = NEVER;
  private mayAwaitPairing = false;
  /** Restarts after which it surely needed a human, and did not before. */
  harms: EpochMs[] = [];
  private harmable: EpochMs | null = null;
  refusals = 0;
  /** Whether the gateway refuses to restart it for good, as far as the world is sure of that; and whether it may. */
  refused = false;
  mayBeRefused = false;
  /** Somebody asked for a restart, or a reset, at these times. */
  requestedAt = NEVER;
  resetAt = NEVER;
  /** Forced restarts that were asked for, of which no call is known yet. */
  readonly forces = new Set<symbol>();
  pause: Pause | null = null;
  /** Times, on the wall, of the planned restarts that were made, and the last one that the clock was set past. */
  readonly plannedMade = new Set<EpochMs>();
  passedOver = NEVER;
  /** The last request to pause it, or to end that; whether it was done and written down is not known yet. */
  pauseRequest = 0;
  pauseDoubtful = false;
  private pauseIsSaved = true;
  /** Answers in a row that called for a human. */
  private troubles = 0;
  private connectingSince: EpochMs | null = null;
  /** As it was before the last call, which may turn out to have changed nothing. */
  private healthyBefore: EpochMs | null = null;
  /** What was asked before says nothing, because the way to the gateway was another one. */
  private gatewayChangedAt = NEVER;
  private onDisk: Outage = { failures: 0, outageSince: null };
  private diskWasFull = false;

  constructor(simulated: SimulatedInstance, policy: Policy) {
    this.simulated = simulated;
    this.policy = policy;
  }

  isPausedAt(now: EpochMs, wall: EpochMs): boolean {
    return this.pause !== null && now > this.pause.from + DECISION_TO_CALL && wall < this.pause.until;
  }

  answered({ cause, startedAt, at, disturbedAt, diskFull }: Answer): void {
    if (startedAt < this.gatewayChangedAt) return;
    if (startedAt <= disturbedAt) {
      this.lastAnswer = 'stalled';
      return;
    }
    this.isDoubtful = startedAt <= disturbedAt + STALL_NOTICED;
    this.lastAnswerAt = at;
    this.lastAskedAt = startedAt;
    const stuck = cause === 'connecting' && this.isStuck(startedAt);
    this.lastAnswer = stuck ? 'stuck_connecting' : cause;
    const verdict = verdictOf(this.lastAnswer);
    if (verdict === 'inconclusive') return;
    this.knowTheHuman(this.lastAnswer, startedAt, at, diskFull);
    if (verdict === 'healthy' || verdict === 'unhealthy') this.results.push(verdict === 'unhealthy');
    this.knowTheDisk(diskFull);
    const interrupts = verdict !== 'transitional' && !stuck;
    if (interrupts && wasAnswered(cause)) this.connectingSince = null;
    if (verdict === 'healthy') this.answeredHealthy(startedAt, at);
    // What was not answered may have been put down to our own network.
    else if (!this.isDoubtful && wasAnswered(cause)) this.healthySince = null;
    if (verdict !== 'healthy') this.successes = 0;
    if (verdict !== 'unhealthy') return;
    this.failures += 1;
    this.failingSince ??= startedAt;
    this.outageSince ??= startedAt;
  }

  /** A list says that all is well with it. Whether the watch believes that depends on what it knows itself. */
  listedWell(startedAt: EpochMs): void {
    this.healthySince ??= startedAt;
    if (startedAt - this.healthySince >= this.policy.restart.stableFor) this.attempt = 0;
  }

  /** Whether so many of the last answers were unhealthy that it is down although it never fails in a row. */
  get failsOften(): boolean {
    const { failures, probes } = this.policy.probe.failuresWithin;
    return this.results.slice(-probes).filter((failed) => failed).length >= failures;
  }

  /** Whether it may be left to a person, or to what follows a pairing, although its last answer calls for a restart. */
  isLeftAlone(now: EpochMs): boolean {
    const { mayBeUnpaired, mayBeTaken, mayNeedHuman, lastAnswer, policy } = this;
    const pairedAt = Math.max(this.pairedAt, this.pairedBy);
    if (mayBeUnpaired || mayBeTaken || now - pairedAt < policy.probe.pairingGrace) return true;
    return lastAnswer !== null && mayNeedHuman && blamesGateway(lastAnswer);
  }

  /** @returns whether somebody forced this call */
  called(now: EpochMs): boolean {
    const [force] = this.forces;
    const forced = force !== undefined;
    if (forced) this.forces.delete(force);
    this.calls.push({ at: now, counts: true, idle: false, forced });
    this.inFlight += 1;
    this.attempt += 1;
    // An instance that is still sick when the grace after a restart is over needs no further proof.
    this.failures = Math.max(this.failures, this.policy.probe.failureThreshold);
    this.harmable = this.mayNeedHuman || this.mayBeUnpaired || this.maySayUnpaired ? null : now;
    this.human = null;
    this.healthyBefore = this.healthySince;
    this.healthySince = null;
    this.connectingSince = null;
    return forced;
  }

  ended({ outcome, rateLimited, refusal, body }: RestartResult): void {
    this.inFlight = Math.max(0, this.inFlight - 1);
    if (outcome === 'rejected' || outcome === 'unreachable') this.harmable = null;
    const isOwn = refusal !== null && body !== null && typeof body === 'object';
    // A gateway that gave no answer lately may lack the route for that reason.
    const isDoubtful = refusal === 'restart_unsupported' && this.lastAnswer !== null && !wasAnswered(this.lastAnswer);
    // One that was forced without the wait says no more than the one before it.
    const isForced = this.calls.at(-1)?.forced === true;
    if (isOwn && isForced) this.mayBeRefused = true;
    else if (isOwn && !isDoubtful) this.refusals += 1;
    else if (outcome === 'accepted') this.refusals = 0;
    // The third is believed wherever it comes from the gateway itself, and the second may be.
    if (isOwn && isDoubtful) this.mayBeRefused = true;
    else if (isOwn && this.refusals >= 3) this.refuse(true);
    else if (isOwn && !isForced) this.mayBeRefused = this.refusals >= 2;
    // Somebody forced it, and it was not refused this time.
    else if (outcome === 'accepted' || outcome === 'unknown') this.refuse(false);
    const last = this.calls.at(-1);
    if (last === undefined) return;
    last.idle = outcome === 'rejected' || outcome === 'unreachable';
    if (last.idle) this.healthySince = this.healthyBefore;
    if (!rateLimited && outcome !== 'unreachable' && refusal === null) return;
    last.counts = false;
    this.attempt = Math.max(0, this.attempt - 1);
  }

  /** Somebody has looked at the harm, also at what the watch may have seen before this ledger is sure of it. */
  released(): void {
    this.harms = [];
    if (this.mayNeedHuman) this.harmable = null;
  }

  /** A process begins; calls of the dead one are cut off, and what it could not write down is lost. */
  processStarted(): void {
    this.begins();
    this.inFlight = 0;
    this.human = null;
    this.harmable = null;
    // The last one may not have been written down, nor that one answer called for a person.
    this.refusals = Math.max(0, this.refusals - 1);
    if (this.troubles === 1) this.pairedAt = NEVER;
    this.forces.clear();
    if (!this.pauseIsSaved) this.pause = null;
    this.failures = Math.max(this.failures, this.onDisk.failures);
    this.outageSince = this.onDisk.outageSince ?? this.outageSince;
  }

  /** It is watched from now on; what only an uninterrupted watch can know, nobody knows. */
  begins(): void {
    this.healthySince = null;
    this.connectingSince = null;
    this.successes = 0;
    this.refuse(false);
  }

  /** Something that the process did may have been a restart, or counted as one, without any call. */
  mayHaveSpent(at: EpochMs): void {
    const known = this.calls.some((call) => call.at >= at && call.at < at + DECISION_TO_CALL);
    if (!known) this.calls.push({ at, counts: false, idle: false, forced: false });
  }

  /** @returns what to answer it with */
  pauseRequested(): number {
    this.pause = null;
    this.pauseDoubtful = true;
    this.pauseRequest += 1;
    return this.pauseRequest;
  }

  pauseAnswered(request: number, pause: Pause | null, saved: boolean): void {
    if (this.pauseRequest !== request) return;
    this.pause = pause;
    this.pauseIsSaved = saved;
    this.pauseDoubtful = !saved;
  }

  /** From now on what it has had may not count any more; or it may, for a restart is left time to show its effect. */
  resetRequested(now: EpochMs): void {
    for (const call of this.calls) call.counts = false;
    this.attempt = 0;
    this.failingSince = null;
    this.refused = false;
    this.human = null;
    this.mayNeedHuman = false;
    this.mayBeUnpaired = false;
    this.mayBeTaken = false;
    this.refusals = 0;
    if (this.inFlight === 0) this.mayBeRefused = false;
    this.resetAt = now;
  }

  reconfigured(policy: Policy, now: EpochMs): void {
    this.policies.push({ until: now, policy: this.policy });
    this.policy = policy;
    this.reconfiguredAt = now;
  }

  /** It is asked in another way now, perhaps of another gateway, which need not refuse what the one before did. */
  gatewayChanged(now: EpochMs): void {
    this.gatewayChangedAt = now;
    this.refusals = 0;
    this.refuse(false);
  }

  /** What the answers say of a human who must act, and of a pairing. */
  private knowTheHuman(cause: Cause, startedAt: EpochMs, now: EpochMs, diskFull: boolean): void {
    const verdict = verdictOf(cause);
    if (cause === 'pairing_required' || cause === 'banned') this.maySayUnpaired = true;
    else if ((verdict === 'healthy' || verdict === 'transitional') && !this.isDoubtful && !diskFull)
      this.maySayUnpaired = false;
    if (cause === 'pairing_required' || cause === 'banned') this.pairedAt = Number.POSITIVE_INFINITY;
    else if (this.pairedAt > startedAt && (verdict === 'healthy' || verdict === 'transitional'))
      this.pairedAt = startedAt;
    if (verdict !== 'needs_human') {
      // Silence says nothing about what a person has to do.
      if (blamesGateway(cause)) return;
      const isPlain = mayBeUnscanned(cause) || cause === 'connecting';
      this.troubles = 0;
      if (cause === 'conflict' || cause === 'stopped') {
        this.mayNeedHuman = true;
        this.mayBeTaken ||= cause === 'conflict';
        return;
      }
      if (!isPlain || !this.mayBeUnpaired) Object.assign(this, { human: null, mayNeedHuman: false });
      if (verdict === 'healthy' && this.successes + 1 >= this.policy.probe.successThreshold)
        Object.assign(this, { mayBeUnpaired: false, mayBeTaken: false });
      if (this.mayAwaitPairing && (verdict === 'healthy' || verdict === 'transitional')) {
        this.pairedBy = startedAt;
        this.mayAwaitPairing = this.mayBeUnpaired;
      }
      return;
    }
    this.troubles += 1;
    this.mayNeedHuman = true;
    if (cause === 'pairing_required' || cause === 'banned') this.mayBeUnpaired = this.mayAwaitPairing = true;
    // What is not found is given the time of a start, and what could not be written down may be lost.
    if (this.troubles < 2 || this.isDoubtful || diskFull || this.inFlight > 0) return;
    if (cause === 'not_found') return;
    const graceOver = (this.calls.at(-1)?.at ?? NEVER) + this.policy.restart.timeout + this.policy.restart.grace;
    if (now <= graceOver + DECISION_TO_CALL) return;
    this.human ??= { cause, at: now };
    const { harmable } = this;
    if (harmable === null || cause === 'unauthorized') return;
    this.harmable = null;
    if (now - harmable < this.policy.restart.grace * 2) this.harms.push(now);
  }

  private answeredHealthy(startedAt: EpochMs, now: EpochMs): void {
    const { probe, restart } = this.policy;
    this.failingSince = null;
    this.refused = false;
    this.healthySince ??= startedAt;
    if ((this.calls.at(-1)?.at ?? NEVER) > this.healedAt) this.healedAt = now;
    if (now - this.healthySince >= restart.stableFor) this.attempt = 0;
    if (this.isDoubtful) return;
    this.successes += 1;
    if (this.successes < probe.successThreshold) return;
    Object.assign(this, { failures: 0, outageSince: null, mayBeRefused: false, refusals: 0 });
  }

  private refuse(refused: boolean): void {
    this.refused = refused;
    this.mayBeRefused = refused;
  }

  private isStuck(startedAt: EpochMs): boolean {
    this.connectingSince ??= startedAt;
    return startedAt - this.connectingSince >= this.policy.probe.connectingGrace;
  }

  /** That it was asked again shows that what followed from the answer before has been written down, if it could be. */
  private knowTheDisk(isFull: boolean): void {
    const { failures, outageSince } = this;
    if (!isFull && !this.diskWasFull) this.onDisk = { failures, outageSince };
    this.diskWasFull = isFull;
  }
}
