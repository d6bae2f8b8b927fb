import type { FleetEvent } from '../../src/core/event.ts';
import type { InstanceState } from '../../src/core/instance/instance.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type { RestartResult } from '../../src/gateway/gateway.ts';
import type { Watchdog } from '../../src/runtime/watchdog.ts';
import type { SimulatedInstance } from '../../src/simulation/scenario-instance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { Witness, WorldGateway } from '../../src/simulation/world-gateway.ts';
import { Oracle } from './books.ts';
import type { ConfigChange, SimulatedConfig } from './config.ts';
import type { Disk } from './disk.ts';
import { Fairness } from './fairness.ts';
import type { FleetPlan } from './fleet-plan.ts';
import { Liveness } from './patience.ts';
import type { SimulatedProcess } from './process.ts';
import type { Breach, Rule } from './rules.ts';
import { Transcript } from './transcript.ts';
import { WorldView } from './world-view.ts';

export interface ObserversParts {
  readonly clock: SimulatedClock;
  readonly plan: FleetPlan;
  readonly phones: readonly SimulatedInstance[];
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  readonly config: SimulatedConfig;
  readonly disk: Disk;
  readonly process: () => SimulatedProcess;
  /** Steps aside from these rules. */
  readonly forgive: readonly Rule[];
}

/** A restart is decided upon, written down, and waits for its turn to be sent. */
const SAVE_TO_CALL: DurationMs = 500;

/** All who look on at a simulated day: the books, those who wait for things to happen, and the transcript. */
export class Observers implements Witness {
  readonly books: Oracle;
  /** The first breach of a rule; null: none so far. */
  breach: Breach | null = null;
  heals = 0;
  private furthestWall: EpochMs = Number.NEGATIVE_INFINITY;
  private readonly parts: ObserversParts;
  private readonly view: WorldView;
  private readonly patience: Liveness;
  private readonly fairness: Fairness;
  private readonly transcript = new Transcript();

  constructor(parts: ObserversParts) {
    this.parts = parts;
    const { clock, plan, phones, config, disk } = parts;
    this.view = new WorldView({ ...parts, enabled: config.enabled });
    this.books = new Oracle(
      phones.map((phone) => [phone, config.policyOf(phone)]),
      {
        now: () => clock.now(),
        wall: () => clock.wall(),
        enabled: (phone) => config.enabled.has(phone),
        configured: (phone) => this.isConfigured(phone),
        heldBy: (phone) => this.view.heldBy(phone, this.books),
        disturbedAt: () => parts.process().disturbedAt,
        diskFull: () => disk.full,
        limits: plan.limits,
        breached: (breach) => {
          if (!parts.forgive.includes(breach.rule)) this.breach ??= breach;
        },
      },
    );
    this.patience = new Liveness(this.books, this.view);
    this.fairness = new Fairness(this.books, this.view);
  }

  get networkUp(): boolean {
    return this.view.networkUp;
  }

  cutNetwork(duration: DurationMs): void {
    this.view.cutNetwork(duration);
    this.tell(`own network down for ${Math.round(duration / SECOND)} s`);
  }

  probeAnswered(phone: SimulatedInstance, cause: Cause, startedAt: EpochMs): void {
    this.books.probeAnswered(phone, cause, startedAt);
    this.fairness.answered(phone);
    this.transcript.answered(this.now, phone, cause);
  }

  restartCalled(phone: SimulatedInstance): void {
    this.transcript.called(this.now, phone);
    this.books.restartCalled(phone);
    this.fairness.called(phone);
  }

  restartEnded(phone: SimulatedInstance, result: RestartResult): void {
    this.transcript.ended(this.now, phone, result.outcome);
    this.books.restartEnded(phone, result);
  }

  /** The truth about an instance has changed. */
  changed(phone: SimulatedInstance, from: Cause): void {
    this.transcript.changed(this.now, phone, from);
    this.patience.changed(phone);
  }

  /** Somebody wants something that may change what is to become of an instance. */
  disturbed(phone: SimulatedInstance): void {
    this.patience.again(phone);
    this.fairness.forget(phone);
  }

  /** What only time can show: that nothing which should have happened has failed to. */
  look(watch: Watchdog | null): void {
    const { disk, process } = this.parts;
    for (const conflict of disk.conflicts) this.books.rule('sound', false, null, conflict);
    if (watch === null) return;
    this.patience.look(watch, process(), disk.full);
    this.fairness.look(process(), disk.full);
  }

  hear(event: FleetEvent): void {
    this.transcript.hear(event);
    if (event.type === 'healed') this.heals += 1;
    if (event.type === 'unpaused' && event.by === null) this.books.pauseEnded(this.phoneOf(event));
    if (event.type === 'decision_failed') this.books.rule('sound', false, null, event.reason);
    // One that was slept over is not sent, though it counts for the watch.
    if (event.type === 'restart_finished' && event.intent.startedAt <= this.parts.process().disturbedAt) {
      this.books.of(this.phoneOf(event)).mayHaveSpent(event.intent.startedAt);
    }
    this.patience.hear(event);
    this.fairness.hear(event);
  }

  /** A process begins with these states. */
  processStarted(stored: ReadonlyMap<SimulatedInstance, InstanceState | null>): void {
    this.books.processStarted();
    this.fairness.processStarted();
    this.view.processStarted(stored);
  }

  /** It has loaded them and begins to watch. */
  watchStarted(): void {
    this.view.startedAt = this.now;
    this.patience.disturbed();
  }

  processDied(hop: string | null, stored: ReadonlyMap<SimulatedInstance, InstanceState | null>): void {
    this.tell(`the process died${hop === null ? '' : ` at ${hop}`}`);
    // A restart written down but never made counts for the watch, though not for the world.
    for (const [phone, state] of stored) {
      if (state !== null && state.intent !== null) this.books.of(phone).mayHaveSpent(state.intent.startedAt);
    }
  }

  /** The wall clock was set, or the machine was suspended, when it showed this. */
  clockSet(from: EpochMs): void {
    this.furthestWall = Math.max(this.furthestWall, from);
    this.books.clockSet(this.furthestWall);
  }

  /** The config is another one from now on. */
  reloaded(change: ConfigChange): void {
    this.tell(`reload: ${change.words}`);
    for (const phone of this.parts.phones) this.note(change, phone);
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
  private note({ policyOf, gatewayOf, limitsOf, membershipOf }: ConfigChange, phone: SimulatedInstance): void {
    const { books, fairness, now } = this;
    const { config } = this.parts;
    const { account } = phone;
    if (![policyOf, gatewayOf, limitsOf, membershipOf?.account].includes(account)) return;
    const ledger = books.of(phone);
    fairness.unsettle(account);
    if (policyOf === account) ledger.reconfigured(config.policyOf(phone), now);
    if (gatewayOf === account) ledger.gatewayChanged(now);
    if (limitsOf === account) books.limited(account, config.limitsOf(account));
    if (membershipOf === phone && config.enabled.has(phone)) ledger.begins();
    if (policyOf === account || gatewayOf === account || membershipOf === phone) this.disturbed(phone);
  }

  private phoneOf({ name }: { readonly name: string }): SimulatedInstance {
    const phone = this.parts.phones.find((one) => one.name === name);
    if (phone === undefined) throw new Error(`no phone ${name}`);
    return phone;
  }

  /** Configured, or so lately that a restart which was decided upon before may still be on its way. */
  private isConfigured(phone: SimulatedInstance): boolean {
    const { config, process } = this.parts;
    if (config.enabled.has(phone)) return true;
    const leftAt = config.lastLeftAt(phone);
    return this.now - leftAt < SAVE_TO_CALL || process().disturbedAt > leftAt;
  }
}
