import type { FleetEvent } from '../../src/core/event.ts';
import type { Policy } from '../../src/core/policy.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import { ownPaceAllows, timeToNextCanary, timeToRoom } from './bounds.ts';
import { isPlannedFor, type Oracle } from './oracle.ts';
import { DECISION_TO_CALL, type Ledger } from './ledger.ts';
import type { SimulatedProcess } from './process.ts';
import type { WorldView } from './world-view.ts';

/** How one instance stands in line, as far as the world can be sure of it. */
interface Place {
  /** Unhealthy answers that count, in the rhythm of suspicion. */
  failures: number;
  countedAt: EpochMs;
  /** The first of them, at the latest. */
  failingSince: EpochMs | null;
  /** From then on nothing but the lack of room can have kept it from a restart. */
  waitsSince: EpochMs | null;
  /** Somebody whose outage began later was restarted, at this time, while it waited. */
  passedBy: { readonly name: string; readonly at: EpochMs } | null;
}

const NOT_IN_LINE = { waitsSince: null, passedBy: null };
const UNKNOWN: Place = { failures: 0, countedAt: Number.NEGATIVE_INFINITY, failingSince: null, ...NOT_IN_LINE };
/** Long enough for what the network does to be known to the watch as well. */
const NETWORK_SETTLES: DurationMs = MINUTE;

/**
 * Watches the line in which restarts wait for room: who has been sick for longest goes first, and everybody goes some
 * time. Whatever else may keep an instance from its restart makes the world unsure, and then it does not judge.
 */
export class Fairness {
  private readonly oracle: Oracle;
  private readonly view: WorldView;
  private readonly places = new Map<SimulatedInstance, Place>();
  /** What was seen before says nothing about who stands in line. */
  private readonly unsettledAt = new Map<string, EpochMs>();
  private readonly roomFrom = new Map<string, EpochMs>();
  /** Accounts whose gateway the watch takes for down, and those that it sees in a storm. */
  private readonly outages = new Set<string>();
  private readonly storms = new Set<string>();
  private lookedAt: EpochMs = Number.NEGATIVE_INFINITY;

  constructor(oracle: Oracle, view: WorldView) {
    this.oracle = oracle;
    this.view = view;
  }

  /** The line of an account may have got into another order, for a good reason. */
  unsettle(account: string): void {
    this.unsettledAt.set(account, this.view.now);
    for (const [simulated, place] of this.places) if (simulated.account === account) Object.assign(place, NOT_IN_LINE);
  }

  /** A new process knows of no outage. */
  processStarted(): void {
    this.outages.clear();
    this.storms.clear();
    this.forgetAll();
  }

  /** The process was disturbed: nothing is known of the order in which it sees its instances. */
  forgetAll(): void {
    this.places.clear();
    for (const account of this.view.accounts) this.unsettledAt.set(account, this.view.now);
  }

  forget(simulated: SimulatedInstance): void {
    this.places.delete(simulated);
  }

  hear(event: FleetEvent): void {
    switch (event.type) {
      case 'storm_ended':
        this.storms.delete(event.account);
        this.roomFrom.set(event.account, event.quietUntil ?? event.at);
        this.unsettle(event.account);
        return;
      case 'storm_began':
        this.storms.add(event.account);
        this.unsettle(event.account);
        return;
      case 'gateway_outage_began':
        this.outages.add(event.account);
        this.unsettle(event.account);
        return;
      case 'gateway_outage_ended':
        this.outages.delete(event.account);
        this.unsettle(event.account);
        for (const [simulated, place] of this.places) if (simulated.account === event.account) place.failures = 0;
        return;
      case 'own_network_down':
      case 'own_network_up':
        this.forgetAll();
        return;
      default:
        return;
    }
  }

  /** The oracle knows of this answer already. */
  answered(simulated: SimulatedInstance): void {
    const ledger = this.oracle.of(simulated);
    const { lastAnswer, lastAnswerAt, lastAskedAt, isDoubtful } = ledger;
    if (lastAnswer === 'stalled') this.forget(simulated);
    if (lastAnswerAt !== this.view.now || lastAnswer === null) return;
    const place = this.places.get(simulated) ?? { ...UNKNOWN };
    this.places.set(simulated, place);
    const verdict = verdictOf(lastAnswer);
    // The watch counts from when it asked, too.
    const isLeftAlone = ledger.isLeftAlone(lastAskedAt);
    if (verdict === 'healthy' || verdict === 'needs_human' || isLeftAlone) Object.assign(place, UNKNOWN);
    if (isLeftAlone) return;
    // What the clock makes of `connecting` is not judged here, nor is what the gateway or our network may have caused.
    const isSure = lastAnswer === 'disconnected' && !isDoubtful;
    if (!isSure || !this.view.isSettled(simulated.account, NETWORK_SETTLES)) {
      Object.assign(place, NOT_IN_LINE);
      return;
    }
    // Both were let go at once, and the other's restart showed that it is too early for this one.
    const { passedBy } = place;
    if (passedBy !== null && lastAskedAt <= passedBy.at && this.storms.has(simulated.account)) place.passedBy = null;
    place.failingSince ??= lastAskedAt;
    if (lastAskedAt >= place.countedAt + ledger.policy.probe.retryEvery - SECOND) {
      place.failures += 1;
      place.countedAt = lastAskedAt;
    }
    if (this.standsInLine(ledger, place)) place.waitsSince ??= lastAnswerAt;
    else Object.assign(place, NOT_IN_LINE);
  }

  /** The oracle knows of this call already. */
  called(simulated: SimulatedInstance): void {
    const ledger = this.oracle.of(simulated);
    Object.assign(this.places.get(simulated) ?? {}, NOT_IN_LINE);
    const asked = ledger.calls.at(-1)?.forced === true || this.view.now - ledger.requestedAt < DECISION_TO_CALL;
    if (asked) this.unsettle(simulated.account);
    if (asked || isPlannedFor(ledger.policy, this.view.wall)) return;
    // It was called to the front before it was asked for the last time, by one probe at most.
    const calledAt = ledger.lastAskedAt - ledger.policy.probe.timeout - DECISION_TO_CALL;
    const stood = standsSince(ledger);
    for (const [other, place] of this.places) {
      if (other.account !== simulated.account || other === simulated || place.waitsSince === null) continue;
      if (place.waitsSince >= calledAt || place.failingSince === null) continue;
      const last = this.oracle.of(other).calls.at(-1)?.at ?? 0;
      if (Math.max(place.failingSince, last) >= stood) continue;
      place.passedBy ??= { name: simulated.name, at: this.view.now };
    }
  }

  look(process: SimulatedProcess, diskFull: boolean): void {
    if (!process.awake || diskFull || process.disturbedAt > this.lookedAt) this.forgetAll();
    this.lookedAt = this.view.now;
    // Two groups with two lines make an order that is not judged here.
    if (this.view.plan.shared) return;
    for (const [simulated, place] of this.places) {
      if (place.waitsSince === null || place.failingSince === null) continue;
      const { policy } = this.oracle.of(simulated);
      this.lookForOrder(simulated, place, policy);
      this.lookForHunger(simulated, place, policy);
    }
  }

  /** Both may have been let go at once, but then the older one follows as soon as its own probe has spoken. */
  private lookForOrder(simulated: SimulatedInstance, { passedBy }: Place, { probe }: Policy): void {
    if (passedBy === null) return;
    const follows = passedBy.at + 2 * probe.timeout + DECISION_TO_CALL;
    this.oracle.rule('fair', this.view.now <= follows, simulated, `${passedBy.name}, sick since later, went before it`);
  }

  /** What was restarted before it must have been sick for longer, and each of those makes it wait for room once. */
  private lookForHunger(simulated: SimulatedInstance, { waitsSince, failingSince }: Place, policy: Policy): void {
    const { account } = simulated;
    const { now, plan } = this.view;
    const inStorm = this.storms.has(account);
    const mine = Math.max(failingSince ?? 0, this.oracle.of(simulated).calls.at(-1)?.at ?? 0);
    const elders = [...this.oracle.ledgers.values()].filter(
      (ledger) =>
        ledger.simulated.account === account &&
        (inStorm || isPlannedFor(ledger.policy, this.view.wall) || standsSince(ledger) <= mine),
    );
    const served = elders.flatMap(({ calls }) => calls.at(-1)?.at ?? []);
    const from = Math.max(waitsSince ?? now, this.roomFrom.get(account) ?? 0, ...served);
    const room = inStorm ? timeToNextCanary(policy, plan.guards.guard.stormCooldown) : timeToRoom(policy);
    // Each of the others may be let go and turn out not to need it.
    const bound = room + this.waiting(account) * 2 * policy.probe.timeout + MINUTE;
    const words = `it has waited for ${Math.round((now - from) / SECOND)} s, not ${Math.round(bound / SECOND)} s`;
    this.oracle.rule('fair', now - from <= bound, simulated, words);
  }

  private waiting(account: string): number {
    return [...this.places].filter(([{ account: its }, { failures }]) => its === account && failures > 0).length;
  }

  private standsInLine(ledger: Ledger, { failures, failingSince }: Place): boolean {
    const { simulated, policy, pause, pauseDoubtful, mayBeRefused, lastAskedAt } = ledger;
    const { view } = this;
    if (ledger.isLeftAlone(view.now)) return false;
    // Where restarts have been in vain for long, the living go first.
    const since = Math.min(failingSince ?? view.now, ledger.outageSince ?? view.now);
    if (view.now - since > view.plan.guards.guard.deadAfter) return false;
    if (lastAskedAt <= (this.unsettledAt.get(simulated.account) ?? 0)) return false;
    if (failures < policy.probe.failureThreshold || mayBeRefused || pause !== null || pauseDoubtful) return false;
    if (view.diskFull || view.plan.guards.dryRun || view.inMaintenance(simulated) || view.inStartup(simulated))
      return false;
    if (this.outages.has(simulated.account) || view.isHeldByHarm(simulated.account)) return false;
    return !isPlannedFor(policy, view.wall) && lastAskedAt > ownPaceAllows(ledger);
  }
}

/** Where it stood in line before its last restart, at the earliest: by the start of its outage, or by a restart since. */
function standsSince({ outageSince, calls }: Ledger): EpochMs {
  const before = calls.at(-2)?.at ?? Number.NEGATIVE_INFINITY;
  return Math.max(outageSince ?? Number.NEGATIVE_INFINITY, before - DECISION_TO_CALL);
}
