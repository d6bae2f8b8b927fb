import { Coordinator, type ClusterHost, type States } from '../../src/cluster/coordinator.ts';
import { GatewayShares, neighbours } from '../../src/cluster/gateway-shares.ts';
import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { Watchdog } from '../../src/runtime/watchdog.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { SimulatedInstance } from '../../src/simulation/scenario-instance.ts';
import { WorldGateway } from '../../src/simulation/world-gateway.ts';
import type { ClusterView, ReplicaNews, SharedStore } from '../../src/store/ownership.ts';
import { accountInKey, stateKey, StoreError } from '../../src/store/store.ts';
import { WallClock } from '../../src/time/wall-clock.ts';
import { testAccount, testDefinition, testGuards } from '../fleet/fleet.ts';
import { testPolicy } from '../fleet/policy.ts';
import { SimulatedProcess, HOPS } from '../simulation/process.ts';
import { promisesSettled, SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { SharedDatabase } from './shared-database.ts';

const LEASE: DurationMs = 15 * SECOND;
const EVERY: DurationMs = MINUTE;
const COOLDOWN: DurationMs = 5 * MINUTE;
const ORIGIN = 'https://gateway';
/** Of all replicas together; the accounts have none of their own. */
const LIMITS = { concurrentRestarts: 2, restartsPerMinute: 4, requestsPerSecond: null, concurrency: null };
const ACCOUNTS = ['a', 'b', 'c', 'd', 'e', 'f'];
const EACH = 4;
/** From a lease that ended to the first probe of everything: the claim, the states, and a round of that account. */
const ROUND: DurationMs = EVERY + 10 * SECOND;

/** A rule of the product taken out. */
export interface Broken {
  /** Each replica has the limits of gateways for itself. */
  readonly sharesNoLimits?: boolean;
}

export interface DayResult {
  readonly restarts: number;
  readonly takeovers: number;
  /** The first breach of a rule; null: all held. */
  readonly breach: string | null;
}

/** Lives through hours with several real watchdogs over one database, which die, freeze, and are cut off. */
export async function replicasDay(seed: number, hours: number, broken: Broken = {}): Promise<DayResult> {
  return await new Day(seed, broken).run(hours * HOUR);
}

class Day {
  private readonly chance: Chance;
  private readonly clock: SimulatedClock;
  private readonly database: SharedDatabase;
  private readonly phones: readonly SimulatedInstance[];
  private readonly gateways: ReadonlyMap<string, WorldGateway>;
  private readonly broken: Broken;
  private readonly calls = new Map<SimulatedInstance, EpochMs[]>();
  private readonly seenAt = new Map<SimulatedInstance, EpochMs>();
  private readonly replicas = new Set<SimulatedReplica>();
  private inFlight = 0;
  private started = 0;
  private takeovers = 0;
  /** While the database is away, and until everybody has heard that it is back, nobody need be watched by an owner. */
  private excusedUntil: EpochMs = 0;
  private breach: string | null = null;

  constructor(seed: number, broken: Broken) {
    this.broken = broken;
    this.chance = new Chance(seed);
    this.clock = new SimulatedClock(undefined, this.chance.fork(), promisesSettled);
    this.database = new SharedDatabase(this.clock);
    this.phones = ACCOUNTS.flatMap((account, place) =>
      Array.from({ length: EACH }, (_, index) => {
        const id = String(1000 + place * EACH + index);
        const parts = { clock: this.clock, cure: { after: 5 * SECOND, chance: 0.7 }, changed: () => undefined };
        return new SimulatedInstance({ account, name: `n${id}`, id }, parts);
      }),
    );
    this.gateways = new Map(ACCOUNTS.map((account) => [account, this.gatewayOf(account)]));
  }

  async run(duration: DurationMs): Promise<DayResult> {
    const { clock, chance } = this;
    const end = clock.now() + duration;
    const size = chance.whole(1, 5);
    for (const phone of this.phones) this.seenAt.set(phone, clock.now() + ROUND);
    for (let index = 0; index < size; index += 1) void this.start();
    while (clock.now() < end && this.breach === null) {
      if (chance.happens(0.3)) this.disturb();
      for (const phone of this.phones) if (chance.happens(0.01)) phone.become('disconnected');
      await clock.run(chance.between(2, 20) * SECOND);
      this.look();
    }
    const restarts = [...this.calls.values()].reduce((sum, times) => sum + times.length, 0);
    for (const { process } of this.replicas) process.die();
    return { restarts, takeovers: this.takeovers, breach: this.breach };
  }

  private disturb(): void {
    const { chance, clock, database } = this;
    if (this.replicas.size === 0) return;
    const replica = chance.pick([...this.replicas]);
    const lasts = chance.between(1, 90) * SECOND;
    switch (chance.whole(0, 5)) {
      case 0:
        replica.process.die();
        return;
      case 1:
        replica.process.diesAt = chance.pick(HOPS);
        return;
      case 2:
        replica.process.freeze(lasts);
        return;
      case 3:
        replica.cut = true;
        clock.after(lasts, () => (replica.cut = false));
        return;
      case 4:
        replica.losesAnswers = true;
        clock.after(lasts / 4, () => (replica.losesAnswers = false));
        return;
      default:
        if (database.away) return;
        database.away = true;
        this.excusedUntil = Number.POSITIVE_INFINITY;
        clock.after(lasts, () => {
          database.away = false;
          this.excusedUntil = clock.now() + LEASE + ROUND;
        });
    }
  }

  private async start(): Promise<void> {
    this.started += 1;
    const replica: SimulatedReplica = new SimulatedReplica(`r${this.started}`, {
      ...{ clock: this.clock, chance: this.chance.fork(), database: this.database, broken: this.broken },
      gateways: this.gateways,
      phones: this.phones,
      onDeath: () => {
        this.takeovers += replica.takeovers;
        this.replicas.delete(replica);
        this.clock.after(this.chance.between(1, 60) * SECOND, () => void this.start());
      },
    });
    this.replicas.add(replica);
    await replica.start();
  }

  private look(): void {
    const now = this.clock.now();
    // Whoever is left has taken over by then, if anybody is.
    const isAnybody = [...this.replicas].some(({ process, cut }) => process.awake && !cut);
    if (!isAnybody || now < this.excusedUntil) {
      for (const phone of this.phones) this.seenAt.set(phone, Math.max(this.seenAt.get(phone) ?? 0, now));
      return;
    }
    for (const [phone, at] of this.seenAt) {
      if (now - at > EVERY + LEASE + ROUND)
        this.break(`watched again: ${phone.name} was not probed for ${now - at} ms`);
    }
  }

  private gatewayOf(account: string): WorldGateway {
    return new WorldGateway(
      this.phones.filter((phone) => phone.account === account),
      {
        clock: this.clock,
        chance: this.chance.fork(),
        witness: {
          probeAnswered: (phone) => void this.seenAt.set(phone, this.clock.now()),
          restartCalled: (phone) => this.restartCalled(phone),
          restartEnded: () => void (this.inFlight -= 1),
        },
      },
    );
  }

  private restartCalled(phone: SimulatedInstance): void {
    const now = this.clock.now();
    const calls = this.calls.get(phone) ?? [];
    if ((this.database.stored(stateKey(phone.account, phone.id))?.state.intent ?? null) === null)
      this.break(`no effect without its record: ${phone.name} was restarted, and no intent is stored`);
    const last = calls.at(-1);
    if (last !== undefined && now - last < COOLDOWN - SECOND)
      this.break(`cooldown: ${phone.name} was restarted again after ${now - last} ms`);
    this.calls.set(phone, [...calls, now]);
    this.inFlight += 1;
    const lately = [...this.calls.values()].flat().filter((at) => at > now - MINUTE + SECOND);
    if (lately.length > LIMITS.restartsPerMinute) this.break(`limits: ${lately.length} restarts within a minute`);
  }

  private break(words: string): void {
    this.breach ??= words;
  }
}

interface ReplicaParts {
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly database: SharedDatabase;
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  readonly phones: readonly SimulatedInstance[];
  readonly broken: Broken;
  readonly onDeath: () => void;
}

/** One real watchdog with its coordinator, in a process that can die, freeze and be cut off. */
class SimulatedReplica implements ClusterHost {
  readonly process: SimulatedProcess;
  cut = false;
  losesAnswers = false;
  readonly weights: ReadonlyMap<string, number> = new Map(ACCOUNTS.map((account) => [account, EACH]));
  private readonly name: string;
  private readonly parts: ReplicaParts;
  private readonly shares = new GatewayShares(LEASE);
  private coordinator: Coordinator | null = null;
  private watchdog: Watchdog | null = null;

  constructor(name: string, parts: ReplicaParts) {
    this.name = name;
    this.parts = parts;
    this.process = new SimulatedProcess({ clock: parts.clock, chance: parts.chance }, parts.onDeath);
  }

  get takeovers(): number {
    return this.coordinator?.shares.takeovers ?? 0;
  }

  async start(): Promise<void> {
    const { process } = this;
    const { clock } = process;
    const store = this.store();
    const coordinator = new Coordinator({
      ...{ clock, host: this },
      publish: () => undefined,
      onError: (error) => {
        throw error;
      },
    });
    this.coordinator = coordinator;
    const watchdog = await Watchdog.load({
      // Nothing is owned yet, so there is nothing to load.
      store: { ...store, load: () => Promise.resolve(new Map()) },
      ...{ clock, wall: new WallClock(clock), publish: () => undefined, accounts: [], instances: [] },
      guards: this.guards(),
      keepRemoved: HOUR,
      reach: () => Promise.resolve(true),
      mayRestart: coordinator.mayRestart,
    });
    this.watchdog = watchdog;
    await coordinator.join(store.ownership);
    if (!process.alive) return;
    watchdog.start();
    coordinator.start();
  }

  get news(): ReplicaNews {
    const gateways = this.watchdog?.news(this.coordinator?.loaded ?? new Set()) ?? {};
    return { replica: this.name, advertise: null, config: 'config', gateways };
  }

  isRestarting(account: string): boolean {
    return (this.watchdog?.fleet.accounts.get(account)?.group.restarts.inFlight ?? 0) > 0;
  }

  async watch(accounts: ReadonlySet<string>, states: States): Promise<void> {
    const { watchdog, parts, process } = this;
    if (watchdog === null) return;
    const before = watchdog.fleet.accounts;
    const taken = new Set([...accounts].filter((account) => !before.has(account)));
    const left = new Set([...before.keys()].filter((account) => !accounts.has(account)));
    const isTaken = (key: string): boolean => taken.has(accountInKey(key));
    const commit = await watchdog.prepareReload(
      {
        accounts: [...accounts].map((name) => before.get(name) ?? this.account(name, process)),
        instances: parts.phones.filter(({ account }) => accounts.has(account)).map(definitionOf),
        guards: this.guards(),
        keepRemoved: HOUR,
      },
      { taken, left, states: new Map([...states].filter(([key]) => isTaken(key))) },
    );
    await commit().saved;
    await watchdog.restoreState(new Map([...states].filter(([key]) => !isTaken(key))));
  }

  see(view: ClusterView, { gateways: published }: ReplicaNews): void {
    if (this.parts.broken.sharesNoLimits === true || this.coordinator === null) return;
    const { owner, owned } = this.coordinator;
    const gateways = neighbours({ owner, owned, published, view, originOf: () => ORIGIN });
    this.watchdog?.see(this.shares.look({ gateways, limits: LIMITS, at: view.at, now: this.process.clock.now() }));
  }

  private account(name: string, process: SimulatedProcess) {
    const gateway = this.parts.gateways.get(name);
    if (gateway === undefined) throw new Error(`no account ${name}`);
    return testAccount(process.clock, { name, origin: ORIGIN, gateway: process.reach(gateway) });
  }

  private guards() {
    return testGuards({ guard: { perGateway: LIMITS, maxUnhealthy: { type: 'percent', percent: 100 } } });
  }

  private get isAnswerLost(): boolean {
    return this.cut || this.losesAnswers;
  }

  private store(): SharedStore {
    const { process, parts } = this;
    const mounted = process.mount({
      open: (pass: (hop: 'before_save' | 'after_save', key: string) => Promise<void>) =>
        parts.database.open({
          ...{ owner: `${this.name} 1`, clock: process.clock, leaseFor: LEASE },
          hop: async (place) => {
            if (this.cut) throw new StoreError('unavailable', 'cut off');
            await pass(place === 'before' ? 'before_save' : 'after_save', '');
            if (place === 'after' && this.isAnswerLost) throw new StoreError('unavailable', 'answer lost');
          },
        }),
    } as never);
    return mounted as SharedStore;
  }
}

function definitionOf({ account, id }: SimulatedInstance) {
  const policy = testPolicy({
    every: EVERY / SECOND,
    threshold: 2,
    cooldown: COOLDOWN / SECOND,
    factor: 1,
    budget: 1000,
  });
  return testDefinition({ id, account, policy });
}
