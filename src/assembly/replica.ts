import { hostname } from 'node:os';
import { AccountWeights } from '../cluster/account-weights.ts';
import type { ClusterHost, States } from '../cluster/cluster-host.ts';
import { Coordinator } from '../cluster/coordinator.ts';
import type { Config } from '../config/config.ts';
import { originOf } from '../core/origin.ts';
import type { Publish } from '../core/event.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import type { Watchdog } from '../runtime/watchdog.ts';
import { GatewayShares, neighbours } from '../cluster/gateway-shares.ts';
import type { ClusterView, Ownership, ReplicaNews, SharedStore } from '../store/ownership.ts';
import { accountInKey, type StateStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { configDigest, weightsOf } from './config-digest.ts';
import { ReplicaPeers } from './peers.ts';
import type { LiveConfig, Shared } from './live-config.ts';

export interface ReplicaParts {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly live: LiveConfig;
  /** Not before anything is watched. */
  readonly watchdog: () => Watchdog;
  /** The fleet has changed, because accounts came or left. */
  readonly onShared: (reloaded: Reloaded) => void;
  /** Receives errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

/** This process as one of several that share the accounts of a config. */
export class Replica implements ClusterHost {
  readonly coordinator: Coordinator;
  readonly peers: ReplicaPeers;
  config: string;
  readonly #parts: ReplicaParts;
  readonly #weights: AccountWeights;
  #shares: GatewayShares | null = null;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    const { clock, publish, onError } = parts;
    this.coordinator = new Coordinator({ clock, publish, onError, host: this });
    this.#weights = new AccountWeights(weightsOf(parts.live.current));
    this.config = configDigest(parts.live.current);
    this.peers = new ReplicaPeers({
      clock,
      coordinator: this.coordinator,
      replica: this.#name,
      config: () => parts.live.current,
      fingerprint: () => this.config,
    });
  }

  /** The accounts of the config in use, each with the number of its instances, found ones included. */
  get weights(): ReadonlyMap<string, number> {
    return this.#weights.all;
  }

  get news(): ReplicaNews {
    const { advertise } = this.#parts.live.current.cluster;
    const gateways = this.#parts.watchdog().guards.news(this.coordinator.loaded);
    this.#countFound();
    const found = this.#weights.foundIn(this.coordinator.owned);
    return { replica: this.#name, advertise, config: this.config, gateways, found };
  }

  get #name(): string {
    return this.#parts.live.current.cluster.replica ?? hostname();
  }

  /** Joins the others, before anything is watched: resolves when the watchdog has its first accounts. */
  async join(store: StateStore | SharedStore): Promise<void> {
    await this.coordinator.join(ownershipOf(store));
  }

  /**
   * The store was found at last.
   *
   * @returns of how many instances the states are known now
   */
  async found(store: StateStore): Promise<number> {
    await this.coordinator.found(ownershipOf(store));
    return [...this.#parts.watchdog().fleet.instances.values()].filter(({ revision }) => revision > 0).length;
  }

  /** Another config takes the place of the one in use. */
  async reload(next: Config, force: boolean): Promise<Reloaded> {
    const configured = weightsOf(next);
    return await this.coordinator.reconfigure(this.#weights.under(configured), async (accounts, states) => {
      const { live, watchdog } = this.#parts;
      const reloaded = await live.swap(next, watchdog(), force, this.#shared(accounts, states));
      this.#weights.configure(configured);
      this.config = configDigest(next);
      return reloaded;
    });
  }

  isRestarting(account: string): boolean {
    return (this.#parts.watchdog().fleet.accounts.get(account)?.group.restarts.inFlight ?? 0) > 0;
  }

  async watch(accounts: ReadonlySet<string>, states: States): Promise<void> {
    const { live, watchdog, onShared } = this.#parts;
    const before = new Set(watchdog().fleet.accounts.keys());
    if (accounts.size !== before.size || [...accounts].some((account) => !before.has(account))) {
      const reloaded = await live.share(watchdog(), this.#shared(accounts, states));
      onShared(reloaded);
      await reloaded.saved;
    }
    // Watched already, without their states.
    const late = [...states].filter(([key]) => before.has(accountInKey(key)));
    await watchdog().restoreState(new Map(late));
  }

  see(view: ClusterView, { gateways: published }: ReplicaNews): void {
    this.#weights.see(view);
    const { live, clock, watchdog } = this.#parts;
    const { accounts, guard } = live.current;
    const gatewayOf = (account: string): string | null => {
      const url = accounts.get(account)?.baseUrl;
      return url === undefined ? null : originOf(url);
    };
    const { owner, owned } = this.coordinator;
    const gateways = neighbours({ owner, owned, published, view, originOf: gatewayOf });
    this.#shares ??= new GatewayShares(live.current.cluster.leaseFor);
    watchdog().see(this.#shares.look({ gateways, limits: guard.perGateway, at: view.at, now: clock.now() }));
  }

  /** Counts what was found in the accounts of this replica, as far as their gateways have been searched. */
  #countFound(): void {
    const found = new Map<string, number>();
    const { accounts } = this.#parts.watchdog().fleet;
    for (const account of this.coordinator.owned) {
      const discovery = accounts.get(account)?.discovery ?? null;
      if (discovery !== null && discovery.listedAt !== null) found.set(account, discovery.found);
    }
    this.#weights.count(found);
  }

  #shared(accounts: ReadonlySet<string>, states: States): Shared {
    const { accounts: before } = this.#parts.watchdog().fleet;
    const taken = new Set([...accounts].filter((account) => !before.has(account)));
    const left = new Set([...before.keys()].filter((account) => !accounts.has(account) && this.weights.has(account)));
    const ofTaken = [...states].filter(([key]) => !before.has(accountInKey(key)));
    return { accounts, handover: { taken, left, states: new Map(ofTaken) } };
  }
}

/** Null: the accounts have no owners, or nobody can say now whose they are. */
export function ownershipOf(store: StateStore | SharedStore): Ownership | null {
  return 'ownership' in store ? store.ownership : null;
}
