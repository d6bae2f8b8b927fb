import type { Publish, SkipReason } from '../core/event.ts';
import { newInstance, stableHash, type Hold, type RestartRecord } from '../core/instance.ts';
import type { Observation } from '../core/observation.ts';
import { SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import { stateKey, type StateStore } from '../store/store.ts';
import { Calendar } from './calendar.ts';
import { sleep, type Clock } from './clock.ts';
import { Watched, type Account, type Fleet, type InstanceDefinition } from './fleet.ts';
import { PlannedRestarts } from './planned-restarts.ts';
import { Scheduler } from './scheduler.ts';
import { StallDetector } from './stall-detector.ts';
import { Tick } from './tick.ts';

type RestartRequested = Extract<Observation, { type: 'restart_requested' }>;

/** Restart calls in flight get this long to end when the watch stops. */
const LAST_CALLS: DurationMs = 10 * SECOND;
/** The queue's head or a probe this much later than it may be means that the loop has stopped. */
const LOOP_IS_LATE: DurationMs = 10 * SECOND;

export interface WatchParts {
  readonly clock: Clock;
  readonly store: StateStore;
  readonly publish: Publish;
  readonly accounts: readonly Account[];
  readonly instances: readonly { readonly account: string; readonly definition: InstanceDefinition }[];
  /** Decide and report, call nothing. */
  readonly dryRun: boolean;
}

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
export class Watch {
  readonly fleet: Fleet;
  private readonly parts: WatchParts;
  private readonly scheduler: Scheduler;
  private readonly planned: PlannedRestarts;
  private readonly stalls: StallDetector;
  private readonly tick: Tick;
  private readonly probes = new AbortController();
  private readonly restarts = new AbortController();
  private firstRoundOut = false;

  /**
   * Loads the stored states and takes stock of what happened while nobody watched. Nothing is probed yet.
   *
   * @throws StoreError when the states cannot be loaded
   */
  static async load(parts: WatchParts): Promise<Watch> {
    const fleet = await loadFleet(parts);
    const watch = new Watch(parts, fleet);
    for (const watched of fleet.instances.values()) {
      if (watched.state.revision > 0) await watch.tick.observe(watched, { type: 'resumed' });
    }
    return watch;
  }

  private constructor(parts: WatchParts, fleet: Fleet) {
    const { clock, store, publish } = parts;
    const calendar = new Calendar();
    this.parts = parts;
    this.fleet = fleet;
    this.stalls = new StallDetector(clock);
    this.scheduler = new Scheduler({ clock, calendar, probe: (watched) => this.tick.probe(watched) });
    this.tick = new Tick({
      clock,
      store,
      publish,
      stalls: this.stalls,
      holdsOn: (watched) => this.holdsOn(watched),
      plan: (watched) => {
        this.scheduler.plan(watched);
      },
      probes: this.probes.signal,
      restarts: this.restarts.signal,
    });
    this.planned = new PlannedRestarts({
      clock,
      calendar,
      plan: (watched, expiresAt, wait) => {
        void this.planRestart(watched, expiresAt, wait);
      },
    });
  }

  /** Begins to probe, and to restart what needs it. */
  start(): void {
    const instances = [...this.fleet.instances.values()];
    this.stalls.start();
    this.scheduler.start(instances);
    this.planned.start(instances);
  }

  /** Restarts an instance because somebody asked for it, unless something holds it; `force` overrides holds. */
  async requestRestart(
    watched: Watched,
    request: Pick<RestartRequested, 'trigger' | 'requestedBy' | 'force'>,
  ): Promise<RequestedRestart> {
    const holds = this.holdsOn(watched);
    const { actions, saved } = await this.tick.observe(watched, { type: 'restart_requested', ...request, holds });
    const events = actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
    const held = events.flatMap((event) => (event.type === 'restart_held' ? [event] : []));
    const skipped = events.find((event) => event.type === 'restart_skipped')?.why ?? null;
    const called = actions.some((action) => action.type === 'restart');
    if (!called || !saved) {
      const failed = called ? 'the intent could not be saved, so the call was not made' : null;
      return { held, skipped, failed, ended: null };
    }
    return { held, skipped, failed: null, ended: this.tick.settled(watched).then(() => lastRestart(watched)) };
  }

  /** What is later than it may be, in words; empty while the loop makes progress. */
  late(): readonly string[] {
    const now = this.parts.clock.now();
    const late: string[] = [];
    const overdue = this.scheduler.overdue();
    if (overdue > LOOP_IS_LATE) late.push(`the scheduler is ${Math.round(overdue / SECOND)} s behind`);
    for (const { name, probingSince, policy } of this.fleet.instances.values()) {
      if (probingSince === null || now - probingSince <= policy.probe.timeout + LOOP_IS_LATE) continue;
      late.push(`the probe of ${name} has been under way for ${Math.round((now - probingSince) / SECOND)} s`);
    }
    return late;
  }

  /** Whether every instance with a fixed interval has been asked once, or is being asked. */
  ready(): boolean {
    this.firstRoundOut ||= [...this.fleet.instances.values()].every(
      ({ definition, policy, lastProbe, probing }) =>
        !definition.enabled || policy.probe.cadence.type === 'cron' || lastProbe !== null || probing,
    );
    return this.firstRoundOut;
  }

  /** Ends probing at once, gives restart calls in flight their time, and leaves every state saved. */
  async stop(): Promise<void> {
    this.planned.stop();
    this.scheduler.stop();
    this.stalls.stop();
    this.probes.abort();
    const waited = new AbortController();
    const timeUp = sleep(this.parts.clock, LAST_CALLS, waited.signal);
    await Promise.race([this.tick.settled(), timeUp]);
    waited.abort();
    this.restarts.abort();
    await this.tick.settled();
    for (const { lane } of this.fleet.accounts.values()) lane.close();
  }

  private holdsOn(watched: Watched): readonly Hold[] {
    const holds: Hold[] = [];
    if (watched.account.restarts.full) holds.push('concurrency');
    if (this.parts.dryRun) holds.push('dry_run');
    return holds;
  }

  private async planRestart(watched: Watched, expiresAt: EpochMs, wait: DurationMs): Promise<void> {
    await this.tick.observe(watched, { type: 'restart_planned', expiresAt });
    this.scheduler.pullForward(watched, this.parts.clock.now() + wait);
  }
}

function lastRestart({ name, state }: Watched): RestartRecord {
  const record = state.history.at(-1);
  if (record === undefined) throw new Error(`${name} was restarted, but its history is empty`);
  return record;
}

async function loadFleet({ clock, store, accounts, instances }: WatchParts): Promise<Fleet> {
  const stored = await store.load();
  const accountsByName = new Map(accounts.map((account) => [account.name, account]));
  const fleet = new Map<string, Watched>();
  for (const { account: accountName, definition } of instances) {
    const account = accountsByName.get(accountName);
    if (account === undefined) throw new Error(`instance ${definition.name}: no account ${accountName}`);
    const key = stateKey(accountName, definition.phoneNumberId);
    const state = stored.get(key) ?? newInstance(stableHash(key), clock.now());
    fleet.set(definition.name, new Watched(definition, account, key, state));
  }
  return { accounts: accountsByName, instances: fleet };
}
