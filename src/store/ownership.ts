import type { GatewayNews } from '../core/group/elsewhere.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Store, StoredState } from './store.ts';

/** What a replica publishes with each renewal: small, because every replica reads it every few seconds. */
export interface ReplicaNews {
  /** Names its machine or container to people. */
  readonly replica: string;
  /** Where the other replicas reach it; null: they do not. */
  readonly advertise: string | null;
  /** Fingerprint of its config. */
  readonly config: string;
  /** What it sees of each gateway, by origin. */
  readonly gateways: Readonly<Record<string, GatewayNews>>;
  /** How many instances it found last at the gateways of its accounts that are searched. */
  readonly found?: Readonly<Record<string, number>>;
}

/** What a replica is called, and the fingerprint of its config. */
export type OwnConfig = Pick<ReplicaNews, 'replica' | 'config'>;

/** Another replica as its last renewal shows it. */
export interface ReplicaView extends ReplicaNews {
  /** Names this process, and no other one. */
  readonly owner: string;
  /** It has missed a renewal: it may be suspended or cut off. */
  readonly isLate: boolean;
}

/** Who owns an account, of those that this replica does not own. */
export interface ForeignAccount {
  readonly account: string;
  /** Null: it was given back. */
  readonly owner: string | null;
  /** How long nobody else can claim it yet; 0: it is free. */
  readonly freeIn: DurationMs;
}

/** All replicas and accounts at one moment. */
export interface ClusterView {
  /** That moment, by the clock that all replicas share. */
  readonly at: EpochMs;
  /** The others that live. */
  readonly replicas: readonly ReplicaView[];
  readonly foreign: readonly ForeignAccount[];
  /** Accounts of this replica that another one has claimed since the last view. */
  readonly lost: readonly string[];
  /** Since when each config in use was seen first, by fingerprint: how long ago. */
  readonly configAges: ReadonlyMap<string, DurationMs>;
}

/** An account that was claimed. */
export interface ClaimedAccount {
  readonly account: string;
  /** Who owned it and was no longer heard of; null: it was new, or given back. */
  readonly takenFrom: string | null;
}

/**
 * Which accounts this process may save states of. Ownership ends by itself when it is not renewed, by the clock of the place
 * that keeps it; what is said here of its end is never later than that. What returns a promise throws a StoreError when the
 * place where the state is cannot be reached; then it is not known whether it took effect.
 */
export interface Ownership {
  readonly owner: string;
  readonly leaseFor: DurationMs;
  readonly accounts: readonly string[];
  owns(account: string): boolean;
  /** Until when nobody else can own the account, at least, by this process's monotonic clock; 0: somebody may already. */
  heldUntil(account: string): EpochMs;
  /** What the clock that all replicas share shows, in milliseconds since 1970. */
  time(): Promise<EpochMs>;
  /** Publishes the config of this replica. `isNew`: it took the place of another one while the process ran. */
  announce(own: OwnConfig, isNew: boolean): Promise<void>;
  /** Renews all that is owned in one statement, publishes the news, and reads those of the others. */
  renew(news: ReplicaNews): Promise<ClusterView>;
  /** Claims those of these accounts that nobody owns. */
  claim(accounts: readonly string[]): Promise<readonly ClaimedAccount[]>;
  /** The stored states of owned accounts, by key. Saves go on from these. */
  states(accounts: readonly string[]): Promise<ReadonlyMap<string, StoredState>>;
  /** Gives accounts back, so that others can claim them at once. */
  release(accounts: readonly string[]): Promise<void>;
}

/** A store whose accounts several processes share; it loads and saves the states of owned ones. */
export interface SharedStore extends Store {
  readonly ownership: Ownership;
}
