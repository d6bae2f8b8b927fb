import type { DatabaseSettings } from '../../core/settings.ts';
import { StoreError } from '../store.ts';

/** Longest part of a server's message that is shown, in UTF-16 code units. */
const LONGEST_MESSAGE = 300;

/** What is shown of a database: neither user nor password. */
export function placeOf({ hosts, database }: Pick<DatabaseSettings, 'hosts' | 'database'>): string {
  return `PostgreSQL (${hosts.map(({ host, port }) => `${host}:${port}`).join(', ')}, database ${database})`;
}

/** The database cannot be used now, and may be later. */
export function unavailable(place: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = innermost(error);
  const remedy = REMEDIES.find(([codes]) => codes.test(code))?.[1] ?? OTHERWISE;
  return new StoreError('unavailable', `the state in ${place} cannot be used: ${message}; ${remedy}`, { cause: error });
}

/** A database that can never keep the state as it is set up. */
export function unfit(place: string, reason: string, remedy: string): StoreError {
  return new StoreError('misplaced', `the state in ${place} cannot be used: ${reason}; ${remedy}`);
}

/** The tables, or a record, were written by a later version of the program. */
export function newer(place: string, what: string): StoreError {
  return new StoreError(
    'newer_version',
    `the state in ${place} was written by a newer version (${what}): run that version, or set state.url to another ` +
      'database. Nothing was changed.',
  );
}

export function corrupt(place: string, key: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `the state in ${place} is corrupt: the record of ${JSON.stringify(key)}: ${reason}. Restore it from a backup, or ` +
      'delete its row in watchdog.state, and then its cooldown and budget are forgotten. Nothing was changed.',
    { cause },
  );
}

export function notOwner(place: string, account: string): StoreError {
  return new StoreError(
    'not_owner',
    `not saved: another process owns the account ${JSON.stringify(account)} in ${place}`,
  );
}

/** The states of an account that was claimed are not known yet. */
export function notRead(place: string, account: string): StoreError {
  return new StoreError(
    'unavailable',
    `not saved: the states of the account ${JSON.stringify(account)} in ${place} are still being read`,
  );
}

/** By SQLSTATE (PostgreSQL documentation, appendix A) or by the code of Node.js. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^28/, 'check user and password of state.url, and pg_hba.conf'],
  [/^3D000$/, 'create that database'],
  [/^(42501|3F000)$/, 'give the user its rights (docs/replicas.md)'],
  [/^42P01$/, 'the tables are gone: restore them from a backup'],
  [/^53100$/, 'free some space on the disk of the database'],
  [/^08P01$/, 'a pooler in between must have the pool mode transaction, or session with enough connections'],
  [/^53300$/, 'allow more connections, or use a pooler'],
  [/^25006$/, 'it is read-only: name the host that takes writes, too'],
  [/^(40P01|55P03)$/, 'look for what holds locks there'],
  [/^57014$/, 'look for what holds locks there, or raise its statement_timeout'],
  [/^NO_ANSWER$/, 'check that the database is up, that this machine can connect to it, and what holds locks there'],
  [/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/, 'check sslmode and sslrootcert of state.url'],
  [/^(ENOENT|EACCES)$/, 'check the paths in state.url'],
];

const OTHERWISE = 'check that the database is up and that this machine can connect to it';

/** `pg` gives this one none. */
function codeOf({ message }: Error): string {
  return message === 'Query read timeout' ? 'NO_ANSWER' : '';
}

function innermost(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof AggregateError && error.message === '') return innermost(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: 'no reason given' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error);
  const message = error.message.replaceAll(/\p{Control}+/gu, ' ').slice(0, LONGEST_MESSAGE);
  return { code, message: message === '' ? code : message };
}
