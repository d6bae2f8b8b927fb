import { isAbsolute } from 'node:path';
import { DATABASE_TLS, type DatabaseHost, type DatabaseSettings } from '../../core/settings.ts';
import { parseListen } from './addresses.ts';
import { checkedText, type Meta } from './scalars.ts';

const DEFAULT_PORT = 5432;
/** More hosts than this are a mistake; each costs time when none answers. */
const MOST_HOSTS = 10;

type Mistaken<T> = T | { readonly mistake: string };

/** Why a text cannot be the URL of a PostgreSQL; null when it can. It holds a password, so no message shows any of it. */
export function databaseUrlMistake(text: string): string | null {
  const reading = parseDatabaseUrl(text);
  return 'mistake' in reading ? reading.mistake : null;
}

/**
 * Reads `postgres://user:password@host:port,host:port/database?…` as libpq does (PostgreSQL documentation, "Connection
 * URIs"), with those parameters that mean something here. Several hosts are what the URL of Node.js cannot read.
 */
export function parseDatabaseUrl(text: string): Mistaken<DatabaseSettings> {
  const match = /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^@/?#]*)\/([^/?#]*)(?:\?([^#\s]*))?$/.exec(
    text,
  );
  if (match === null) return { mistake: 'is not a URL such as postgres://user:password@host:5432/database' };
  const [user, password, database] = [match[1], match[2], match[4]].map(decoded);
  if (user === null || password === null || database === null) {
    return { mistake: 'holds a "%" that is not percent-encoded' };
  }
  if (user === undefined || user === '') return { mistake: 'names no user' };
  if (database === undefined || database === '') return { mistake: 'names no database' };
  const parameters = new URLSearchParams(match[5] ?? '');
  const hosts = hostsOf(match[3] ?? '', parameters.get('host'));
  if ('mistake' in hosts) return hosts;
  const settings = settingsOf(parameters);
  if ('mistake' in settings) return settings;
  return { hosts: hosts.found, database, user, password: password ?? null, ...settings };
}

function hostsOf(text: string, socket: string | null): Mistaken<{ readonly found: readonly DatabaseHost[] }> {
  if (socket !== null) {
    if (text !== '' || !isAbsolute(socket)) {
      return { mistake: 'has a parameter "host", which is for the folder of a Unix socket only' };
    }
    return { found: [{ host: socket, port: DEFAULT_PORT }] };
  }
  const names = text.split(',');
  if (names.length > MOST_HOSTS) return { mistake: `names more than ${MOST_HOSTS} hosts` };
  const found = names.map((name) => parseListen(/:\d+$/.test(name) ? name : `${name}:${DEFAULT_PORT}`));
  const hosts = found.filter((host) => host !== null && host.port > 0) as DatabaseHost[];
  return hosts.length < names.length ? { mistake: 'names a host that is not host:port' } : { found: hosts };
}

type Parameters = Pick<DatabaseSettings, 'tls' | 'rootCertFile' | 'certFile' | 'keyFile'>;

/** What each parameter may be; null: the absolute path of a file. */
const PARAMETERS: ReadonlyMap<string, readonly string[] | null> = new Map<string, readonly string[] | null>([
  ['host', null],
  ['sslmode', DATABASE_TLS],
  ['sslrootcert', null],
  ['sslcert', null],
  ['sslkey', null],
  ['target_session_attrs', ['read-write', 'primary']],
]);

function settingsOf(parameters: URLSearchParams): Mistaken<Parameters> {
  const file = (name: string): string | null => parameters.get(name);
  const tls = DATABASE_TLS.find((mode) => mode === parameters.get('sslmode')) ?? 'disable';
  const settings = { tls, rootCertFile: file('sslrootcert'), certFile: file('sslcert'), keyFile: file('sslkey') };
  for (const [name, value] of parameters) {
    const words = PARAMETERS.get(name);
    if (words === undefined)
      return { mistake: `has a parameter that is not one of ${[...PARAMETERS.keys()].join(', ')}` };
    if (words === null && !isAbsolute(value)) return { mistake: `needs an absolute path as "${name}"` };
    if (words?.includes(value) === false) return { mistake: `needs ${words.join(' or ')} as "${name}"` };
  }
  if (tls === 'disable' && [settings.rootCertFile, settings.certFile, settings.keyFile].some((path) => path !== null)) {
    return { mistake: 'names certificates, but no "sslmode" that uses them' };
  }
  return settings;
}

/** Null when the percent-encoding is broken. */
function decoded(text: string | undefined): string | null | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return null;
  }
}

const REMEDY =
  'Write postgres://user:password@host:5432/database?sslmode=verify-full, with "@", ":", "/", "?", "#" and "%" in the password percent-encoded.';

export function databaseUrlText(meta: Meta) {
  return checkedText(databaseUrlMistake, REMEDY).meta({ ...meta, secret: true });
}
