import { onTestFinished } from 'vitest';
import { phoneNumberIdAt } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import { freePort, PostgresServer } from '../postgres/server.ts';
import { tcpProxy, type TcpProxy } from '../postgres/tcp-proxy.ts';
import { FAST, runProcess, simulate, writeConfig, type RunningProcess } from './harness.ts';

/** Of one replica, which may have all accounts. */
const MOST_CONNECTIONS = 1_500;

export const API_TOKEN = 'token-of-the-api';

/** An instance that was not probed for `gap` milliseconds, or an account of which none was. */
export interface Unwatched {
  readonly name: string;
  readonly from: number;
  readonly gap: number;
}

const NOBODY: Unwatched = { name: '', from: 0, gap: 0 };

/** What the gateway itself has seen: the only witness that no replica can mislead. */
export class Books {
  readonly restarts = new Map<string, number[]>();
  private readonly probed = new Map<string, number>();
  private worst = NOBODY;
  /** The accounts as numbers: of each instance, and when any instance of each was probed. */
  private readonly accounts: ReadonlyMap<string, number>;
  private readonly watchedAt: number[];
  private worstAccount = NOBODY;

  /** @param each instances of each account, which follow each other */
  constructor(simulator: Simulator, ids: readonly string[], each: number) {
    for (const id of ids) this.probed.set(id, Date.now());
    this.accounts = new Map(ids.map((id, index) => [id, Math.floor(index / each)]));
    this.watchedAt = Array.from({ length: Math.ceil(ids.length / each) }, () => Date.now());
    const unsubscribe = simulator.onRequest(({ kind, phoneNumberId: id }) => {
      if (id === null) return;
      const now = Date.now();
      if (kind === 'restart') this.restarts.set(id, [...(this.restarts.get(id) ?? []), now]);
      if (kind === 'probe') this.seen(id, now);
    });
    onTestFinished(unsubscribe);
  }

  /** The instance that was not probed for longest, and for how long, since the last call. */
  longestGap(): Unwatched {
    for (const id of this.probed.keys()) this.note(id, Date.now());
    const { worst } = this;
    this.worst = NOBODY;
    return worst;
  }

  /** The account of which no instance was probed for longest, and for how long, since the last call. */
  longestUnwatched(): Unwatched {
    for (const account of this.watchedAt.keys()) this.noteAccount(account, Date.now());
    const worst = this.worstAccount;
    this.worstAccount = NOBODY;
    return worst;
  }

  /** Resolves once an instance of every one of these accounts has been probed from now on. */
  async allWatched(accounts: readonly string[], within: number): Promise<number> {
    const from = Date.now();
    const places = accounts.map((account) => Number(account.slice(1)));
    return await this.none(within, () => places.filter((place) => (this.watchedAt[place] ?? 0) < from));
  }

  /** Pairs of restarts of one instance that are closer than a cooldown, as words. */
  tooClose(cooldown: number): string[] {
    return [...this.restarts].flatMap(([id, times]) =>
      times.flatMap((at, index) => {
        const before = times[index - 1];
        return before !== undefined && at - before < cooldown ? [`${id} after ${at - before} ms`] : [];
      }),
    );
  }

  /** Most restarts that began within any span of milliseconds. */
  mostWithin(span: number): number {
    const all = [...this.restarts.values()].flat().toSorted((one, other) => one - other);
    return Math.max(0, ...all.map((at, index) => all.slice(index).filter((other) => other < at + span).length));
  }

  /** Resolves once every one of these has been probed from now on. */
  async allProbed(ids: readonly string[], within: number): Promise<number> {
    const from = Date.now();
    return await this.none(within, () => ids.filter((id) => (this.probed.get(id) ?? 0) < from));
  }

  private async none(within: number, missing: () => readonly unknown[]): Promise<number> {
    for (const from = Date.now(); ;) {
      const { length } = missing();
      if (length === 0) return Date.now() - from;
      if (Date.now() - from > within) throw new Error(`${length} were not probed in ${within} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private seen(id: string, now: number): void {
    this.note(id, now);
    this.probed.set(id, now);
    const account = this.accounts.get(id) ?? 0;
    this.noteAccount(account, now);
    this.watchedAt[account] = now;
  }

  private noteAccount(account: number, now: number): void {
    const from = this.watchedAt[account] ?? now;
    if (now - from > this.worstAccount.gap) this.worstAccount = { name: `a${account}`, from, gap: now - from };
  }

  private note(id: string, now: number): void {
    const from = this.probed.get(id) ?? now;
    if (now - from > this.worst.gap) this.worst = { name: id, from, gap: now - from };
  }
}

export interface Member {
  readonly name: string;
  readonly process: RunningProcess;
  readonly url: string;
  readonly proxy: TcpProxy;
}

export interface ClusterOptions {
  readonly accounts: number;
  /** Instances of each account. */
  readonly each: number;
  readonly every: string;
  readonly leaseFor: string;
  readonly cooldown: string;
  /** Of each account; by default so many that nothing waits. */
  readonly requestsPerSecond?: number;
  readonly top?: object;
  /** The database has a synchronous standby, and replicas know both. */
  readonly hasStandby?: boolean;
}

/** Replicas as processes of their own, each with its own way to one database, over one simulated gateway. */
export class Cluster {
  readonly simulator: Simulator;
  readonly database: PostgresServer;
  readonly standby: PostgresServer | null;
  readonly books: Books;
  readonly ids: readonly string[];
  private readonly file: string;
  private readonly options: ClusterOptions;
  private started = 0;

  static async open(options: ClusterOptions): Promise<Cluster> {
    const ids = Array.from({ length: options.accounts * options.each }, (_, index) => phoneNumberIdAt(index));
    const simulator = await simulate(Object.fromEntries(ids.map((id) => [id, 'connected'])));
    const database = await PostgresServer.start();
    onTestFinished(() => database.down());
    const standby = options.hasStandby === true ? await database.synchronousStandby() : null;
    onTestFinished(() => standby?.down());
    return new Cluster(options, { simulator, database, standby, ids });
  }

  private constructor(
    options: ClusterOptions,
    { simulator, database, standby, ids }: Pick<Cluster, 'simulator' | 'database' | 'standby' | 'ids'>,
  ) {
    this.options = options;
    this.simulator = simulator;
    this.database = database;
    this.standby = standby;
    this.ids = ids;
    this.books = new Books(simulator, ids, options.each);
    this.file = this.configFile();
  }

  idsOf(accounts: readonly string[]): readonly string[] {
    const wanted = new Set(accounts);
    return this.ids.filter((_, index) => wanted.has(`a${Math.floor(index / this.options.each)}`));
  }

  async start(): Promise<Member> {
    this.started += 1;
    const name = `r${this.started}`;
    const proxy = await tcpProxy(this.database.port);
    const port = String(await freePort());
    const env = { DATABASE_URL: this.url(proxy), REPLICA: name, PORT: port };
    const process = runProcess(['run', '-c', this.file], env);
    const line = await Promise.race([process.line('"event":"started"'), process.exit]);
    if (typeof line !== 'string') throw new Error(`${name} did not start: ${process.output()}`);
    const { url } = JSON.parse(line) as { url: string };
    return { name, process, url, proxy };
  }

  /** The accounts that a replica owns, as its metrics say. */
  async owned({ url }: Member): Promise<readonly string[]> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [...text.matchAll(/^watchdog_account_owner\{account="([^"]+)"\} 1$/gm)].map(([, account]) => account ?? '');
  }

  /** What a replica was the last one to save: keys with revisions. */
  async savedBy({ name }: Member): Promise<readonly string[]> {
    const rows = await this.database.sql(`select key, revision from watchdog.state where writer like '${name} %'`);
    return rows.map(({ key, revision }) => `${String(key)} ${String(revision)}`);
  }

  /** Resolves when these replicas own all accounts, each its fair share, as even as it gets. */
  async settled(members: readonly Member[], within = 60_000): Promise<void> {
    const fair = this.options.accounts / members.length;
    for (const from = Date.now(); ;) {
      const counts = await Promise.all(members.map(async (member) => (await this.owned(member)).length));
      const total = counts.reduce((sum, count) => sum + count, 0);
      const isEven = counts.every((count) => Math.abs(count - fair) <= Math.max(0.99, fair / 20));
      if (isEven && total === this.options.accounts) return;
      if (Date.now() - from > within) throw new Error(`shares are ${counts.join(', ')} of ${this.options.accounts}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private url(proxy: TcpProxy): string {
    const { database, standby } = this;
    if (standby === null) return database.url('postgres', proxy.port);
    const hosts = [proxy.port, standby.port].map((port) => `127.0.0.1:${port}`).join(',');
    return `postgres://postgres@${hosts}/postgres?target_session_attrs=read-write`;
  }

  private configFile(): string {
    const { accounts, each, every, leaseFor, cooldown, requestsPerSecond = 1000, top = {} } = this.options;
    const names = Array.from({ length: accounts }, (_, index) => `a${index}`);
    // All accounts are of one gateway on this machine: with 50 each, their connections would take most of its ports.
    const concurrency = Math.max(2, Math.min(50, Math.floor(MOST_CONNECTIONS / accounts)));
    const account = {
      ...{ baseUrl: this.simulator.url, username: 'acme', token: '${TOKEN}' },
      limits: { requestsPerSecond, concurrency, restartsPerMinute: 1000, concurrentRestarts: 100 },
    };
    const probe = { ...FAST.probe, every, retryEvery: '500ms', recoverEvery: '500ms', timeout: '2s' };
    const restart = { ...FAST.restart, grace: '2s', cooldown, backoff: { factor: 1, max: cooldown, jitter: 0 } };
    return writeConfig(this.simulator, {
      defaults: { probe, restart: { ...restart, budget: { restarts: 100, per: '1h' } } },
      top: {
        state: { url: '${DATABASE_URL}' },
        listen: '127.0.0.1:${PORT}',
        api: { token: API_TOKEN },
        cluster: {
          ...{ leaseFor, replica: '${REPLICA}', advertise: 'http://127.0.0.1:${PORT}' },
          token: 'token-between-replicas',
        },
        accounts: Object.fromEntries(names.map((name) => [name, account])),
        instances: this.ids.map((phoneNumberId, index) => ({
          account: `a${Math.floor(index / each)}`,
          phoneNumberId,
        })),
        ...top,
      },
    });
  }
}
