import { setMaxListeners } from 'node:events';
import type { Publish, SkipReason } from '../core/event.ts';
import type { Hold, InstanceState, RestartRecord } from '../core/instance/instance.ts';
import type { Observation } from '../core/instance/observation.ts';
import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { StateStore } from '../store/store.ts';
import { ProbeWaiters } from './schedule/probe-waiters.ts';
import { Calendar } from '../time/calendar.ts';
import { sleep, type Clock } from '../time/clock.ts';
import type { Fleet, LastProbe, Instance } from './fleet/fleet.ts';
import { PlannedRestarts, type Firing } from './schedule/planned-restarts.ts';
import { Guards, type GuardSettings } from './guards/guards.ts';
import type { Reach } from '../gateway/gateway.ts';
import { applyReload, type Reloaded } from './reconcile/apply-reload.ts';
import { GatewayDrain } from './reconcile/gateway-drain.ts';
import { resume, restoreStates } from './reconcile/resume.ts';
import { FleetRegistry, type FleetChange, type FleetParts } from './fleet/fleet-registry.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { StallDetector } from '../time/stall-detector.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { WallClock } from '../time/wall-clock.ts';

type RestartRequested = Extract<Observation, { type: 'restart_requested' }>;

/** Restart calls in flight get this long to end when the watch stops. */
const LAST_CALLS: DurationMs = 10 * SECOND;
/** The queue's head or a probe this much later than it may be means that the loop has stopped. */
const LOOP_IS_LATE: DurationMs = 10 * SECOND;
/** Hints from outside make an instance be probed this often at most. */
export const HINT_GAP: DurationMs = 5 * SECOND;

export interface WatchdogParts extends FleetParts {
  readonly clock: Clock;
  /** What the wall clock shows: the same for decisions and for what is shown. */
  readonly wall: WallClock;
  readonly store: StateStore;
  readonly publish: Publish;
  readonly guards: GuardSettings;
  /** Asks the targets of the own-network check. */
  readonly reach: Reach;
  /** Hears, several times per second, how late the event loop was. */
  readonly onBeat?: (late: DurationMs) => void;
}

/** What a reload may change. */
export type ReloadParts = FleetParts & Pick<WatchdogParts, 'guards'>;

/** What became of a restart that somebody asked for. */
export interface RequestedRestart {
  /** What held it; empty when nothing did. */
  readonly held: readonly { readonly hold: Hold; readonly until: EpochMs | null }[];
  /** Why it will not happen at all; null: no reason against it. */
  readonly skipped: SkipReason | null;
  /** Why it was given up although nothing held it; null: it was not. */
  readonly failed: string | null;
  /** Settles with the record of the call; null when there was no call. */
  readonly ended: Promise<RestartRecord> | null;
}

/** The watch over a fleet: brings back what was known, then probes and heals until it is stopped. */
export class Watchdog {
  /** Another object after each reload. */
  fleet: Fleet;
  readonly guards: Guards;
  private readonly roster: FleetRegistry;
  private readonly parts: WatchdogParts;
  private readonly scheduler: Scheduler;
  private readonly planned: PlannedRestarts;
  private readonly stalls: StallDetector;
  private readonly wall: WallClock;
  private readonly tick: Reconciler;
  private readonly inUse = new GatewayDrain();
  private readonly probes = new AbortController();
  private readonly restarts = new AbortController();
  private readonly asked: ProbeWaiters;
  private firstRoundOut = false;

  /**
   * Loads the stored states and takes stock of what happened while nobody watched. Nothing is probed yet.
   *
   * @throws StoreError when the states cannot be loaded
   */
  static async load(parts: WatchdogParts): Promise<Watchdog> {
    const roster = new FleetRegistry(parts.clock, await parts.store.load());
    const { fleet } = roster.apply(parts);
    const watch = new Watchdog(parts, roster, fleet);
    const known = [...fleet.instances.values()].filter(({ state }) => state.revision > 0);
    await resume(known, watch.tick, parts.clock);
    watch.guards.watch(fleet);
    return watch;
  }

  private constructor(parts: WatchdogParts, roster: FleetRegistry, fleet: Fleet) {
    const { clock, wall, store, publish } = parts;
    const calendar = new Calendar();
    // Whoever waits listens: one for each account that is asked, and for each restart. Node.js calls more than ten a leak.
    setMaxListeners(0, this.probes.signal, this.restarts.signal);
    this.parts = parts;
    this.roster = roster;
    this.fleet = fleet;
    this.wall = wall;
    this.stalls = new StallDetector(clock, (late) => {
      parts.onBeat?.(late);
      this.followClock();
    });
    this.guards = new Guards({
      clock,
      wall,
      calendar,
      publish,
      settings: parts.guards,
      reach: parts.reach,
      probeNow: (instance) => {
        this.scheduler.pullForward(instance, clock.now());
      },
      judgeAfresh: (instances) => {
        // Each when it is its turn: a hundred thousand at once, each with its save, would be a long standstill.
        for (const instance of instances) instance.toJudgeAfresh = true;
      },
      askAgain: (instances) => {
        void this.scheduler.hasten(instances);
      },
    });
    this.scheduler = new Scheduler({
      clock,
      wall,
      calendar,
      probe: (instance) => this.tick.probe(instance),
      probed: (instance) => {
        this.asked.answer(instance);
      },
    });
    this.asked = new ProbeWaiters(clock);
    this.tick = new Reconciler({
      clock,
      wall,
      store,
      publish,
      stalls: this.stalls,
      inUse: this.inUse,
      guards: this.guards,
      plan: (instance) => {
        this.scheduler.plan(instance);
      },
      probes: this.probes.signal,
      restarts: this.restarts.signal,
    });
    this.planned = new PlannedRestarts({
      clock,
      wall,
      calendar,
      plan: (instance, firing, wait) => {
        void this.planRestart(instance, firing, wait);
      },
    });
  }

  /** Begins to probe, and to restart what needs it. */
  start(): void {
    const instances = [...this.fleet.instances.values()];
    this.stalls.start();
    this.guards.start();
    this.scheduler.start(instances);
    this.planned.start(instances);
  }

  /**
   * Goes on with another fleet, whole and at once. An instance that is the same by account and phoneNumberId keeps its
   * state and its place in the queue; one that is gone is let go, and its state stays stored, because it may come back.
   * Accounts that did not change are to be handed in as the objects they are.
   *
   * @throws Error when an instance names an account that is not there; then nothing has changed
   */
  reload(parts: ReloadParts): Reloaded {
    return this.follow(this.roster.apply(parts), parts.guards);
  }

  /**
   * The same for a large fleet: compares with pauses, in which probing goes on, and answers with what then swaps at
   * once, in a time that depends on how much has changed.
   *
   * @throws Error when an instance names an account that is not there; then nothing has changed
   */
  async prepareReload(parts: ReloadParts): Promise<() => Reloaded> {
    const preparation = this.roster.prepare(parts);
    for (;;) {
      const { done, value } = preparation.next();
      if (done === true) return () => this.follow(this.roster.commit(value), parts.guards);
      await sleep(this.parts.clock, 0, this.probes.signal);
    }
  }

  private follow(change: FleetChange, settings: GuardSettings): Reloaded {
    this.fleet = change.fleet;
    this.guards.change(settings);
    const { scheduler, planned, tick, inUse, guards } = this;
    return applyReload(change, { scheduler, planned, tick, inUse, guards });
  }

  /**
   * Takes up stored states after all, in a watch that began without them.
   *
   * @returns how many instances they were of
   */
  async restoreState(stored: ReadonlyMap<string, InstanceState>): Promise<number> {
    const known = [...this.roster.restoreState(stored)];
    await restoreStates(known, this.tick, this.parts.clock);
    return known.length;
  }

  /** Restarts an instance because somebody asked for it, unless something holds it; `force` overrides holds. */
  async requestRestart(
    instance: Instance,
    request: Pick<RestartRequested, 'trigger' | 'requestedBy' | 'force'>,
  ): Promise<RequestedRestart> {
    const { actions, saved } = await this.tick.observe(instance, () => {
      return { type: 'restart_requested', ...request, holds: this.guards.holdsOn(instance, true) };
    });
    const events = actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
    const held = events.flatMap((event) => (event.type === 'restart_held' ? [event] : []));
    const skipped = events.find((event) => event.type === 'restart_skipped')?.why ?? null;
    const called = actions.some((action) => action.type === 'restart');
    if (!called || !saved) {
      const failed = called ? 'the intent could not be saved, so the call was not made' : null;
      return { held, skipped, failed, ended: null };
    }
    return { held, skipped, failed: null, ended: this.tick.settled(instance).then(() => lastRestart(instance)) };
  }

  /**
   * Probes an instance now because somebody wants to know. Answers with that probe; null when none could be made within
   * a minute beyond its deadline, or none may be: the instance is disabled, or a restart call is in flight.
   */
  async probeNow(instance: Instance): Promise<LastProbe | null> {
    if (!instance.definition.enabled || instance.removed || instance.state.phase === 'restarting') return null;
    const answer = this.asked.wait(instance, instance.policy.probe.timeout + MINUTE, this.probes.signal);
    this.scheduler.ask(instance, this.parts.clock.now());
    return await answer;
  }

  /**
   * Something outside says that an instance may have changed, so it is probed as soon as its last probe is a moment
   * old: however many such hints come, they cause no more than one probe every HINT_GAP.
   *
   * @returns when it will be
   */
  hint(instance: Instance): EpochMs {
    const last = instance.probingSince ?? instance.lastProbe?.at ?? Number.NEGATIVE_INFINITY;
    const at = Math.max(this.parts.clock.now(), last + HINT_GAP);
    this.scheduler.ask(instance, at);
    return at;
  }

  /** Holds automatic restarts of an instance; it is probed on. Resolves when that is written down, or cannot be. */
  async pause(instance: Instance, pause: { reason: string; by: string; until: EpochMs | null }): Promise<boolean> {
    return (await this.tick.observe(instance, { type: 'pause_requested', ...pause })).saved;
  }

  /** Lets automatic restarts go on, after a fresh look at the instance. */
  async unpause(instance: Instance, by: string): Promise<boolean> {
    const { saved } = await this.tick.observe(instance, { type: 'unpause_requested', by });
    this.scheduler.ask(instance, this.parts.clock.now());
    return saved;
  }

  /** Forgets attempts, budget and cooldown, and judges the instance afresh; not while a restart is to show its effect. */
  async reset(instance: Instance, by: string): Promise<boolean> {
    const { saved } = await this.tick.observe(instance, { type: 'reset_requested', by });
    this.scheduler.ask(instance, this.parts.clock.now());
    return saved;
  }

  /** What is later than it may be, in words; empty while the loop makes progress. */
  late(): readonly string[] {
    const now = this.parts.clock.now();
    const late: string[] = [];
    const overdue = this.scheduler.overdue();
    if (overdue > LOOP_IS_LATE) late.push(`the scheduler is ${Math.round(overdue / SECOND)} s behind`);
    for (const { name, probingSince, policy } of this.tick.underWay) {
      if (probingSince === null || now - probingSince <= policy.probe.timeout + LOOP_IS_LATE) continue;
      late.push(`the probe of ${name} has been under way for ${Math.round((now - probingSince) / SECOND)} s`);
    }
    return late;
  }

  /** Whether every instance with a fixed interval has been asked once, or is being asked. */
  ready(): boolean {
    this.firstRoundOut ||= this.everyoneWasAsked();
    return this.firstRoundOut;
  }

  /** Ends probing at once, gives restart calls in flight their time, and leaves every state saved. */
  async stop(): Promise<void> {
    this.planned.stop();
    this.scheduler.stop();
    this.stalls.stop();
    this.guards.stop();
    this.probes.abort();
    const waited = new AbortController();
    const timeUp = sleep(this.parts.clock, LAST_CALLS, waited.signal);
    await Promise.race([this.tick.settled(), timeUp]);
    waited.abort();
    this.restarts.abort();
    await this.tick.settled();
    await this.inUse.retired();
    for (const { requests: lane } of this.roster.everyAccount) lane.close();
  }

  private everyoneWasAsked(): boolean {
    for (const { definition, policy, lastProbe, probing } of this.fleet.instances.values()) {
      const counts = definition.enabled && policy.probe.cadence.type === 'every';
      if (counts && lastProbe === null && !probing) return false;
    }
    return true;
  }

  /** Windows and ends of pauses are read off the wall clock when they matter; only what has a timer must hear of it. */
  private followClock(): void {
    if (!this.wall.wasSet()) return;
    this.planned.followClock();
    this.scheduler.followClock(this.fleet.instances.values());
  }

  private async planRestart(instance: Instance, firing: Firing, wait: DurationMs): Promise<void> {
    await this.tick.observe(instance, { type: 'restart_planned', ...firing });
    if (instance.state.planned === null) return;
    this.scheduler.pullForward(instance, this.parts.clock.now() + wait);
  }
}

function lastRestart({ name, state }: Instance): RestartRecord {
  const record = state.history.at(-1);
  if (record === undefined) throw new Error(`${name} was restarted, but its history is empty`);
  return record;
}
