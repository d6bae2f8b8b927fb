import type { FleetEvent } from '../../src/core/event.ts';
import type { InstanceState } from '../../src/core/instance/instance.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type { RestartResult } from '../../src/gateway/gateway.ts';
import type { Watchdog } from '../../src/runtime/watchdog.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { Witness, WorldGateway } from '../../src/simulation/world-gateway.ts';
import { Oracle } from './oracle.ts';
import type { ConfigChange, SimulatedConfig } from './config.ts';
import type { Disk } from './disk.ts';
import { Fairness } from './fairness.ts';
import type { FleetPlan } from './fleet-plan.ts';
import { Liveness } from './liveness.ts';
import type { SimulatedProcess } from './process.ts';
import type { Breach, Rule } from './rules.ts';
import { Transcript } from './transcript.ts';
import { WorldView } from './world-view.ts';

export interface ObserversParts {
  readonly clock: SimulatedClock;
  readonly plan: FleetPlan;
  readonly instances: readonly SimulatedInstance[];
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  readonly config: SimulatedConfig;
  readonly disk: Disk;
  readonly process: () => SimulatedProcess;
  /** Steps aside from these rules. */
  readonly forgive: readonly Rule[];
}

/** A restart is decided upon, written down, and waits for its turn to be sent. */
const SAVE_TO_CALL: DurationMs = 500;

/** All that observe a simulated day: the oracle, the checks of what must happen in time, and the transcript. */
export class Observers implements Witness {
  readonly oracle: Oracle;
  /** The first breach of a rule; null: none so far. */
  breach: Breach | null = null;
  heals = 0;
  private furthestWall: EpochMs = Number.NEGATIVE_INFINITY;
  private readonly parts: ObserversParts;
  private readonly view: WorldView;
  private readonly liveness: Liveness;
  private readonly fairness: Fairness;
  private readonly transcript = new Transcript();

  constructor(parts: ObserversParts) {
    this.parts = parts;
    const { clock, plan, instances, config, disk } = parts;
    this.view = new WorldView({ ...parts, enabled: config.enabled });
    this.oracle = new Oracle(
      instances.map((simulated) => [simulated, config.policyOf(simulated)]),
      {
        now: () => clock.now(),
        wall: () => clock.wall(),
        enabled: (simulated) => config.enabled.has(simulated),
        configured: (simulated) => this.isConfigured(simulated),
        heldBy: (simulated) => this.view.heldBy(simulated, this.oracle),
        disturbedAt: () => parts.process().disturbedAt,
        diskFull: () => disk.full,
        maxHarmed: plan.guards.guard.maxHarmed,
        gatewayLimits: plan.shared ? plan.guards.guard.perGateway : null,
        limits: plan.limits,
        breached: (breach) => {
          if (!parts.forgive.includes(breach.rule)) this.breach ??= breach;
        },
      },
    );
    this.liveness = new Liveness(this.oracle, this.view);
    this.fairness = new Fairness(this.oracle, this.view);
  }

  get networkUp(): boolean {
    return this.view.networkUp;
  }

  cutNetwork(duration: DurationMs): void {
    this.view.cutNetwork(duration);
    this.tell(`own network down for ${Math.round(duration / SECOND)} s`);
  }

  probeAnswered(simulated: SimulatedInstance, cause: Cause, startedAt: EpochMs): void {
    this.oracle.probeAnswered(simulated, cause, startedAt);
    this.fairness.answered(simulated);
    this.transcript.answered(this.now, simulated, cause);
  }

  listed(simulated: SimulatedInstance, cause: Cause, startedAt: EpochMs): void {
    this.oracle.listed(simulated, cause, startedAt);
  }

  restartCalled(simulated: SimulatedInstance): void {
    this.transcript.called(this.now, simulated);
    this.oracle.restartCalled(simulated);
    this.fairness.called(simulated);
  }

  restartEnded(simulated: SimulatedInstance, result: RestartResult): void {
    this.transcript.ended(this.now, simulated, result.outcome);
    this.oracle.restartEnded(simulated, result);
  }

  /** The truth about an instance has changed. */
  changed(simulated: SimulatedInstance, from: Cause): void {
    this.transcript.changed(this.now, simulated, from);
    this.liveness.changed(simulated);
  }

  /** Somebody wants something that may change what is to become of an instance. */
  disturbed(simulated: SimulatedInstance): void {
    this.liveness.again(simulated);
    this.fairness.forget(simulated);
  }

  /** What only time can show: that nothing which should have happened has failed to. */
  look(watch: Watchdog | null): void {
    const { disk, process } = this.parts;
    for (const conflict of disk.conflicts) this.oracle.rule('sound', false, null, conflict);
    if (watch === null) return;
    this.liveness.look(watch, process(), disk.full);
    this.fairness.look(process(), disk.full);
  }

  hear(event: FleetEvent): void {
    this.transcript.hear(event);
    if (event.type === 'healed') this.heals += 1;
    if (event.type === 'unpaused' && event.by === null) this.oracle.pauseEnded(this.phoneOf(event));
    if (event.type === 'decision_failed') this.oracle.rule('sound', false, null, event.reason);
    // One that was slept over is not sent, though it counts for the watch.
    if (event.type === 'restart_finished' && event.intent.startedAt <= this.parts.process().disturbedAt) {
      this.oracle.of(this.phoneOf(event)).mayHaveSpent(event.intent.startedAt);
    }
    if (this.view.hear(event) && 'account' in event) this.fairness.unsettle(event.account);
    this.liveness.hear(event);
    this.fairness.hear(event);
  }

  /** A process begins with these states. */
  processStarted(stored: ReadonlyMap<SimulatedInstance, InstanceState | null>): void {
    this.oracle.processStarted();
    this.fairness.processStarted();
    this.view.processStarted(stored);
  }

  /** It has loaded them and begins to watch. */
  watchStarted(): void {
    this.view.startedAt = this.now;
    this.liveness.disturbed();
  }

  processDied(hop: string | null, stored: ReadonlyMap<SimulatedInstance, InstanceState | null>): void {
    this.tell(`the process died${hop === null ? '' : ` at ${hop}`}`);
    // A restart written down but never made counts for the watch, though not for the world.
    for (const [simulated, state] of stored) {
      if (state !== null && state.intent !== null) this.oracle.of(simulated).mayHaveSpent(state.intent.startedAt);
    }
  }

  /** The wall clock was set, or the machine was suspended, when it showed this. */
  clockSet(from: EpochMs): void {
    this.furthestWall = Math.max(this.furthestWall, from);
    this.oracle.clockSet(this.furthestWall);
  }

  /** The config is another one from now on. */
  reloaded(change: ConfigChange): void {
    this.tell(`reload: ${change.words}`);
    for (const simulated of this.parts.instances) this.note(change, simulated);
  }

  tell(words: string): void {
    this.transcript.tell(this.now, words);
  }

  /** @returns the breach with what led to it; null: every rule held */
  failure(run: { seed: number; days: number; instances: number }): string | null {
    return this.breach === null ? null : this.transcript.of(this.breach, run);
  }

  private get now(): EpochMs {
    return this.parts.clock.now();
  }

  /** What a change of the config means for an instance. */
  private note({ policyOf, gatewayOf, limitsOf, membershipOf }: ConfigChange, simulated: SimulatedInstance): void {
    const { oracle, fairness, now } = this;
    const { config } = this.parts;
    const { account } = simulated;
    if (![policyOf, gatewayOf, limitsOf, membershipOf?.account].includes(account)) return;
    const ledger = oracle.of(simulated);
    fairness.unsettle(account);
    if (policyOf === account) ledger.reconfigured(config.policyOf(simulated), now);
    if (gatewayOf === account) ledger.gatewayChanged(now);
    if (limitsOf === account) oracle.limited(account, config.limitsOf(account));
    if (membershipOf === simulated && config.enabled.has(simulated)) ledger.begins();
    if (policyOf === account || gatewayOf === account || membershipOf === simulated) this.disturbed(simulated);
  }

  private phoneOf({ name }: { readonly name: string }): SimulatedInstance {
    const simulated = this.parts.instances.find((one) => one.name === name);
    if (simulated === undefined) throw new Error(`no instance ${name}`);
    return simulated;
  }

  /** Configured, or so lately that a restart which was decided upon before may still be on its way. */
  private isConfigured(simulated: SimulatedInstance): boolean {
    const { config, process } = this.parts;
    if (config.enabled.has(simulated)) return true;
    const leftAt = config.lastLeftAt(simulated);
    return this.now - leftAt < SAVE_TO_CALL || process().disturbedAt > leftAt;
  }
}
