import { randomUUID } from 'node:crypto';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { DatabaseSettings } from '../../core/settings.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import { CommitQueue } from '../commit-queue.ts';
import type { ClusterView, Ownership, SharedStore } from '../ownership.ts';
import { encodeFor } from '../record.ts';
import { nextRevision, StoreError, type HistoryStore, type StoredState, type StateStore } from '../store.ts';
import { Connection } from './connection.ts';
import { Leases } from './leases.ts';
import { migrate } from './migrate.ts';
import { historyRows } from './history-rows.ts';
import { notRead } from './postgres-errors.ts';
import { accountOf, readStates, StateRows } from './state-rows.ts';

/** Deadline of one statement. */
const STATEMENT_TIMEOUT: DurationMs = 10 * SECOND;
/** Most states that one statement saves: tens of milliseconds of work. */
const LARGEST_BATCH = 1_000;

export interface PostgresStoreOptions {
  readonly database: DatabaseSettings;
  readonly clock: Clock;
  /** Names this machine or container to people. */
  readonly replica: string;
  /** How long an account stays owned by a process that is no longer heard of. */
  readonly leaseFor: DurationMs;
  /** Deadline of one statement; default: 10 seconds. */
  readonly statementTimeout?: DurationMs;
}

/**
 * Opens the state in a PostgreSQL that several processes share: makes or renews its tables. Nothing is owned yet.
 *
 * @throws StoreError of kind `unavailable` when the database cannot be used now, `misplaced` when its settings would lose
 *   saves, or `newer_version`. Each names place and remedy.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { database, clock, leaseFor, statementTimeout = STATEMENT_TIMEOUT } = options;
  const saving = new Connection(database, statementTimeout);
  // A connection of its own: renewals must not wait for saves, and are of no use when they come late.
  const leasing = new Connection(database, Math.min(statementTimeout, leaseFor / 3));
  // And another for the history: an hour's records must not keep a state waiting.
  const history = new Connection(database, statementTimeout);
  const owner = `${options.replica} ${randomUUID()}`;
  const leases = new Leases({ connection: leasing, clock, owner, leaseFor });
  try {
    await migrate(saving);
    return new PostgresStore({ clock, saving, leasing, history, leases });
  } catch (error) {
    await Promise.all([saving.close(), leasing.close(), history.close()]);
    throw error;
  }
}

/**
 * The same for a process that is no replica and works on one account: owns it until the store is closed.
 *
 * @throws StoreError, of kind `locked` when another process owns it
 */
export async function openPostgresAccount(options: PostgresStoreOptions, account: string): Promise<StateStore> {
  const store = await openPostgresStore(options);
  try {
    await store.own([encodeURIComponent(account)]);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly clock: Clock;
  readonly saving: Connection;
  readonly leasing: Connection;
  readonly history: Connection;
  readonly leases: Leases;
}

export class PostgresStore implements SharedStore {
  readonly durable = true;
  readonly ownership: Ownership;
  readonly history: HistoryStore;
  readonly #parts: Parts;
  readonly #rows: StateRows;
  readonly #queue: CommitQueue;
  /** Of each account, as in keys, the token under which its states were read. */
  readonly #read = new Map<string, number>();
  /** Keys of which an open restart was saved last. */
  readonly #restarting = new Set<string>();
  #cancelRenewal: Cancel = () => undefined;
  #closing: Promise<void> | null = null;

  constructor(parts: Parts) {
    const { leases } = parts;
    this.#parts = parts;
    this.history = historyRows(parts.history);
    this.#rows = new StateRows(parts.saving, leases);
    this.#queue = new CommitQueue(new Map(), (changes) => this.#rows.write(changes), LARGEST_BATCH);
    this.ownership = {
      owner: leases.owner,
      leaseFor: leases.leaseFor,
      get accounts() {
        return leases.accounts.map(decodeURIComponent);
      },
      owns: (account) => leases.token(encodeURIComponent(account)) !== undefined,
      heldUntil: (account) => leases.heldUntil(encodeURIComponent(account)),
      time: () => leases.time(),
      announce: (own, isNew) => leases.announce(own, isNew),
      renew: async (news) => decoded(await leases.renew(news)),
      claim: async (accounts) => (await leases.claim(accounts.map(encodeURIComponent))).map(decodedAccount),
      release: (accounts) => leases.release(accounts.map(encodeURIComponent)),
      states: (accounts) => this.#statesOf(accounts.map(encodeURIComponent)),
    };
  }

  /** The states of all accounts that this process owns. */
  async load(): Promise<ReadonlyMap<string, StoredState>> {
    this.#requireOpen();
    return await this.#statesOf(this.#parts.leases.accounts);
  }

  /**
   * Owns these accounts until the store is closed: for a process that is no replica.
   *
   * @param accounts as in keys
   * @throws StoreError of kind `locked` when another process owns one of them
   */
  async own(accounts: readonly string[]): Promise<void> {
    const { leases, saving, clock } = this.#parts;
    await leases.claim(accounts);
    const other = accounts.find((account) => leases.token(account) === undefined);
    if (other !== undefined) throw await lockedAccount(saving, other);
    await this.#statesOf(accounts);
    const renewLater = (): void => {
      this.#cancelRenewal = clock.after(leases.leaseFor / 3, () => {
        // When that fails, saves fail as well, and say why.
        void leases.renew(null).catch(() => undefined);
        if (this.#closing === null) renewLater();
      });
    };
    this.#cancelRenewal();
    renewLater();
  }

  async save(key: string, state: InstanceState, follows: number): Promise<number> {
    this.#requireOpen();
    this.#requireRead(key);
    const revision = nextRevision(key, this.#queue.revision(key), follows);
    const first = this.#isAwaited(key, state);
    await this.#queue.commit(key, { revision, record: encodeFor(key, { revision, state }) }, first);
    return revision;
  }

  /**
   * Before its states are read, a claimed account may be watched without them. A state that was saved then would be read as one that
   * the former owner left.
   */
  #requireRead(key: string): void {
    const account = accountOf(key);
    const token = this.#parts.leases.token(account);
    if (token !== undefined && token !== this.#read.get(account)) throw notRead(this.#parts.saving.place, account);
  }

  /**
   * A restart waits for its intent, and the next ones for its end. Behind the states of a large storm, which a slow database
   * saves for minutes, hardly any would be made.
   */
  #isAwaited(key: string, { intent }: InstanceState): boolean {
    if (intent === null) return this.#restarting.delete(key);
    this.#restarting.add(key);
    return true;
  }

  async remove(key: string): Promise<void> {
    this.#requireOpen();
    this.#restarting.delete(key);
    await this.#queue.commit(key, { revision: 0, record: null });
    // A rest of it takes some room and changes nothing.
    await this.history.write(new Map([[key, null]])).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    const { saving, leasing, history, leases } = this.#parts;
    await this.#queue.idle();
    this.#cancelRenewal();
    // When that fails, they end by themselves.
    await leases.leave().catch(() => undefined);
    await Promise.all([saving.close(), leasing.close(), history.close()]);
  }

  /** Reads the states of owned accounts; saves go on from what was found. */
  async #statesOf(accounts: readonly string[]): Promise<ReadonlyMap<string, StoredState>> {
    if (accounts.length === 0) return new Map();
    const { leases, saving } = this.#parts;
    const tokens = accounts.map((account) => [account, leases.token(account)] as const);
    const states = await readStates(saving, accounts);
    const read = new Set(accounts);
    const reason = (key: string): StoreError => notRead(saving.place, accountOf(key));
    this.#queue.replace((key) => read.has(accountOf(key)), states, reason);
    for (const [account, token] of tokens) if (token !== undefined) this.#read.set(account, token);
    return states;
  }

  #requireOpen(): void {
    if (this.#closing === null) return;
    throw new StoreError('closed', `the state in ${this.#parts.saving.place} is closed: open it again`);
  }
}

const OWNER = `
select owner, ceil(extract(epoch from greatest(until - now(), interval '0')))::int as seconds
from watchdog.lease where account = $1`;

async function lockedAccount(connection: Connection, account: string): Promise<StoreError> {
  const [row] = await connection.query<{ readonly owner: string | null; readonly seconds: number }>(OWNER, [account]);
  return new StoreError(
    'locked',
    `the account ${JSON.stringify(decodeURIComponent(account))} in ${connection.place} is owned by another process ` +
      `(${row?.owner ?? 'one that has just claimed it'}): if that has died, it can be taken over in ${row?.seconds ?? 0} s`,
  );
}

/** Accounts are percent-encoded in the database, as in keys. */
function decoded({ foreign, lost, ...view }: ClusterView): ClusterView {
  return { ...view, foreign: foreign.map(decodedAccount), lost: lost.map(decodeURIComponent) };
}

function decodedAccount<Row extends { readonly account: string }>(row: Row): Row {
  return { ...row, account: decodeURIComponent(row.account) };
}
