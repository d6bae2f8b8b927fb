import type { PendingChanges, Refused } from '../commit-queue.ts';
import { RecordError } from '../format.ts';
import { decode } from '../record.ts';
import { StoreError, type StoredState } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Leases } from './leases.ts';
import { corrupt, newer, notOwner } from './postgres-errors.ts';

/** States that are read with one statement: some megabytes. */
const PAGE = 5_000;

/** After a key, at most this many, of these accounts. */
export const READ = `
select key, revision, record from watchdog.state
where ($1::text is null or key > $1) and account = any($2::text[])
order by key limit $3`;

/**
 * Saves and removes states, each only if its account is still owned, and only if what is stored is what the change follows:
 * the same revision, or what an earlier attempt of this process wrote whose answer was lost. An attempt that comes late
 * finds a later one and changes nothing. The leases are locked until the end, so nobody can claim an account in the middle
 * of a save. What is not among the rows is not owned.
 */
export const SAVE = `
with change as (
  select * from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bool[])
    as change(key, account, stored, revision, record, may_be_new)
), held as (
  select * from unnest($9::text[], $10::bigint[]) as held(account, token)
), owned as materialized (
  select lease.account from watchdog.lease join held on held.account = lease.account and held.token = lease.token
  where lease.owner = $1 and lease.until > now()
  order by lease.account
  for share of lease
), allowed as (
  select change.* from change join owned on owned.account = change.account
), updated as (
  update watchdog.state set revision = allowed.revision, record = allowed.record, writer = $1, attempt = $2
  from allowed
  where state.key = allowed.key and allowed.record is not null
    and (state.revision = allowed.stored or (state.writer = $1 and state.attempt < $2))
  returning state.key
), added as (
  insert into watchdog.state (key, revision, record, writer, attempt)
  select key, revision, record, $1, $2 from allowed
  where record is not null and may_be_new and not exists (select from watchdog.state where state.key = allowed.key)
  order by key
  on conflict (key) do nothing
  returning key
), removed as (
  delete from watchdog.state using allowed
  where state.key = allowed.key and allowed.record is null
    and (state.revision = allowed.stored or (state.writer = $1 and state.attempt < $2))
  returning state.key
), done as (
  select key from updated union all select key from added union all select key from removed
  union all select key from allowed
  where record is null and not exists (select from watchdog.state where state.key = allowed.key)
)
select allowed.key, done.key is not null as saved, current_setting('synchronous_commit') = 'off' as forgetful
from allowed left join done on done.key = allowed.key`;

/** The account of a key, its part before the first "/", as the database knows it. */
export function accountOf(key: string): string {
  const end = key.indexOf('/');
  return toText(end < 0 ? key : key.slice(0, end));
}

/**
 * All states of these accounts by key, each checked.
 *
 * @throws StoreError
 */
export async function readStates(
  connection: Connection,
  accounts: readonly string[],
): Promise<Map<string, StoredState>> {
  const states = new Map<string, StoredState>();
  for (let last: string | null = null; ;) {
    const rows: readonly StateRow[] = await connection.query<StateRow>(READ, [last, accounts, PAGE]);
    for (const row of rows) states.set(fromText(row.key), checkedState(connection.place, row));
    last = rows.at(-1)?.key ?? null;
    if (rows.length < PAGE) return states;
  }
}

interface StateRow {
  readonly key: string;
  readonly revision: string;
  readonly record: string;
}

interface SavedRow {
  readonly key: string;
  readonly saved: boolean;
  /** It is not durable yet. */
  readonly forgetful: boolean;
}

/** Writes batches of changes, and finds out what became of those whose answer was lost. */
export class StateRows {
  readonly #connection: Connection;
  readonly #leases: Leases;
  #attempts = 0;
  /** Keys of batches without an answer: they may be stored, or removed, or not. */
  readonly #doubtful = new Set<string>();

  constructor(connection: Connection, leases: Leases) {
    this.#connection = connection;
    this.#leases = leases;
  }

  /** @throws StoreError; then some of the changes may be stored or not, which the next ones of these keys find out */
  async write(changes: PendingChanges): Promise<Refused> {
    this.#attempts += 1;
    const keys = [...changes.keys()];
    const each = [...changes.values()];
    const accounts = [...new Set(keys.map(accountOf))].filter((account) => this.#leases.token(account) !== undefined);
    const parameters = [
      this.#leases.owner,
      this.#attempts,
      keys.map(toText),
      keys.map(accountOf),
      each.map(({ stored }) => stored),
      each.map(({ revision }) => revision),
      each.map(({ record }) => record),
      keys.map((key, index) => each[index]?.stored === 0 || this.#doubtful.has(key)),
      accounts,
      accounts.map((account) => this.#leases.token(account) ?? 0),
    ];
    try {
      const rows = await this.#connection.query<SavedRow>(SAVE, parameters);
      // Somebody may have changed that since the connection was made, or a pooler given another one.
      if (rows.some(({ forgetful }) => forgetful)) throw this.#connection.forgetful();
      return this.#refused(changes, new Map(rows.map(({ key, saved }) => [fromText(key), saved])));
    } catch (error) {
      for (const key of keys) this.#doubtful.add(key);
      throw error;
    }
  }

  #refused(changes: PendingChanges, answers: ReadonlyMap<string, boolean>): Refused {
    const { place } = this.#connection;
    const refused = new Map<string, StoreError>();
    for (const [key, { stored }] of changes) {
      const saved = answers.get(key);
      if (saved === true) this.#doubtful.delete(key);
      else if (saved === undefined) refused.set(key, notOwner(place, accountOf(key)));
      else refused.set(key, overtaken(place, key, stored));
    }
    return refused;
  }
}

function overtaken(place: string, key: string, stored: number): StoreError {
  return new StoreError(
    'conflict',
    `the state of ${JSON.stringify(key)} in ${place} was not saved: it no longer has revision ${stored}; load it and ` +
      'decide again',
  );
}

function checkedState(place: string, { key, revision, record }: StateRow): StoredState {
  try {
    const stored = decode(record);
    if (stored.revision === Number(revision)) return stored;
    throw new RecordError('corrupt', `it holds revision ${stored.revision}, but its row says ${revision}`);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    if (error.kind === 'newer_version') throw newer(place, `the record of ${JSON.stringify(key)}: ${error.message}`);
    throw corrupt(place, fromText(key), error.message, error);
  }
}

/** PostgreSQL's text holds no U+0000. Keys of instances hold neither that nor a backslash, so they stay as they are. */
export function toText(key: string): string {
  return key.replaceAll('\\', '\\\\').replaceAll('\0', '\\0');
}

function fromText(text: string): string {
  return text.replaceAll(/\\([\\0])/g, (_, character) => (character === '0' ? '\0' : '\\'));
}
