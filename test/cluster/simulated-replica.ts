import type { ClusterHost, States } from '../../src/cluster/cluster-host.ts';
import type { Coordinator } from '../../src/cluster/coordinator.ts';
import type { GatewayShares } from '../../src/cluster/gateway-shares.ts';
import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Watchdog } from '../../src/runtime/watchdog.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import type { WorldGateway } from '../../src/simulation/world-gateway.ts';
import type { ClusterView, ReplicaNews, SharedStore } from '../../src/store/ownership.ts';
import { accountInKey } from '../../src/store/store.ts';
import { sleep, type Clock } from '../../src/time/clock.ts';
import type { SharedTime } from '../../src/time/shared-time.ts';
import { WallClock } from '../../src/time/wall-clock.ts';
import { testAccount, testDefinition, testGuards } from '../fleet/fleet.ts';
import { testPolicy } from '../fleet/policy.ts';
import { SimulatedProcess } from '../simulation/process.ts';
import type { Product } from './product.ts';
import type { SharedDatabase } from './shared-database.ts';
import type { World } from './worlds.ts';

export const LEASE: DurationMs = 15 * SECOND;
export const EVERY: DurationMs = MINUTE;
export const COOLDOWN: DurationMs = 5 * MINUTE;
/** Of all replicas together; the accounts have none of their own. */
export const LIMITS = { concurrentRestarts: 2, restartsPerMinute: 4, requestsPerSecond: null, concurrency: null };
const ORIGIN = 'https://gateway';
/** How far the clocks of two machines may be apart, at most twice this. */
const APART: DurationMs = 5 * MINUTE;

export interface ReplicaParts {
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly database: SharedDatabase;
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  readonly phones: readonly SimulatedInstance[];
  readonly product: Product;
  readonly world: World;
  readonly onDeath: () => void;
  /** Right before a restart call is sent. */
  readonly onCall: (owner: string, account: string) => void;
  /** An account was released for another replica. */
  readonly onGiven: (to: string) => void;
}

/** One real watchdog with its coordinator, in a process that can die, freeze and be cut off. */
export class SimulatedReplica implements ClusterHost {
  readonly process: SimulatedProcess;
  cut = false;
  losesAnswers = false;
  slow = false;
  /** Until then something keeps it from doing its work. */
  troubledUntil: EpochMs = 0;
  readonly owner: string;
  readonly config = 'config';
  readonly weights: ReadonlyMap<string, number>;
  private readonly name: string;
  private readonly parts: ReplicaParts;
  private readonly shares: GatewayShares;
  /** Its machine's, set to the time that all share. */
  private readonly clock: SharedTime;
  /** How far its machine's is ahead. */
  private ahead: DurationMs;
  private coordinator: Coordinator | null = null;
  private watchdog: Watchdog | null = null;

  constructor(name: string, parts: ReplicaParts) {
    this.name = name;
    this.parts = parts;
    this.owner = ownerOf(name);
    const { clock, chance, product, phones, gateways } = parts;
    this.process = new SimulatedProcess({ clock, chance }, parts.onDeath);
    this.weights = new Map(
      [...gateways.keys()].map((account) => [account, phones.filter((phone) => phone.account === account).length]),
    );
    this.shares = new product.GatewayShares(LEASE);
    this.ahead = chance.between(-APART, APART);
    this.clock = product.sharedTime(aheadBy(this.process.clock, () => this.ahead));
  }

  get takeovers(): number {
    return this.coordinator?.shares.takeovers ?? 0;
  }

  async start(): Promise<void> {
    const { process, clock, parts } = this;
    const { product } = parts;
    const store = this.store();
    await product.setSharedTime(clock, {
      time: () => store.ownership.time().catch((error: unknown) => this.guess(error)),
    });
    const coordinator = new product.Coordinator({
      ...{ clock, host: this },
      publish: (event) => {
        if (event.type === 'accounts_released' && event.to !== null) parts.onGiven(ownerOf(event.to));
      },
      onError: (error) => {
        throw error;
      },
    });
    this.coordinator = coordinator;
    const watchdog = await product.Watchdog.load({
      store,
      ...{ clock, wall: new WallClock(clock), publish: () => undefined, accounts: [], instances: [] },
      guards: this.guards(),
      keepRemoved: HOUR,
      reach: () => Promise.resolve(true),
      mayRestart: (account) => coordinator.mayRestart(account),
    });
    this.watchdog = watchdog;
    await coordinator.join(store.ownership);
    if (!process.alive) return;
    watchdog.start();
    coordinator.start();
  }

  /** Nobody can say how wrong its clock is, so it goes by that of its machine; of these days' machines, that is right. */
  private guess(error: unknown): never {
    this.ahead = 0;
    throw error;
  }

  get news(): ReplicaNews {
    const gateways = this.watchdog?.guards.news(this.coordinator?.loaded ?? new Set()) ?? {};
    return { replica: this.name, advertise: null, config: this.config, gateways };
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
    if (this.coordinator === null) return;
    const { owner, owned } = this.coordinator;
    const gateways = this.parts.product.neighbours({ owner, owned, published, view, originOf: () => ORIGIN });
    this.watchdog?.see(this.shares.look({ gateways, limits: LIMITS, at: view.at, now: this.clock.now() }));
  }

  private account(name: string, process: SimulatedProcess) {
    const gateway = this.parts.gateways.get(name);
    if (gateway === undefined) throw new Error(`no account ${name}`);
    const reached = process.reach(gateway);
    const restart: Gateway['restart'] = (target, options) => {
      this.parts.onCall(this.owner, name);
      return reached.restart(target, options);
    };
    return testAccount(this.clock, { name, origin: ORIGIN, gateway: { ...reached, restart } });
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
          ...{ owner: this.owner, clock: this.clock, leaseFor: LEASE, product: parts.product },
          hop: async (place) => {
            const longest = this.slow ? parts.world.slow : parts.world.usual;
            if (longest > 0) await sleep(process.clock, parts.chance.between(0, longest));
            if (this.cut) throw new parts.product.StoreError('unavailable', 'cut off');
            await pass(place === 'before' ? 'before_save' : 'after_save', '');
            if (place === 'after' && this.isAnswerLost)
              throw new parts.product.StoreError('unavailable', 'answer lost');
          },
        }),
    } as never);
    return mounted as SharedStore;
  }
}

function ownerOf(name: string): string {
  return `${name} 1`;
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

function aheadBy(clock: Clock, ahead: () => DurationMs): Clock {
  return { ...clock, now: () => clock.now() + ahead(), wall: () => clock.wall() + ahead() };
}
