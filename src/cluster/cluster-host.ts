import type { Publish } from '../core/event.ts';
import type { ClusterView, ReplicaNews } from '../store/ownership.ts';
import type { StoredState } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';

export type States = ReadonlyMap<string, StoredState>;

/** What the coordinator needs of the watchdog of its process. */
export interface ClusterHost {
  /** The accounts of the config in use, each with the number of its instances. */
  readonly weights: ReadonlyMap<string, number>;
  /** The fingerprint of the config in use. */
  readonly config: string;
  /** What this replica publishes. */
  readonly news: ReplicaNews;
  /** Whether a restart of the account is under way. */
  isRestarting(account: string): boolean;
  /**
   * Watches exactly these accounts from now on. Resolves when all is saved of those that it no longer watches.
   *
   * @param states of accounts that are owned from now on
   */
  watch(accounts: ReadonlySet<string>, states: States): Promise<void>;
  /**
   * What is known of the others now.
   *
   * @param news what this replica published right before
   */
  see(view: ClusterView, news: ReplicaNews): void;
}

/** What every part of the sharing of accounts needs. */
export interface ClusterParts {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly host: ClusterHost;
}
