import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PHASES } from '../src/core/instance/instance.ts';
import { StatusView } from '../src/http/views/schemas.ts';
import { decode } from '../src/store/record.ts';
import type { PostgresServer } from '../test/postgres/server.ts';
import { whenDone } from './cleanup.ts';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { wait } from './measure.ts';
import { usageOf } from './process-usage.ts';
import { benchNames, TOKEN } from './subjects.ts';

export interface ClusterShape {
  readonly replicas: number;
  readonly instances: number;
  readonly accounts: number;
}

/** Restarts of the storm, of all replicas together. */
const LIMITS = { restartsPerMinute: 600, concurrentRestarts: 20 };

interface Replica {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
}

/** Replicas as processes over one database and one gateway. */
class Replicas {
  readonly all: Replica[] = [];
  readonly gateway: GatewayProcess;
  readonly databaseName: string;
  private readonly shape: ClusterShape;
  private readonly server: PostgresServer;
  private readonly folder: string;
  private readonly file: string;
  private started = 0;

  static async start(server: PostgresServer, shape: ClusterShape, every: number): Promise<Replicas> {
    const [gateway, folder, url] = [
      await startGatewayProcess(),
      await mkdtemp(join(tmpdir(), 'smileapi-watchdog-cluster-')),
      await server.database(),
    ];
    const replicas = new Replicas({ server, shape, gateway, folder, url });
    await replicas.configure(url, every);
    for (let index = 0; index < shape.replicas; index += 1) await replicas.add();
    await replicas.settled();
    return replicas;
  }

  private constructor(parts: {
    readonly server: PostgresServer;
    readonly shape: ClusterShape;
    readonly gateway: GatewayProcess;
    readonly folder: string;
    readonly url: string;
  }) {
    this.server = parts.server;
    this.shape = parts.shape;
    this.gateway = parts.gateway;
    this.folder = parts.folder;
    this.file = join(parts.folder, 'config.json');
    this.databaseName = new URL(parts.url).pathname.slice(1);
  }

  async add(): Promise<void> {
    this.started += 1;
    const name = `r${this.started}`;
    const child = fork('dist/main.js', ['run', '-c', this.file], {
      // The flags of this process, which are those of the image.
      execArgv: process.execArgv,
      env: { ...process.env, REPLICA: name },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    whenDone(() => child.kill('SIGKILL'));
    if (child.stdout === null) throw new Error('the output of the replica is not read');
    for await (const line of createInterface({ input: child.stdout })) {
      const { event, url } = JSON.parse(line) as { event?: string; url?: string };
      if (event !== 'started' || url === undefined) continue;
      this.all.push({ name, url, child });
      break;
    }
    if (this.all.at(-1)?.name !== name) throw new Error(`${name} ended before it listened`);
    // Its log is not read on, and must not fill the pipe.
    child.stdout.resume();
  }

  /** Who owns each account. */
  async owners(): Promise<ReadonlyMap<string, string | null>> {
    const rows = await this.server.sql('select account, owner from watchdog.lease', this.databaseName);
    return new Map(rows.map(({ account, owner }) => [String(account), typeof owner === 'string' ? owner : null]));
  }

  /** Every replica has its share, and every instance has been probed. */
  async settled(): Promise<void> {
    const fair = Math.floor(this.shape.accounts / this.all.length);
    for (;;) {
      const owners = [...(await this.owners()).values()];
      const isOfOne = ({ name }: Replica): boolean =>
        owners.filter((owner) => owner?.startsWith(`${name} `)).length >= fair;
      const { byPhase } = await this.status();
      if (this.all.every(isOfOne) && byPhase['healthy'] === this.shape.instances) return;
      await wait(500);
    }
  }

  /** The status of the whole fleet, added up. */
  async status(): Promise<{ readonly byPhase: Readonly<Record<string, number>>; readonly unsaved: number }> {
    const parts = await Promise.all(
      this.all.map(async ({ url }) => StatusView.parse(await (await fetch(`${url}/api/v1/status`)).json())),
    );
    const byPhase = PHASES.map((phase) => [phase, parts.reduce((sum, each) => sum + each.instances.byPhase[phase], 0)]);
    return {
      byPhase: Object.fromEntries(byPhase) as Record<string, number>,
      unsaved: parts.reduce((sum, each) => sum + each.unsaved, 0),
    };
  }

  /** Statements that the database has carried out, each a transaction of its own. */
  async statements(): Promise<number> {
    // Servers report what they did once in a while, and when they end; this one ends at once.
    const [row] = await this.server.sql(
      `select xact_commit + xact_rollback as count from pg_stat_database where datname = '${this.databaseName}'`,
    );
    return Number(row?.['count']);
  }

  /** When each restart was decided, as it is stored, in order. */
  async decisions(): Promise<readonly number[]> {
    const rows = await this.server.sql(
      `select record from watchdog.state where record not like '%"history":[]%'`,
      this.databaseName,
    );
    return rows
      .flatMap(({ record }) => decode(String(record)).state.history.map(({ at }) => at))
      .toSorted((one, other) => one - other);
  }

  async kill(name: string): Promise<void> {
    const index = this.all.findIndex((each) => each.name === name);
    const [replica] = this.all.splice(index, 1);
    const ended = new Promise((resolve) => replica?.child.once('exit', resolve));
    replica?.child.kill('SIGKILL');
    await ended;
  }

  get usage(): ReturnType<typeof usageOf> {
    return usageOf(this.all.flatMap(({ child: { pid } }) => pid ?? []));
  }

  async stop(): Promise<void> {
    for (const { name } of [...this.all]) await this.kill(name);
    this.gateway.stop();
    await rm(this.folder, { recursive: true });
  }

  private async configure(url: string, every: number): Promise<void> {
    const { accounts, instances } = this.shape;
    const limits = { requestsPerSecond: 100_000, concurrency: 50, ...LIMITS };
    const account = { baseUrl: this.gateway.url, username: 'bench', token: TOKEN, limits };
    const config = {
      listen: '127.0.0.1:0',
      state: { url },
      cluster: { replica: '${REPLICA}' },
      // Only the limits hold restarts, which is the most work possible.
      guard: { startup: '0s', maxUnhealthy: '100%', stormCooldown: '1s', perGateway: LIMITS },
      defaults: { probe: { every: `${every}s`, failureThreshold: 1, retryEvery: `${every}s`, recoverEvery: '1s' } },
      accounts: Object.fromEntries(Array.from({ length: accounts }, (_, index) => [`a${index}`, account])),
      instances: benchNames(instances).map((phoneNumberId, index) => ({
        account: `a${index % accounts}`,
        phoneNumberId,
      })),
    };
    await writeFile(this.file, JSON.stringify(config));
  }
}

/** What a healthy fleet costs the database: statements per second, of all replicas and of each. */
export async function statementsOf(
  server: PostgresServer,
  shape: ClusterShape,
  seconds: number,
): Promise<{ readonly statements: number; readonly each: number }> {
  const replicas = await Replicas.start(server, shape, 10);
  await wait(20_000);
  const [before, at] = [await replicas.statements(), performance.now()];
  await wait(seconds * 1_000);
  const statements = ((await replicas.statements()) - before) / ((performance.now() - at) / 1_000);
  await replicas.stop();
  return { statements, each: statements / shape.replicas };
}

/** Kills one of three replicas again and again, with another one in its place each time: how long each account had no owner. */
export async function takeoversOf(server: PostgresServer, kills: number): Promise<readonly number[]> {
  const replicas = await Replicas.start(server, { replicas: 3, instances: 300, accounts: 30 }, 10);
  const times: number[] = [];
  for (let killed = 0; killed < kills; killed += 1) {
    const name = replicas.all[0]?.name ?? '';
    const owners = await replicas.owners();
    const waiting = new Map([...owners].filter(([, owner]) => owner?.startsWith(`${name} `)));
    const at = performance.now();
    await replicas.kill(name);
    while (waiting.size > 0) {
      for (const [account, owner] of await replicas.owners()) {
        if (waiting.has(account) && owner !== waiting.get(account)) {
          times.push(performance.now() - at);
          waiting.delete(account);
        }
      }
      await wait(20);
    }
    await replicas.add();
    await replicas.settled();
  }
  await replicas.stop();
  return times;
}

/** Every instance of the fleet is disconnected at one moment. */
export async function stormOf(server: PostgresServer, shape: ClusterShape, every: number): Promise<string[][]> {
  const replicas = await Replicas.start(server, shape, every);
  await wait(every * 1_200);
  const { gateway } = replicas;
  const revisions = async (): Promise<number> =>
    Number((await server.sql('select sum(revision) as sum from watchdog.state', replicas.databaseName))[0]?.['sum']);
  const [before, savedBefore, cpuBefore] = [await gateway.send({ type: 'look' }), await revisions(), replicas.usage];
  const startedAt = performance.now();
  await gateway.send({ type: 'become', what: 'sick', ids: 'all' });
  let [foundAfter, left, unsaved] = [Number.NaN, shape.instances, 0];
  while (performance.now() - startedAt < every * 2_000 + 60_000) {
    const { byPhase, unsaved: notSaved } = await replicas.status();
    unsaved = Math.max(unsaved, notSaved);
    // Those that are well again were restarted, so they had been found.
    const restarted = (await gateway.send({ type: 'look' })).restarts.length - before.restarts.length;
    left = Math.max(0, (byPhase['healthy'] ?? 0) - restarted);
    if (left === 0) {
      foundAfter = (performance.now() - startedAt) / 1_000;
      break;
    }
    await wait(500);
  }
  const saved = (await revisions()) - savedBefore;
  const used = replicas.usage;
  await wait(60_000);
  const seen = await gateway.send({ type: 'look' });
  const times = seen.restarts.slice(before.restarts.length).toSorted((one, other) => one - other);
  const decided = await replicas.decisions();
  await replicas.stop();
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
  return [
    ['found to be down', `${shape.instances - left} of ${shape.instances}, the last after ${foundAfter.toFixed(1)} s`],
    [
      'states saved until then',
      `${saved.toLocaleString('en')}, ${Math.round(saved / foundAfter).toLocaleString('en')} per second`,
    ],
    ['not saved at any look', String(unsaved)],
    ['CPU of all replicas', `${((used.cpu - cpuBefore.cpu) / 1e6).toFixed(1)} s`],
    ['memory of all replicas', gib(used.rss)],
    ['restart calls', String(times.length)],
    ['most decided within a minute', `${mostWithin(decided, 60_000)} of ${LIMITS.restartsPerMinute} allowed`],
    ['most that arrived within a minute', String(mostWithin(times, 60_000))],
    ['most at once', `${seen.mostRestartsAtOnce} of ${LIMITS.concurrentRestarts} allowed`],
  ];
}

/** @param times in order */
function mostWithin(times: readonly number[], span: number): number {
  let [most, first] = [0, 0];
  times.forEach((at, index) => {
    while ((times[first] ?? at) <= at - span) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
