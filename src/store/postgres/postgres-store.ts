import { randomUUID } from 'node:crypto';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { DatabaseSettings } from '../../core/settings.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import { CommitQueue, type PendingChanges, type Refused } from '../commit-queue.ts';
import { encodeFor } from '../record.ts';
import { nextRevision, StoreError, type Store, type StoredState } from '../store.ts';
import { Connection } from './connection.ts';
import { Leases } from './leases.ts';
import { migrate } from './migrate.ts';
import { HistoryRows } from './history-rows.ts';
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
 * Opens the state in a PostgreSQL, as the only process that uses it: makes or renews its tables, claims all accounts that
 * have states, and reads and checks every record. The leases are renewed until it is closed.
 *
 * @throws StoreError of kind `unavailable` when the database cannot be used now, `locked` when another process still owns
 *   accounts, `misplaced` when its settings would lose saves, `newer_version`, or `corrupt`. Each names place and remedy.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
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
    await claimAll(saving, leases);
    const states = await readStates(saving, null);
    return new PostgresStore({ clock, saving, leasing, history, leases, leaseFor, states });
  } catch (error) {
    await leases.release(leases.accounts).catch(() => undefined);
    await Promise.all([saving.close(), leasing.close(), history.close()]);
    throw error;
  }
}

interface Owned {
  readonly account: string;
  readonly owner: string | null;
  readonly seconds: number;
}

const ACCOUNTS = `
select account, owner, ceil(extract(epoch from greatest(until - now(), interval '0')))::int as seconds
from (select account from watchdog.state union select account from watchdog.lease) as known
left join watchdog.lease using (account) order by account`;

async function claimAll(connection: Connection, leases: Leases): Promise<void> {
  const known = await connection.query<Owned>(ACCOUNTS);
  const claimed = new Set(
    await leases.claim(
      known.map(({ account }) => account),
      known.length,
    ),
  );
  const other = known.find(({ account }) => !claimed.has(account));
  if (other === undefined) return;
  throw new StoreError(
    'locked',
    `the state in ${connection.place} is in use by another process (${other.owner ?? 'one that has just claimed it'}): ` +
      `if that has died, its accounts can be taken over in ${other.seconds} s; if not, stop one of the two`,
  );
}

interface Parts {
  readonly clock: Clock;
  readonly saving: Connection;
  readonly leasing: Connection;
  readonly history: Connection;
  readonly leases: Leases;
  readonly leaseFor: DurationMs;
  readonly states: ReadonlyMap<string, StoredState>;
}

class PostgresStore implements Store {
  readonly durable = true;
  readonly history: HistoryRows;
  readonly #parts: Parts;
  readonly #rows: StateRows;
  readonly #queue: CommitQueue;
  /** Accounts that another process has claimed; what it did with them is not known here. */
  readonly #lost = new Set<string>();
  #cancelRenewal: Cancel = () => undefined;
  #closing: Promise<void> | null = null;

  constructor(parts: Parts) {
    const revisions = new Map([...parts.states].map(([key, { revision }]) => [key, revision]));
    this.#parts = parts;
    this.history = new HistoryRows(parts.history);
    this.#rows = new StateRows(parts.saving, parts.leases);
    this.#queue = new CommitQueue(revisions, (changes) => this.#write(changes), { most: LARGEST_BATCH });
    this.#renewLater();
  }

  async load(): Promise<ReadonlyMap<string, StoredState>> {
    this.#requireOpen();
    return await readStates(this.#parts.saving, null);
  }

  async save(key: string, state: InstanceState, follows: number): Promise<number> {
    this.#requireOpen();
    const revision = nextRevision(key, this.#queue.revision(key), follows);
    await this.#queue.commit(key, { revision, record: encodeFor(key, { revision, state }) });
    return revision;
  }

  async remove(key: string): Promise<void> {
    this.#requireOpen();
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
    await leases.release(leases.accounts).catch(() => undefined);
    await Promise.all([saving.close(), leasing.close(), history.close()]);
  }

  async #write(changes: PendingChanges): Promise<Refused> {
    const accounts = new Set([...changes.keys()].map(accountOf));
    const isNew = (account: string): boolean => this.#parts.leases.token(account) === undefined;
    const unclaimed = [...accounts].filter((account) => isNew(account) && !this.#lost.has(account));
    await this.#parts.leases.claim(unclaimed, unclaimed.length);
    return await this.#rows.write(changes);
  }

  #renewLater(): void {
    const { clock, leaseFor } = this.#parts;
    this.#cancelRenewal = clock.after(leaseFor / 3, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    try {
      for (const account of await this.#parts.leases.renew()) this.#lost.add(account);
    } catch {
      // Saves fail as well then, and say why.
    }
    if (this.#closing === null) this.#renewLater();
  }

  #requireOpen(): void {
    if (this.#closing === null) return;
    throw new StoreError('closed', `the state in ${this.#parts.saving.place} is closed: open it again`);
  }
}
