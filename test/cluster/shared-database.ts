import type { DurationMs, EpochMs } from '../../src/core/time.ts';
import type { ClusterView, Ownership, ReplicaNews, SharedStore } from '../../src/store/ownership.ts';
import { accountInKey, StoreError, type StoredState } from '../../src/store/store.ts';
import type { Clock } from '../../src/time/clock.ts';

interface Lease {
  readonly owner: string | null;
  readonly token: number;
  readonly until: EpochMs;
}

/** Where a statement of a process can be late, fail, or lose its answer: before and after it took effect. */
export type StatementHop = (place: 'before' | 'after', statement: 'save' | 'look') => Promise<void>;

export interface ProcessOptions {
  readonly owner: string;
  /** Of the process, which may differ from that of the database. */
  readonly clock: Clock;
  readonly leaseFor: DurationMs;
  readonly hop?: StatementHop;
}

/** What several processes share: states under leases, in one place and one order, by one clock. */
export class SharedDatabase {
  readonly records = new Map<string, string>();
  readonly leases = new Map<string, Lease>();
  /** Saves that did not follow on the stored revision, though their account was owned: each is a bug. */
  readonly conflicts: string[] = [];
  away = false;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly replicas = new Map<string, { readonly until: EpochMs; readonly news: ReplicaNews }>();
  private readonly configs = new Map<string, EpochMs>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
  }

  /** The store as one process sees it. */
  open(options: ProcessOptions): SharedStore {
    return new ProcessView(this, options).store;
  }

  get now(): EpochMs {
    return this.clock.now();
  }

  stored(key: string): StoredState | null {
    const text = this.records.get(key);
    return text === undefined ? null : (JSON.parse(text) as StoredState);
  }

  announce(fingerprint: string, isNew: boolean): void {
    const isUsed = [...this.replicas.values()].some(
      ({ until, news }) => until > this.now && news.config === fingerprint,
    );
    if (!this.configs.has(fingerprint) || (isNew && !isUsed)) this.configs.set(fingerprint, this.now);
  }

  publish(owner: string, until: EpochMs, news: ReplicaNews): void {
    this.replicas.set(owner, { until, news });
  }

  leave(owner: string): void {
    this.replicas.delete(owner);
  }

  view(owner: string, owned: ReadonlySet<string>): Omit<ClusterView, 'lost'> {
    const alive = [...this.replicas].filter(([other, { until }]) => other !== owner && until > this.now);
    const foreign = [...this.leases].filter(([account]) => !owned.has(account));
    return {
      at: this.now,
      replicas: alive.map(([other, { news }]) => ({ ...news, owner: other })),
      foreign: foreign.map(([account, lease]) => ({
        account,
        owner: lease.owner === owner ? null : lease.owner,
        freeIn: lease.owner === owner ? 0 : Math.max(0, lease.until - this.now),
      })),
      configAges: new Map([...this.configs].map(([fingerprint, since]) => [fingerprint, this.now - since])),
    };
  }
}

/** One process's side of the database: what it knows of its leases, and its revisions. */
class ProcessView {
  readonly store: SharedStore;
  private readonly tokens = new Map<string, number>();
  private readonly ends = new Map<string, EpochMs>();
  private readonly database: SharedDatabase;
  private readonly options: ProcessOptions;
  /** Saves of this process whose answer was lost, by key: what may be stored. */
  private readonly doubtful = new Map<string, number>();

  constructor(database: SharedDatabase, options: ProcessOptions) {
    this.database = database;
    this.options = options;
    this.store = {
      durable: true,
      history: { read: (keys) => Promise.resolve(keys.map(() => null)), write: () => Promise.resolve() },
      ownership: this.ownership(),
      load: () => this.statesOf([...this.tokens.keys()]),
      save: async (key, state, follows) => {
        try {
          return await this.statement('save', () => this.save(key, JSON.stringify(state), follows));
        } catch (error) {
          if (error instanceof StoreError && error.kind === 'unavailable') this.doubtful.set(key, follows + 1);
          throw error;
        }
      },
      remove: (key) => this.statement('save', () => void database.records.delete(key)),
      close: async () => {
        await this.release([...this.tokens.keys()]).catch(() => undefined);
        database.leave(options.owner);
      },
    };
  }

  private ownership(): Ownership {
    const { database, options } = this;
    const { owner, leaseFor } = options;
    const accounts = (): readonly string[] => [...this.tokens.keys()];
    return {
      owner,
      leaseFor,
      get accounts() {
        return accounts();
      },
      heldUntil: (account) => this.ends.get(account) ?? 0,
      time: () => this.statement('look', () => database.now),
      announce: (fingerprint, isNew) => this.statement('look', () => database.announce(fingerprint, isNew)),
      renew: (news) => this.renew(news),
      claim: async (wanted) => {
        const sentAt = options.clock.now();
        const claimed = await this.statement('look', () => this.claim(wanted));
        for (const { account, token } of claimed) {
          this.tokens.set(account, token);
          this.ends.set(account, sentAt + leaseFor);
        }
        return claimed;
      },
      states: (wanted) => this.statesOf(wanted),
      release: (given) => this.release(given),
    };
  }

  private async statement<T>(kind: 'save' | 'look', effect: () => T): Promise<T> {
    const { hop = () => Promise.resolve() } = this.options;
    await hop('before', kind);
    if (this.database.away) throw new StoreError('unavailable', 'the database is away');
    const result = effect();
    await hop('after', kind);
    return result;
  }

  private async renew(news: ReplicaNews): Promise<ClusterView> {
    const { database, options } = this;
    const { owner, clock, leaseFor } = options;
    const before = new Map(this.tokens);
    const sentAt = clock.now();
    const { renewed, view } = await this.statement('look', () => {
      const until = database.now + leaseFor;
      const own = [...before].filter(([account, token]) => {
        const lease = database.leases.get(account);
        return lease?.owner === owner && lease.token === token;
      });
      for (const [account, token] of own) database.leases.set(account, { owner, token, until });
      database.publish(owner, until, news);
      return { renewed: new Set(own.map(([account]) => account)), view: database.view(owner, new Set(before.keys())) };
    });
    const lost = [...before.keys()].filter((account) => this.tokens.has(account) && !renewed.has(account));
    for (const account of renewed) if (this.tokens.has(account)) this.ends.set(account, sentAt + leaseFor);
    for (const account of lost) this.forget(account);
    return { ...view, lost };
  }

  private claim(wanted: readonly string[]) {
    const { database, options } = this;
    return wanted.flatMap((account) => {
      const lease = database.leases.get(account);
      const isFree = lease === undefined || lease.owner === options.owner || lease.until < database.now;
      if (this.tokens.has(account) || !isFree) return [];
      const token = (lease?.token ?? 0) + 1;
      database.leases.set(account, { owner: options.owner, token, until: database.now + options.leaseFor });
      const former = lease?.owner ?? null;
      return [{ account, token, takenFrom: former === options.owner ? null : former }];
    });
  }

  private async release(accounts: readonly string[]): Promise<void> {
    for (const account of accounts) this.forget(account);
    await this.statement('look', () => {
      for (const account of accounts) {
        const lease = this.database.leases.get(account);
        if (lease?.owner === this.options.owner) this.database.leases.set(account, { ...lease, owner: null, until: 0 });
      }
    });
  }

  private async statesOf(accounts: readonly string[]): Promise<ReadonlyMap<string, StoredState>> {
    return await this.statement('look', () => {
      const keys = [...this.database.records.keys()].filter((key) => accounts.includes(accountInKey(key)));
      return new Map(keys.map((key) => [key, this.database.stored(key) as StoredState]));
    });
  }

  private save(key: string, state: string, follows: number): number {
    const { database, options } = this;
    const account = accountInKey(key);
    const lease = database.leases.get(account);
    const owns =
      lease?.owner === options.owner && lease.token === this.tokens.get(account) && lease.until > database.now;
    if (!owns) throw new StoreError('not_owner', `another process owns ${account}`);
    const revision = database.stored(key)?.revision ?? 0;
    if (follows !== revision && this.doubtful.get(key) !== revision) {
      database.conflicts.push(`${key}: it follows ${follows}, but ${revision} is stored`);
      throw new StoreError('conflict', `${key}: it follows ${follows}, but ${revision} is stored`);
    }
    this.doubtful.delete(key);
    database.records.set(key, `{"revision":${follows + 1},"state":${state}}`);
    return follows + 1;
  }

  private forget(account: string): void {
    this.tokens.delete(account);
    this.ends.delete(account);
  }
}
