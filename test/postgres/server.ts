import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const DEBIAN = '/usr/lib/postgresql';
const MESSAGE = 'PostgreSQL not found: apt-get install postgresql';

/** Where Debian's packages have the programs of the newest version; null: not installed. */
function binaries(): string | null {
  if (!existsSync(DEBIAN)) return null;
  const versions = readdirSync(DEBIAN).map(Number).filter(Number.isInteger);
  const folder = join(DEBIAN, String(Math.max(...versions)), 'bin');
  return existsSync(join(folder, 'initdb')) ? folder : null;
}

/** One of its programs, such as `createdb`. */
export function program(name: string): string {
  const folder = binaries();
  if (folder === null) throw new Error(MESSAGE);
  return join(folder, name);
}

/** Whether tests that need a PostgreSQL can run. Elsewhere they are skipped, and say so; in CI that is an error. */
export function hasPostgres(): boolean {
  if (binaries() !== null) return true;
  if ((process.env['CI'] ?? '') !== '') throw new Error(MESSAGE);
  console.warn(`skipped: ${MESSAGE}`);
  return false;
}

/** PostgreSQL refuses to be run by root. */
export function userOfServer(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** An empty folder that is the server's. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-postgres-'));
  const { uid, gid } = userOfServer();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** A PostgreSQL of its own on a port of the loopback, in a folder that goes with it. */
export class PostgresServer {
  readonly port: number;
  readonly #bin: string;
  readonly #folder: string;
  readonly #settings: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(bin: string, folder: string, port: number, settings: readonly string[]) {
    this.#bin = bin;
    this.#folder = folder;
    this.port = port;
    this.#settings = settings;
  }

  /**
   * @param settings such as `max_connections=20`; syncing to disk is off, unless they say otherwise
   * @param files texts by name, to be put into its folder
   */
  static async start(
    settings: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ): Promise<PostgresServer> {
    const bin = binaries();
    if (bin === null) throw new Error(MESSAGE);
    const folder = ownFolder();
    const user = userOfServer();
    const options = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'];
    execFileSync(join(bin, 'initdb'), options, { ...user, stdio: 'ignore', cwd: folder });
    for (const [name, text] of Object.entries(files)) {
      const file = join(folder, 'data', name);
      writeFileSync(file, text, { mode: 0o600 });
      if (user.uid !== undefined && user.gid !== undefined) chownSync(file, user.uid, user.gid);
    }
    const server = new PostgresServer(bin, folder, await freePort(), settings);
    removeWithThisProcess(bin, folder);
    await server.up();
    return server;
  }

  /**
   * A standby that follows this one, and without which nothing is committed from now on. It takes no writes before
   * {@link promote}.
   */
  async synchronousStandby(): Promise<PostgresServer> {
    const folder = ownFolder();
    const from = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postgres'];
    const copy = ['-D', join(folder, 'data'), ...from, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync'];
    execFileSync(join(this.#bin, 'pg_basebackup'), copy, { ...userOfServer(), stdio: 'ignore', cwd: folder });
    const primary = `primary_conninfo=host=127.0.0.1 port=${this.port} user=postgres application_name=standby`;
    const standby = new PostgresServer(this.#bin, folder, await freePort(), [...this.#settings, primary]);
    removeWithThisProcess(this.#bin, folder);
    await standby.up();
    await this.sql(`alter system set synchronous_standby_names = 'standby'`);
    await this.sql('select pg_reload_conf()');
    return standby;
  }

  /** This standby takes writes from now on, whatever became of the one that it followed. */
  async promote(): Promise<void> {
    await this.sql('select pg_promote()');
  }

  /** Starts it, again after {@link down}; resolves once it answers. */
  async up(): Promise<void> {
    const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...this.#settings];
    const data = join(this.#folder, 'data');
    this.#child = spawn(
      join(this.#bin, 'postgres'),
      ['-D', data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...userOfServer(), stdio: 'ignore', cwd: this.#folder },
    );
    await answering(this.port, this.#child);
  }

  /** Ends it: SIGINT cuts all connections off, SIGQUIT is like a crash. */
  async down(signal: 'SIGINT' | 'SIGQUIT' = 'SIGQUIT'): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    // After a crash it stays, and its number may be that of another process soon.
    rmSync(join(this.#folder, 'data', 'postmaster.pid'), { force: true });
  }

  /** Runs statements as the superuser; resolves with the rows of the last one. */
  async sql(text: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(`postgres://postgres@127.0.0.1:${this.port}/${database}`);
    await client.connect();
    try {
      const result = (await client.query(text)) as pg.QueryResult | pg.QueryResult[];
      return (Array.isArray(result) ? result.at(-1) : result)?.rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }

  /** Makes an empty database, and resolves with its URL. */
  async database(): Promise<string> {
    databases += 1;
    const name = `test_${databases}`;
    await this.sql(`create database ${name}`);
    return this.url(name);
  }

  url(database: string, port = this.port): string {
    return `postgres://postgres@127.0.0.1:${port}/${database}`;
  }
}

/** Resolves once a database can be reached at this port of the loopback, through what `child` runs. */
export async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries <= 600 && child.exitCode === null; tries += 1) {
    const client = new pg.Client(`postgres://postgres@127.0.0.1:${port}/postgres`);
    const answered = await client.connect().then(
      () => client.query('select').then(() => true),
      () => false,
    );
    await client.end().catch(() => undefined);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the PostgreSQL for tests does not start');
}

/** Ends the server and removes its folder when this process is gone, even by SIGKILL: its end of the pipe closes then. */
function removeWithThisProcess(bin: string, folder: string): void {
  const script = 'cat; "$0/pg_ctl" -D "$1/data" -m immediate stop; rm -rf "$1"';
  const guard = spawn('sh', ['-c', script, bin, folder], {
    ...userOfServer(),
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
}

let databases = 0;
let shared: Promise<PostgresServer> | null = null;

/** One that all tests of this process share; it ends with the process. */
export function sharedPostgres(): Promise<PostgresServer> {
  return (shared ??= PostgresServer.start());
}

/** Ports from here on are taken by no connection: systems give those above 32767, or above 49151, to connections. */
const FIRST_PORT = 26_000;
const PORTS = 6_000;

/** A port that nobody listens on. A program may listen on it much later: no connection takes it until then. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
