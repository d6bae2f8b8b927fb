import type { FleetEvent } from '../../src/core/event.ts';
import type { Policy } from '../../src/core/policy.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { blamesGateway, verdictOf } from '../../src/core/verdict.ts';
import type { Watchdog } from '../../src/runtime/watchdog.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import { isPlannedFor, type Oracle } from './oracle.ts';
import { longestGap, ownPaceAllows, timeToNextCanary, timeToRestart, timeToRoom, timeToSeeCured } from './bounds.ts';
import type { Ledger } from './ledger.ts';
import type { SimulatedProcess } from './process.ts';
import type { WorldView } from './world-view.ts';

/** Waits only so long for what must happen: a restart of the sick, and the news that the cured are well. */
export class Liveness {
  private readonly oracle: Oracle;
  private readonly view: WorldView;
  private readonly sickSince = new Map<SimulatedInstance, EpochMs>();
  private readonly wellSince = new Map<SimulatedInstance, EpochMs>();
  /** No restart for want of room, in a storm or after it, before this. */
  private readonly roomFrom = new Map<string, EpochMs>();

  constructor(oracle: Oracle, view: WorldView) {
    this.oracle = oracle;
    this.view = view;
  }

  /** Everything that was waited for is waited for again. */
  disturbed(): void {
    this.sickSince.clear();
    this.wellSince.clear();
  }

  /** It must be found sick, or well, again. */
  again(simulated: SimulatedInstance): void {
    this.sickSince.delete(simulated);
    this.wellSince.delete(simulated);
  }

  /** The truth about it has changed. Being well for a moment between two looks ends what was waited for as well. */
  changed(simulated: SimulatedInstance): void {
    if (verdictOf(simulated.condition) !== 'unhealthy' && simulated.condition !== 'connecting')
      this.sickSince.delete(simulated);
  }

  hear(event: FleetEvent): void {
    if (event.type === 'storm_ended') this.roomFrom.set(event.account, event.quietUntil ?? event.at);
    // A gateway that is back makes its instances begin again at the threshold.
    if (event.type === 'gateway_outage_ended') this.forget(event.account);
  }

  look(watch: Watchdog, process: SimulatedProcess, diskFull: boolean): void {
    if (!process.awake || diskFull) {
      this.disturbed();
      return;
    }
    for (const ledger of this.oracle.ledgers.values()) {
      // In a storm of another account of the gateway, it waits for canaries that are not known here.
      if (!this.view.plan.shared) this.lookAtSick(ledger, watch, process);
      this.lookAtWell(ledger, watch, process);
    }
  }

  private lookAtSick(ledger: Ledger, watch: Watchdog, process: SimulatedProcess): void {
    const { simulated, policy } = ledger;
    const { now } = this.view;
    if (!this.isCurable(ledger) || this.isHeld(ledger, watch) || now - process.disturbedAt < MINUTE) {
      this.sickSince.delete(simulated);
      return;
    }
    const since = this.sickSince.get(simulated) ?? now;
    this.sickSince.set(simulated, since);
    const from = Math.max(since, ownPaceAllows(ledger), this.accountAllows(simulated.account, watch, policy));
    const bound = timeToRestart(policy);
    this.oracle.rule('liveness', now - from <= bound, simulated, `${seconds(now - from)} s, not ${seconds(bound)} s`);
  }

  private lookAtWell({ simulated, policy, calls }: Ledger, watch: Watchdog, process: SimulatedProcess): void {
    const { now } = this.view;
    const instance = watch.fleet.instances.get(simulated.name);
    const called = calls.some(({ at }) => at > now - timeToSeeCured(policy));
    const well = this.view.truth(simulated) === 'connected' && this.view.isEnabled(simulated) && instance !== undefined;
    if (!well || called || isPlannedFor(policy, this.view.wall) || now - process.disturbedAt < MINUTE) {
      this.wellSince.delete(simulated);
      return;
    }
    const since = Math.max(this.wellSince.get(simulated) ?? now, simulated.since);
    this.wellSince.set(simulated, since);
    if (now - since <= timeToSeeCured(policy)) return;
    this.oracle.rule('cured', instance.state.phase === 'healthy', simulated, `but ${instance.state.phase}`);
  }

  /** Sick in a way that a restart may cure, and asked to be restarted by its policy. */
  private isCurable(ledger: Ledger): boolean {
    const { simulated, policy, mayBeRefused, mayNeedHuman } = ledger;
    const truth = this.view.truth(simulated);
    if (ledger.isLeftAlone(this.view.now) || (mayNeedHuman && blamesGateway(truth))) return false;
    // That is between people.
    if (truth === 'conflict' || truth === 'stopped') return false;
    const sick = verdictOf(truth) === 'unhealthy' || (truth === 'connecting' && this.isStuck(simulated, policy));
    return sick && !mayBeRefused && policy.restart.enabled && this.view.isEnabled(simulated);
  }

  /** Whether anything but its own pace and its account's room may hold it. */
  private isHeld({ simulated, lastAnswer, pause, pauseDoubtful }: Ledger, watch: Watchdog): boolean {
    const { view } = this;
    if (pauseDoubtful || (pause !== null && view.wall < pause.until)) return true;
    if (view.plan.guards.dryRun || view.inMaintenance(simulated) || view.inStartup(simulated)) return true;
    if (!view.isUndisturbed(simulated.account)) return true;
    // Watch's own word for it; that it does not last is checked by what it does to those that are well.
    if (watch.fleet.accounts.get(simulated.account)?.inGatewayOutage === true || !watch.guards.networkUp) return true;
    if (view.isHeldByHarm(simulated.account)) return true;
    return lastAnswer === 'rate_limited';
  }

  /** When the account's limits and storms let another restart begin, at the latest. */
  private accountAllows(account: string, watch: Watchdog, policy: Policy): EpochMs {
    const { stormCooldown } = this.view.plan.guards.guard;
    const lastAt = this.lastCallIn(account);
    if (watch.fleet.accounts.get(account)?.inStorm === true) return lastAt + timeToNextCanary(policy, stormCooldown);
    return Math.max(lastAt + timeToRoom(policy), this.roomFrom.get(account) ?? 0);
  }

  private lastCallIn(account: string): EpochMs {
    let last: EpochMs = 0;
    for (const { simulated, calls } of this.oracle.ledgers.values()) {
      if (simulated.account === account) last = Math.max(last, calls.at(-1)?.at ?? 0);
    }
    return last;
  }

  private isStuck(simulated: SimulatedInstance, policy: Policy): boolean {
    const { probe, restart } = policy;
    const patience = Math.max(probe.connectingGrace, restart.grace, restart.backoff.max);
    return this.view.now - simulated.since > patience + longestGap(policy);
  }

  private forget(account: string): void {
    for (const simulated of this.view.instances) if (simulated.account === account) this.sickSince.delete(simulated);
  }
}

function seconds(duration: DurationMs): number {
  return Math.round(duration / SECOND);
}
