import { allowedSick } from '../../src/core/group/tally.ts';
import type { FleetEvent } from '../../src/core/event.ts';
import type { InstanceState } from '../../src/core/instance/instance.ts';
import { DAY, HOUR, MINUTE, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { blamesGateway, verdictOf, wasAnswered, type Cause } from '../../src/core/verdict.ts';
import { SOONEST } from '../../src/runtime/guards/own-network.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { WorldGateway } from '../../src/simulation/world-gateway.ts';
import type { Disk } from './disk.ts';
import { isPlannedFor, type Oracle } from './oracle.ts';
import { DECISION_TO_CALL, type Ledger } from './ledger.ts';
import type { FleetPlan } from './fleet-plan.ts';

export interface WorldViewParts {
  readonly clock: SimulatedClock;
  readonly plan: FleetPlan;
  readonly instances: readonly SimulatedInstance[];
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  readonly enabled: ReadonlySet<SimulatedInstance>;
  readonly disk: Disk;
}

/** How long ago a restart may have healed for the storm's canaries to be done with. */
const HEALED_LATELY: DurationMs = HOUR;

/** What the world knows that ought to hold restarts. It gives the watch the benefit of every doubt. */
export class WorldView {
  startedAt: EpochMs = 0;
  networkDownSince: EpochMs | null = null;
  private networkUpSince: EpochMs = 0;
  private readonly parts: WorldViewParts;
  private dueAtStart: ReadonlySet<SimulatedInstance> = new Set();
  private cuts = 0;
  /** Accounts that the watch holds because of harm until somebody releases them. */
  private readonly harmful = new Set<string>();
  /** Accounts in which a canary did harm, perhaps: it ends the canaries of its storm. */
  private readonly harmedInStorm = new Set<string>();

  constructor(parts: WorldViewParts) {
    this.parts = parts;
  }

  get plan(): FleetPlan {
    return this.parts.plan;
  }

  get now(): EpochMs {
    return this.parts.clock.now();
  }

  get wall(): EpochMs {
    return this.parts.clock.wall();
  }

  get networkUp(): boolean {
    return this.networkDownSince === null;
  }

  get diskFull(): boolean {
    return this.parts.disk.full;
  }

  get instances(): readonly SimulatedInstance[] {
    return this.parts.instances;
  }

  get accounts(): Iterable<string> {
    return this.parts.gateways.keys();
  }

  isHeldByHarm(account: string): boolean {
    return this.harmful.has(account) || this.harmedInStorm.has(account);
  }

  /** @returns whether other restarts may be held from now on, or not any more */
  hear(event: FleetEvent): boolean {
    switch (event.type) {
      case 'restart_harmed':
        this.harmedInStorm.add(event.account);
        return true;
      case 'storm_ended':
      case 'storm_paced':
        return this.harmedInStorm.delete(event.account);
      case 'harmful_began':
        for (const account of event.gateway?.accounts ?? [event.account]) this.harmful.add(account);
        return true;
      case 'harmful_ended':
        for (const account of event.gateway?.accounts ?? [event.account]) {
          this.harmful.delete(account);
          this.harmedInStorm.delete(account);
        }
        return true;
      default:
        return false;
    }
  }

  isEnabled(simulated: SimulatedInstance): boolean {
    return this.parts.enabled.has(simulated);
  }

  /** What a probe would truly find. */
  truth(simulated: SimulatedInstance): Cause {
    const gateway = this.parts.gateways.get(simulated.account);
    return gateway === undefined ? simulated.condition : gateway.truth(simulated);
  }

  /** Whether nothing but the instances of this account can be the matter. */
  isUndisturbed(account: string): boolean {
    return this.networkUp && this.parts.gateways.get(account)?.trouble === null;
  }

  /** The same, and our own network has been up for so long. */
  isSettled(account: string, since: DurationMs): boolean {
    return this.isUndisturbed(account) && this.now - this.networkUpSince > since;
  }

  cutNetwork(duration: DurationMs): void {
    this.cuts += 1;
    this.networkDownSince ??= this.now;
    this.connect(false);
    this.parts.clock.after(duration, () => {
      this.cuts -= 1;
      if (this.cuts > 0) return;
      this.networkDownSince = null;
      this.networkUpSince = this.now;
      this.connect(true);
    });
  }

  processStarted(stored: ReadonlyMap<SimulatedInstance, InstanceState | null>): void {
    this.startedAt = this.now;
    this.harmful.clear();
    this.harmedInStorm.clear();
    this.dueAtStart = new Set(this.instances.filter((simulated) => stored.get(simulated)?.phase === 'down'));
  }

  inMaintenance(simulated: SimulatedInstance): boolean {
    const { window } = this.plan;
    if (window?.account !== simulated.account) return false;
    return (this.wall - window.hour * HOUR) % DAY < window.duration;
  }

  inStartup(simulated: SimulatedInstance): boolean {
    return !this.dueAtStart.has(simulated) && this.now < this.startedAt + this.plan.guards.guard.startup;
  }

  /** A word for why a call that reaches the gateway now should not have been made; null: no reason known. */
  heldBy(simulated: SimulatedInstance, oracle: Oracle): string | null {
    const { guards } = this.plan;
    const ledger = oracle.of(simulated);
    const asked = this.now - ledger.requestedAt < DECISION_TO_CALL;
    if (guards.dryRun) return 'dry_run';
    if (!asked && this.inStartup(simulated)) return 'startup';
    if (!isPlannedFor(ledger.policy, this.wall) && this.maintenanceIsCertain(simulated)) return 'maintenance';
    if (this.ownNetworkIsCertain()) return 'own_network';
    const others = [...oracle.ledgers.values()].filter((other) => this.isWatched(other, simulated.account));
    if (this.outageIsCertain(others)) return 'gateway_outage';
    return this.isSecondCanary(ledger, others) ? 'storm' : null;
  }

  private maintenanceIsCertain(simulated: SimulatedInstance): boolean {
    const { window } = this.plan;
    return (
      window !== null && this.inMaintenance(simulated) && (this.wall - window.hour * HOUR) % DAY > DECISION_TO_CALL
    );
  }

  private ownNetworkIsCertain(): boolean {
    const { targets, every, timeout } = this.plan.guards.connectivity;
    if (targets.length === 0 || this.networkDownSince === null) return false;
    const known = Math.max(this.networkDownSince, this.startedAt) + every + timeout + DECISION_TO_CALL;
    return this.now > known;
  }

  /** More than half of all answers say that the gateway is sick, with one to spare for what is on its way. */
  private outageIsCertain(ledgers: readonly Ledger[]): boolean {
    if (ledgers.length < 3 || !this.networkUp) return false;
    // What failed while our own network was down may have been put down to that.
    const unreachable = ledgers.filter(
      (ledger) =>
        this.isProcessed(ledger) &&
        !this.maySayNothing(ledger) &&
        ledger.lastAnswerAt > this.networkUpSince &&
        ledger.lastAnswer !== null &&
        blamesGateway(ledger.lastAnswer),
    );
    return unreachable.length > ledgers.length / 2 + 1;
  }

  /** A third restart within one grace, in a storm in which no restart has healed. */
  private isSecondCanary({ simulated, policy }: Ledger, ledgers: readonly Ledger[]): boolean {
    const from = this.now - policy.restart.grace + DECISION_TO_CALL;
    const canaries = ledgers.filter(
      (ledger) =>
        ledger.simulated !== simulated &&
        ledger.calls.some(({ at, idle, forced }) => at > from && at < this.now && !idle && !forced),
    );
    if (canaries.length < 2) return false;
    // What one showed holds until another one shows something else, however long that takes.
    const healedAt = Math.max(...ledgers.map((ledger) => ledger.healedAt));
    const before = Math.max(
      0,
      ...ledgers.flatMap(({ calls }) => calls.filter(({ at }) => at <= from).map(({ at }) => at)),
    );
    const healed = healedAt > Math.min(before, this.now - HEALED_LATELY);
    if (healed) return false;
    const sick = ledgers.filter(
      (ledger) =>
        this.isProcessed(ledger) &&
        !this.maySayNothing(ledger) &&
        ledger.failingSince !== null &&
        ledger.failingSince < from - MINUTE,
    );
    return sick.length > allowedSick(this.plan.guards.guard, ledgers.length) + 1;
  }

  /** Whether it may be left to a person, be exhausted or dead, so that the group does not count on it. */
  private maySayNothing(ledger: Ledger): boolean {
    const { restarts, per } = ledger.policy.restart.budget;
    const spent = ledger.calls.filter(({ at }) => at > this.now - per).length;
    const isOld = ledger.outageSince !== null && ledger.outageSince < this.now - this.plan.guards.guard.deadAfter;
    return spent >= restarts || isOld || ledger.isLeftAlone(this.now);
  }

  private isWatched({ simulated }: Ledger, account: string): boolean {
    return (this.plan.shared || simulated.account === account) && this.isEnabled(simulated);
  }

  /** It counts as sick: its last answer has reached this process, and has been decided upon. */
  private isProcessed({ lastAnswer, lastAnswerAt, mayBeRefused }: Ledger): boolean {
    if (mayBeRefused || lastAnswer === null || verdictOf(lastAnswer) !== 'unhealthy') return false;
    // What got no answer may be our own network's, so its targets are asked first, when they have been asked before.
    const { targets, timeout } = this.plan.guards.connectivity;
    const doubted = targets.length > 0 && !wasAnswered(lastAnswer) ? Math.max(SOONEST, timeout) + timeout : 0;
    return lastAnswerAt > this.startedAt && lastAnswerAt < this.now - doubted - DECISION_TO_CALL;
  }

  private connect(up: boolean): void {
    for (const gateway of this.parts.gateways.values()) gateway.cut = !up;
  }
}
