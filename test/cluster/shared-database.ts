import type { Connection } from '../../src/store/postgres/connection.ts';
import { ANNOUNCE, CLAIM, LEAVE, RELEASE, RENEW, TIME } from '../../src/store/postgres/lease-statements.ts';
import { Leases } from '../../src/store/postgres/leases.ts';
import { PostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { READ, SAVE } from '../../src/store/postgres/state-rows.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { decode, encodeFor } from '../../src/store/record.ts';
import type { ReplicaNews } from '../../src/store/ownership.ts';
import { StoreError, type StoredState } from '../../src/store/store.ts';
import type { Clock } from '../../src/time/clock.ts';

interface Lease {
  readonly owner: string | null;
  readonly token: number;
  readonly until: EpochMs;
}

interface StateRow {
  readonly account: string;
  readonly revision: number;
  readonly record: string;
  readonly writer: string;
  readonly attempt: number;
}

/** Where a statement of a process can be late, fail, or lose its answer: before and after it took effect. */
export type StatementHop = (place: 'before' | 'after', statement: 'save' | 'look') => Promise<void>;

/** The parts of the product that speak to the database. */
export interface StoreProduct {
  readonly PostgresStore: typeof PostgresStore;
  readonly Leases: typeof Leases;
  readonly StoreError: typeof StoreError;
}

export interface ProcessOptions {
  readonly owner: string;
  /** Of the process, which may differ from that of the database. */
  readonly clock: Clock;
  readonly leaseFor: DurationMs;
  readonly hop?: StatementHop;
  readonly product?: StoreProduct;
}

/** A condition that is missing in the statements. */
export type Slip = 'saves without a lease' | 'claims what is owned' | 'lets leases end by the clock of the replica';

/** How long a process waits for the answer to a statement. */
const DEADLINE = { saving: 10 * SECOND, leasing: 5 * SECOND } as const;

/**
 * What several processes share: does what the statements of the real store say, each as a whole, one after the other, by one
 * clock. What sends them is the real store.
 */
export class SharedDatabase {
  readonly rows = new Map<string, StateRow>();
  readonly leases = new Map<string, Lease>();
  /**
   * Saves that did not follow on what is stored, though their account was owned. One may have been under way since before it
   * was; a second one is a bug.
   */
  readonly conflicts: string[] = [];
  /** Accounts that were taken from a replica whose lease had not ended. */
  readonly taken: string[] = [];
  /** Accounts that were claimed after the lease of somebody had ended. */
  readonly takeovers: { readonly account: string; readonly from: string; readonly at: EpochMs }[] = [];
  /** Owners that have claimed something. */
  readonly claimants = new Set<string>();
  away = false;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly slips: ReadonlySet<Slip>;
  private readonly replicas = new Map<string, { readonly until: EpochMs; readonly news: ReplicaNews }>();
  private readonly configs = new Map<string, EpochMs>();
  /** Under which token each key was refused first. */
  private readonly refused = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>, slips: readonly Slip[] = []) {
    this.clock = clock;
    this.slips = new Set(slips);
  }

  /** The store as one process sees it. */
  open({
    owner,
    clock,
    leaseFor,
    hop,
    product = { PostgresStore, Leases, StoreError },
  }: ProcessOptions): PostgresStore {
    const connection = (kind: 'save' | 'look', deadline: DurationMs): Connection =>
      new SimulatedConnection({ database: this, clock, hop, kind, deadline, product }) as unknown as Connection;
    const leasing = connection('look', DEADLINE.leasing);
    const leases = new product.Leases({ connection: leasing, clock, owner, leaseFor });
    const saving = connection('save', DEADLINE.saving);
    return new product.PostgresStore({ clock, leases, leasing, saving, history: connection('look', DEADLINE.saving) });
  }

  put(key: string, stored: StoredState): void {
    const { revision } = stored;
    const account = accountIn(key);
    this.rows.set(key, { account, revision, record: encodeFor(key, stored), writer: 'somebody', attempt: 0 });
  }

  stored(key: string): StoredState | null {
    const row = this.rows.get(key);
    return row === undefined ? null : decode(row.record);
  }

  /** Who owns an account now; null: nobody. */
  ownerOf(account: string): string | null {
    const lease = this.leases.get(account);
    return lease === undefined || lease.until <= this.clock.now() ? null : lease.owner;
  }

  /** @param wall what the clock of the process shows */
  run(text: string, values: readonly unknown[], wall: EpochMs): readonly unknown[] {
    const now = this.slips.has('lets leases end by the clock of the replica') ? wall : this.clock.now();
    switch (text) {
      case CLAIM:
        return this.claim(values as [string[], string, number], now);
      case RENEW:
        return this.renew(values as RenewValues, now);
      case RELEASE:
        return this.release(values as [string, string[]]);
      case LEAVE:
        return this.leave(String(values[0]), now);
      case ANNOUNCE:
        return this.announce(values as [string, string, string, string], now);
      case TIME:
        return [{ ms: now }];
      case READ:
        return this.read(values as [string | null, string[]]);
      case SAVE:
        return this.save(values as SaveValues, now);
      default:
        // The history.
        return [];
    }
  }

  private claim([wanted, owner, leaseFor]: [string[], string, number], now: EpochMs): readonly unknown[] {
    return wanted.flatMap((account) => {
      const lease = this.leases.get(account);
      const isFree = lease === undefined || lease.owner === owner || lease.until < now;
      if (!isFree && !this.slips.has('claims what is owned')) return [];
      if (!isFree) this.taken.push(`${owner} took ${account}, which ${lease.owner ?? 'nobody'} owned`);
      const token = (lease?.token ?? 0) + 1;
      this.leases.set(account, { owner, token, until: now + leaseFor });
      this.claimants.add(owner);
      const former = lease?.owner === owner ? null : (lease?.owner ?? null);
      if (former !== null) this.takeovers.push({ account, from: former, at: this.clock.now() });
      return [{ account, token: String(token), former }];
    });
  }

  private renew([owner, owned, leaseFor, text]: RenewValues, now: EpochMs): readonly unknown[] {
    const until = now + leaseFor;
    const facts: unknown[] = [{ kind: 'now', name: '', text: null, ms: now }];
    for (const account of owned) {
      const lease = this.leases.get(account);
      if (lease?.owner !== owner) continue;
      this.leases.set(account, { ...lease, until });
      facts.push({ kind: 'own', name: account, text: String(lease.token), ms: 0 });
    }
    // It is no replica.
    if (text === null) return facts;
    const news = JSON.parse(text) as ReplicaNews;
    this.replicas.set(owner, { until, news });
    for (const [account, lease] of this.leases) {
      if (lease.owner === owner && owned.includes(account)) continue;
      facts.push({ kind: 'foreign', name: account, text: lease.owner, ms: Math.max(0, lease.until - now) });
    }
    const alive = [...this.replicas].filter((replica) => replica[1].until > now);
    for (const [other, { until: theirs, news: published }] of alive)
      if (other !== owner)
        facts.push({ kind: 'replica', name: other, text: JSON.stringify(published), ms: theirs - now });
    for (const [fingerprint, since] of this.configs)
      facts.push({ kind: 'config', name: fingerprint, text: null, ms: now - since });
    return facts;
  }

  private release([owner, accounts]: [string, string[]]): readonly unknown[] {
    for (const account of accounts) {
      const lease = this.leases.get(account);
      if (lease?.owner === owner) this.leases.set(account, { ...lease, owner: null, until: 0 });
    }
    return [];
  }

  private leave(owner: string, now: EpochMs): readonly unknown[] {
    const replica = this.replicas.get(owner);
    if (replica !== undefined) this.replicas.set(owner, { ...replica, until: now });
    return [];
  }

  private announce(
    [fingerprint, isNew, owner, name]: [string, string, string, string],
    now: EpochMs,
  ): readonly unknown[] {
    const ofThatName = [...this.replicas.values()].filter(({ news }) => news.replica === name);
    const former = ofThatName.toSorted((one, other) => other.until - one.until)[0]?.news.config;
    const isUsed = [...this.replicas].some(
      ([other, { until, news }]) => other !== owner && until > now && news.config === fingerprint,
    );
    const isNewest = !isUsed && (isNew === 'true' || former !== fingerprint);
    if (!this.configs.has(fingerprint) || isNewest) this.configs.set(fingerprint, now);
    return [];
  }

  private read([after, accounts]: [string | null, string[]]): readonly unknown[] {
    const keys = [...this.rows.keys()].filter((key) => after === null || key > after).toSorted();
    return keys.flatMap((key) => {
      const row = this.rows.get(key);
      const isWanted = row !== undefined && accounts.includes(row.account);
      return isWanted ? [{ key, revision: String(row.revision), record: row.record }] : [];
    });
  }

  private save(values: SaveValues, now: EpochMs): readonly unknown[] {
    const [writer, attempt, keys, accounts, stored, revisions, records, mayBeNew, held, tokens] = values;
    const isOwned = (account: string): boolean => {
      const lease = this.leases.get(account);
      const token = tokens[held.indexOf(account)];
      return lease?.owner === writer && lease.token === token && lease.until > now;
    };
    return keys.flatMap((key, index) => {
      const account = accounts[index] ?? '';
      if (!isOwned(account) && !this.slips.has('saves without a lease')) return [];
      const row = this.rows.get(key);
      const follows =
        row !== undefined && (row.revision === stored[index] || (row.writer === writer && row.attempt < attempt));
      const record = records[index] ?? null;
      const saved = follows || (row === undefined && (record === null || mayBeNew[index] === true));
      // An attempt that comes after a later one of the same process is nothing new.
      const isLate = row !== undefined && row.writer === writer && row.attempt > attempt;
      if (!saved && !isLate) this.refuse(key, account, `it follows ${stored[index]}, not ${row?.revision ?? 0}`);
      if (saved && record === null) this.rows.delete(key);
      if (saved && record !== null)
        this.rows.set(key, { account, revision: revisions[index] ?? 0, record, writer, attempt });
      return [{ key, saved }];
    });
  }

  private refuse(key: string, account: string, words: string): void {
    const token = this.leases.get(account)?.token ?? 0;
    if (this.refused.get(key) === token) this.conflicts.push(`${key}: ${words}`);
    this.refused.set(key, token);
  }
}

type RenewValues = [owner: string, owned: string[], leaseFor: number, news: string | null];

/** In the order of the parameters of the statement. */
type SaveValues = [
  writer: string,
  attempt: number,
  keys: string[],
  accounts: string[],
  stored: number[],
  revisions: number[],
  records: (string | null)[],
  mayBeNew: boolean[],
  held: string[],
  tokens: number[],
];

interface ConnectionParts {
  readonly database: SharedDatabase;
  readonly clock: Clock;
  readonly hop: StatementHop | undefined;
  readonly kind: 'save' | 'look';
  readonly deadline: DurationMs;
  readonly product: Pick<StoreProduct, 'StoreError'>;
}

/** Runs one statement after the other; what gets no answer in time may take effect later. */
class SimulatedConnection {
  readonly place = 'the simulated database';
  private readonly parts: ConnectionParts;
  private last: Promise<unknown> = Promise.resolve();

  constructor(parts: ConnectionParts) {
    this.parts = parts;
  }

  query(text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
    const turn = this.last.then(() => this.within(this.statement(text, values)));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private within<T>(statement: Promise<T>): Promise<T> {
    const { clock, deadline, product } = this.parts;
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new product.StoreError('unavailable', 'no answer in time'));
      const cancel = clock.after(deadline, late);
      statement.then(resolve, reject).finally(cancel);
    });
  }

  private async statement(text: string, values: readonly unknown[]): Promise<readonly unknown[]> {
    const { database, clock, kind, product, hop = () => Promise.resolve() } = this.parts;
    await hop('before', kind);
    if (database.away) throw new product.StoreError('unavailable', 'the database is away');
    const rows = database.run(text, values, clock.wall());
    await hop('after', kind);
    return rows;
  }
}

function accountIn(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
