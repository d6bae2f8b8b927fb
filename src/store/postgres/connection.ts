import { readFile } from 'node:fs/promises';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import pg from 'pg';
import type { DatabaseHost, DatabaseSettings } from '../../core/settings.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import { StoreError } from '../store.ts';
import { placeOf, unavailable, unfit } from './postgres-errors.ts';

/** Deadline of one attempt to connect to one host. */
const CONNECT_TIMEOUT: DurationMs = 5 * SECOND;
/** SQLSTATE of the end of a session by `idle_session_timeout`. */
const IDLE_SESSION_TIMEOUT = '57P05';
/** The first with generated columns. */
const OLDEST_VERSION = 12;

type Value = string | number | readonly (string | number | boolean | null)[] | null;

/** Runs one statement and resolves with its rows. */
export type Query = <Row>(text: string, values?: readonly Value[]) => Promise<readonly Row[]>;

type Results<Row> = pg.QueryResult<Row & pg.QueryResultRow> | pg.QueryResult<Row & pg.QueryResultRow>[];

/** The few settings of a server that decide whether it can keep the state. */
interface Hello {
  readonly read_only: string;
  readonly synchronous_commit: string;
  readonly encoding: string;
  readonly version: string;
}

const HELLO = `select current_setting('transaction_read_only') as read_only,
  current_setting('synchronous_commit') as synchronous_commit, current_setting('server_encoding') as encoding,
  current_setting('server_version_num') as version`;

/**
 * One connection, opened when it is needed, to the first of the hosts that takes writes. Statements run one after the
 * other, each under a deadline. After any error the connection is given up, so whatever happened to it ends with it, and
 * the next statement looks for the host that takes writes again.
 *
 * Nothing is left behind in the session (no prepared statement, no setting, no lock), so a pooler may give each
 * transaction another one.
 */
export class Connection {
  readonly place: string;
  readonly #settings: DatabaseSettings;
  readonly #deadline: DurationMs;
  #client: pg.Client | null = null;
  /** The host that took writes last. */
  #current = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param deadline of one statement */
  constructor(settings: DatabaseSettings, deadline: DurationMs) {
    this.#settings = settings;
    this.#deadline = deadline;
    this.place = placeOf(settings);
  }

  /** @throws StoreError; then it is not known whether the statement took effect */
  query<Row>(text: string, values?: readonly Value[]): Promise<readonly Row[]> {
    return this.#inTurn((query) => query<Row>(text, values));
  }

  /** Runs `work` in one transaction, which is rolled back when it rejects. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#inTurn(async (query) => {
      await query('begin');
      const result = await work(query);
      await query('commit');
      return result;
    });
  }

  /** Waits for the statement under way. Can be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#drop();
  }

  #inTurn<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#run(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run<T>(work: (query: Query) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('closed', `the state in ${this.place} is closed: open it again`);
    try {
      return await this.#attempt(work);
    } catch (error) {
      if (!wasEndedIdle(error)) throw error;
      return await this.#attempt(work);
    }
  }

  async #attempt<T>(work: (query: Query) => Promise<T>): Promise<T> {
    try {
      const client = (this.#client ??= await this.#connect());
      return await work((text, values) => this.#ask(client, text, values));
    } catch (error) {
      await this.#drop();
      throw error;
    }
  }

  async #ask<Row>(client: pg.Client, text: string, values?: readonly Value[]): Promise<readonly Row[]> {
    try {
      const result: Results<Row> = await client.query<Row & pg.QueryResultRow>(text, values && [...values]);
      // Several statements in one text have several results.
      return Array.isArray(result) ? [] : result.rows;
    } catch (error) {
      throw unavailable(this.place, error);
    }
  }

  /** @throws StoreError that names what is wrong with each host */
  async #connect(): Promise<pg.Client> {
    const { hosts } = this.#settings;
    const troubles: (readonly [host: DatabaseHost, trouble: unknown])[] = [];
    for (const host of [...hosts.slice(this.#current), ...hosts.slice(0, this.#current)]) {
      try {
        const client = await this.#connectTo(host);
        this.#current = hosts.indexOf(host);
        return client;
      } catch (error) {
        if (error instanceof StoreError) throw error;
        troubles.push([host, error]);
      }
    }
    throw unavailable(this.place, hosts.length === 1 ? troubles[0]?.[1] : severalTroubles(troubles));
  }

  async #connectTo(host: DatabaseHost): Promise<pg.Client> {
    const { database, user, password } = this.#settings;
    const client = new pg.Client({
      ...host,
      database,
      user,
      // A function, because without a password `pg` reads one from the environment or from ~/.pgpass.
      password: () => password ?? '',
      ssl: await tlsOptions(this.#settings),
      application_name: 'smileapi-watchdog',
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      query_timeout: this.#deadline,
      keepAlive: true,
    });
    // Also while it is idle, when no statement would hear of it.
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    try {
      await client.connect();
      this.#requireFit(host, (await client.query<Hello>(HELLO)).rows[0]);
      return client;
    } catch (error) {
      await ended(client);
      throw error;
    }
  }

  #requireFit({ host, port }: DatabaseHost, hello: Hello | undefined): void {
    if (hello === undefined) throw new Error(`${host}:${port} gave no answer`);
    if (hello.read_only !== 'off') {
      throw Object.assign(new Error(`${host}:${port} takes no writes: it is a standby, or read-only`), {
        code: '25006',
      });
    }
    const version = Math.floor(Number(hello.version) / 10_000);
    if (version < OLDEST_VERSION) {
      throw unfit(this.place, `it has version ${version}`, `use PostgreSQL ${OLDEST_VERSION} or later`);
    }
    if (hello.encoding !== 'UTF8') {
      throw unfit(this.place, `the database has the encoding ${hello.encoding}`, 'create one with the encoding UTF8');
    }
    if (hello.synchronous_commit === 'off') throw this.forgetful();
  }

  /** What it saves is acknowledged before it is durable. */
  forgetful(): StoreError {
    const reason = 'synchronous_commit is off, so it forgets saves that it has acknowledged';
    return unfit(this.place, reason, `run ALTER ROLE "${this.#settings.user}" SET synchronous_commit = on`);
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client !== null) await ended(client);
  }
}

/** Ends a client; one with a statement that never ends, or a silent server, at once. */
async function ended(client: pg.Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It is gone already.
  }
}

/**
 * Whether the server ended a session that was idle for too long, right before the statement came: that was not run. A busy
 * process, or one that was suspended, hears of the end only with its next statement.
 */
function wasEndedIdle(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === IDLE_SESSION_TIMEOUT;
}

function severalTroubles(troubles: readonly (readonly [host: DatabaseHost, trouble: unknown])[]): Error {
  const reasons = troubles.map(([{ host, port }, trouble]) => {
    const message = trouble instanceof Error ? trouble.message : '';
    return message.includes(`${host}:${port}`) ? message : `${host}:${port}: ${message}`;
  });
  return new Error(`no host takes writes (${reasons.join('; ')})`);
}

/** Files are read for each connection, so renewed certificates are used. */
async function tlsOptions(settings: DatabaseSettings): Promise<TlsOptions | false> {
  const { tls, rootCertFile, certFile, keyFile } = settings;
  if (tls === 'disable') return false;
  const read = async (file: string | null): Promise<string | undefined> =>
    file === null ? undefined : await readFile(file, 'utf8');
  const [ca, cert, key] = await Promise.all([rootCertFile, certFile, keyFile].map(read));
  return {
    rejectUnauthorized: tls !== 'require' || ca !== undefined,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // As libpq: only verify-full compares the name.
    ...(tls !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}
