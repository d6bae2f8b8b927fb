import { setMaxListeners } from 'node:events';
import type { Publish } from '../core/event.ts';
import type { Elsewhere } from '../core/group/elsewhere.ts';
import type { GuardSettings } from '../core/settings.ts';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { ListResult, Reach } from '../gateway/gateway.ts';
import type { StateStore, StoredState } from '../store/store.ts';
import { Calendar } from '../time/calendar.ts';
import { sleep } from '../time/clock.ts';
import { StallDetector } from '../time/stall-detector.ts';
import type { Times } from '../time/wall-clock.ts';
import { Echoes, type EchoesParts } from './probing/echoes.ts';
import { FleetRegistry } from './fleet/fleet-registry.ts';
import type { FleetChange, FleetParts } from './fleet/fleet-change.ts';
import type { Account } from './fleet/account.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Instance } from './fleet/instance.ts';
import { Guards } from './guards/guards.ts';
import { applyReload, type OwnershipChange, type Reloaded } from './reconcile/apply-reload.ts';
import { BulkProbes } from './probing/bulk-probes.ts';
import { GatewayDrain } from './reconcile/gateway-drain.ts';
import { GuardLoop, joinedAs } from './reconcile/guard-loop.ts';
import { callList } from './probing/list-call.ts';
import { Listener } from './reconcile/listener.ts';
import { Prober } from './probing/prober.ts';
import { ProbeLoop } from './probing/probe-loop.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { RemovedStates } from './reconcile/removed-states.ts';
import { restoreStates, resume, type ResumeParts } from './reconcile/resume.ts';
import { StateWriter } from './reconcile/state-writer.ts';
import { isFirstRoundOut, late } from './probing/progress.ts';
import { PlannedRestarts, type Fired } from './schedule/planned-restarts.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { WatchControl } from './watch-control.ts';

/** Restart calls in flight get this long to end when the watch stops. */
const LAST_CALLS: DurationMs = 10 * SECOND;

export interface WatchdogParts extends FleetParts, Times {
  readonly store: StateStore;
  readonly publish: Publish;
  readonly guards: GuardSettings;
  /** How long the state of an instance is kept after it was removed from the config. */
  readonly keepRemoved: DurationMs;
  /** Calls the targets of the own-network check. */
  readonly reach: Reach;
  /** Hears, several times per second, how late the event loop was. */
  readonly onBeat?: (late: DurationMs) => void;
  /** Whether no other process can own the account now; by default none ever can. */
  readonly mayRestart?: (account: string) => boolean;
  /** Another one each time: 16 hexadecimal digits that nobody can guess. Missing: no instance sends messages. */
  readonly newMark?: () => string;
  readonly onEcho?: EchoesParts['onEnd'];
}

/** What a reload may change. */
export type ReloadParts = FleetParts & Pick<WatchdogParts, 'guards' | 'keepRemoved'>;

/** What a reload changes of the accounts that this process owns, beside others with the same config. */
export interface Handover extends OwnershipChange {
  /** The stored states of what was taken. */
  readonly states: ReadonlyMap<string, StoredState>;
}

/** The watchdog over a fleet: brings back what was known, then probes and heals until it is stopped. */
export class Watchdog {
  readonly guards: Guards;
  /** What can be requested of it from outside. */
  readonly control: WatchControl;
  private readonly parts: WatchdogParts;
  private readonly registry: FleetRegistry;
  private readonly stalls: StallDetector;
  private readonly scheduler: Scheduler;
  private readonly planned: PlannedRestarts;
  private readonly guardLoop: GuardLoop;
  private readonly reconciler: Reconciler;
  private readonly prober: Prober;
  private readonly probeLoop: ProbeLoop;
  private readonly bulkProbes: BulkProbes;
  private readonly removedStates: RemovedStates;
  private readonly echoes: Echoes | null;
  private readonly drain = new GatewayDrain();
  private readonly probes = new AbortController();
  private readonly restarts = new AbortController();
  private firstRoundOut = false;
  private started = false;

  /**
   * Loads the stored states and takes stock of what happened while nothing was watched. Nothing is probed yet.
   *
   * @throws StoreError when the states cannot be loaded
   */
  static async load(parts: WatchdogParts): Promise<Watchdog> {
    const registry = new FleetRegistry(parts.clock, await parts.store.load());
    const { fleet } = registry.apply(parts);
    const watchdog = new Watchdog(parts, registry);
    const instances = [...fleet.instances.values()];
    await resume(
      instances.filter(({ revision }) => revision > 0),
      watchdog.resuming,
    );
    watchdog.guardLoop.adoptAccounts();
    const now = parts.clock.now();
    for (const instance of instances) {
      if (instance.isWatched) watchdog.guardLoop.observe(instance.account, joinedAs(instance, now));
    }
    watchdog.guardLoop.look();
    return watchdog;
  }

  private constructor(parts: WatchdogParts, registry: FleetRegistry) {
    const { clock, wall, publish } = parts;
    const times = { clock, wall, calendar: new Calendar() };
    // What waits listens: one for each account that is called, and for each restart. Node.js calls more than ten a leak.
    setMaxListeners(0, this.probes.signal, this.restarts.signal);
    this.parts = parts;
    this.registry = registry;
    this.stalls = new StallDetector(clock, (late) => {
      parts.onBeat?.(late);
      this.followClock();
    });
    // From below to above: each knows those before it.
    this.scheduler = new Scheduler(times);
    this.planned = new PlannedRestarts(times);
    this.guards = new Guards({ ...times, settings: parts.guards, reach: parts.reach });
    const { scheduler, guards, stalls, drain } = this;
    const { newMark, mayRestart = () => true, onEcho = () => undefined } = parts;
    this.guardLoop = new GuardLoop({ clock, publish, registry, guards, scheduler });
    const listener = new Listener({ ...times, guards });
    const writer = new StateWriter(parts.store);
    const { signal: probes } = this.probes;
    const { signal: restarts } = this.restarts;
    const { guardLoop } = this;
    const loopParts = { clock, wall, stalls, publish, guards, guardLoop, listener, scheduler, drain };
    this.reconciler = new Reconciler({ ...loopParts, writer, restarts, mayRestart });
    const { reconciler } = this;
    this.prober = new Prober({ ...loopParts, reconciler, signal: probes });
    this.probeLoop = new ProbeLoop({ clock, scheduler, prober: this.prober, signal: probes });
    this.bulkProbes = new BulkProbes({ ...loopParts, registry, reconciler, signal: probes });
    const fleet = (): Fleet => this.fleet;
    this.echoes =
      newMark === undefined
        ? null
        : new Echoes({ ...times, guards, reconciler, mayRestart, newMark, onEnd: onEcho, fleet });
    this.control = new WatchControl({
      ...{ clock, fleet, guards, guardLoop, scheduler, reconciler, probeLoop: this.probeLoop, echoes: this.echoes },
    });
    this.removedStates = new RemovedStates({ clock, registry, writer, reconciler, keepRemoved: parts.keepRemoved });
  }

  /** Another object after each reload. */
  get fleet(): Fleet {
    return this.registry.fleet;
  }

  /** Begins to probe, and to restart what needs it. */
  start(): void {
    const instances = [...this.fleet.instances.values()];
    this.started = true;
    this.stalls.start();
    this.guardLoop.start();
    this.scheduler.start(instances);
    this.planned.follow(instances);
    void this.probeLoop.run();
    this.bulkProbes.follow();
    void this.planDue();
    void this.removedStates.run(this.probes.signal);
    void this.echoes?.run(this.probes.signal);
  }

  /**
   * Goes on with another fleet: compares with pauses, in which probing goes on, and answers with what then swaps at
   * once, in a time that depends on how much has changed. An instance that is the same by account and phoneNumberId
   * keeps its state and its place in the queue; one that is gone is let go, and its state stays stored, because it may
   * come back. Accounts that did not change are to be handed in as the objects they are.
   *
   * @throws Error when an instance names an account that is not there; then nothing has changed
   */
  async prepareReload(parts: ReloadParts, handover?: Handover): Promise<() => Reloaded> {
    if (handover !== undefined) this.registry.own(handover.states, handover.taken);
    const preparation = this.registry.prepare(parts);
    for (;;) {
      const { done, value } = preparation.next();
      if (done === true) return () => this.applyReload(this.registry.commit(value), parts, handover);
      await sleep(this.parts.clock, 0, this.probes.signal);
    }
  }

  private applyReload(
    change: FleetChange,
    { guards, keepRemoved }: ReloadParts,
    ownership: OwnershipChange | undefined,
  ): Reloaded {
    this.guards.change(guards);
    this.removedStates.keepRemoved = keepRemoved;
    const { scheduler, planned, reconciler, drain, guardLoop } = this;
    const { clock } = this.parts;
    const parts = { clock, scheduler, planned, reconciler, drain, guardLoop, ...(ownership && { ownership }) };
    const reloaded = applyReload(change, parts);
    if (ownership !== undefined) this.registry.disown(ownership.left);
    if (this.started) this.bulkProbes.follow();
    return reloaded;
  }

  /**
   * Restores stored states after all, in a watchdog that began without them.
   *
   * @returns how many instances they were of
   */
  async restoreState(stored: ReadonlyMap<string, StoredState>): Promise<number> {
    const known = [...this.registry.restoreState(stored)];
    await restoreStates(known, this.resuming);
    return known.length;
  }

  /** What the other replicas see of gateways, and what they leave of their limits. */
  see(elsewhere: ReadonlyMap<string, Elsewhere>): void {
    for (const [gateway, release] of this.guardLoop.see(elsewhere)) void this.control.releaseToo(gateway, release);
  }

  /** The instance of this key of the store, configured or not; undefined: this process has not watched it so far. */
  instanceOf(key: string): Instance | undefined {
    return this.registry.instanceOf(key);
  }

  /** Requests the list of an account; null: it has none, or is given up. See {@link callList}. */
  async list(account: Account, timeout: DurationMs, signal: AbortSignal): Promise<ListResult | null> {
    return await callList(account, timeout, signal, this.drain);
  }

  /** What is later than it may be, in words; empty while the loop makes progress. */
  late(): readonly string[] {
    return late(this.scheduler, this.prober, this.parts.clock.now());
  }

  /** Whether every instance with a fixed interval has been probed once, or is being probed. */
  ready(): boolean {
    this.firstRoundOut ||= isFirstRoundOut(this.fleet);
    return this.firstRoundOut;
  }

  /** Ends probing at once, gives restart calls in flight their time, and saves what can be saved. */
  async stop(): Promise<void> {
    this.planned.stop();
    this.scheduler.stop();
    this.stalls.stop();
    this.guardLoop.stop();
    this.probes.abort();
    const waited = new AbortController();
    const timeUp = sleep(this.parts.clock, LAST_CALLS, waited.signal);
    await Promise.race([this.reconciler.settled(), timeUp]);
    waited.abort();
    this.restarts.abort();
    await this.reconciler.settled();
    await this.reconciler.saveRest(this.fleet.instances.values());
    await this.drain.retired();
    for (const { requests } of this.registry.everyAccount) requests.close();
    this.guards.gateways.close();
  }

  private get resuming(): ResumeParts {
    return { clock: this.parts.clock, reconciler: this.reconciler, guardLoop: this.guardLoop };
  }

  private async planDue(): Promise<void> {
    while (!this.probes.signal.aborted) {
      for (const fired of await this.planned.due()) void this.planRestart(fired);
    }
  }

  private async planRestart({ instance, firing, wait }: Fired): Promise<void> {
    await this.reconciler.observe(instance, { type: 'restart_planned', ...firing });
    if (instance.state.planned === null) return;
    this.scheduler.pullForward(instance, this.parts.clock.now() + wait);
  }

  /** Windows and ends of pauses are read off the wall clock when they matter; only what has a timer must follow it. */
  private followClock(): void {
    if (!this.parts.wall.wasSet()) return;
    this.planned.followClock();
    this.scheduler.followClock(this.fleet.instances.values());
  }
}
