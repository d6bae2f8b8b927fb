import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whenDone } from './cleanup.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { WARM_PROBES, wait } from './measure.ts';
import { usageOf } from './process-usage.ts';
import { benchNames, TOKEN } from './subjects.ts';

/** What a process used while it probed at its steady pace. */
export interface Cost {
  /** Probes per second, as the gateway counted them. */
  readonly rate: number;
  /** CPU time of all of the process, in microseconds per second. */
  readonly cpu: number;
  /** Resident bytes. */
  readonly rss: number;
}

export interface DaemonCost extends Cost {
  /** Bytes that live after a forced collection. */
  readonly heap: number;
}

/** A fleet with a longer interval is probed once a second first to warm up, and no longer than this. */
const WARM_SECONDS = 60;
/** Whole rounds for at least this long, so that the collector runs also where probes are few. */
const LEAST_SECONDS = 10;
const CONNECTIONS = 50;

/**
 * The program as users run it, once every instance has been probed.
 *
 * @param state where its state is; default: on disk
 */
export async function costOfDaemon(
  gateway: GatewayProcess,
  instances: number,
  everySeconds: number,
  state: Readonly<Record<string, string>> = { path: './state' },
): Promise<DaemonCost> {
  const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-cost-'));
  const limits = { requestsPerSecond: 100_000, concurrency: CONNECTIONS };
  const config = {
    listen: '127.0.0.1:0',
    state,
    accounts: { bench: { baseUrl: gateway.url, username: 'bench', token: TOKEN, limits } },
    instances: benchNames(instances).map((phoneNumberId) => ({ account: 'bench', phoneNumberId })),
  };
  const file = join(folder, 'config.yaml');
  const write = (every: number): Promise<void> =>
    writeFile(file, JSON.stringify({ ...config, defaults: { probe: { every: `${every}s` } } }));
  const isSlow = (instances / everySeconds) * WARM_SECONDS < WARM_PROBES;
  // A single one is there for the memory of an empty daemon, and would stay cold anyway.
  const warmEvery = isSlow && instances > 1 ? 1 : everySeconds;
  await write(warmEvery);
  const daemon = fork('dist/main.js', ['run', '-c', file], {
    // The flags of this process, which are those of the image.
    execArgv: [...process.execArgv, '--import', join(import.meta.dirname, 'heap-reporter.js')],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  whenDone(() => daemon.kill('SIGKILL'));
  try {
    await askedAll(gateway, instances);
    if (warmEvery !== everySeconds) {
      await wait(Math.min(WARM_SECONDS, WARM_PROBES / instances) * 1_000);
      await write(everySeconds);
      daemon.kill('SIGHUP');
    }
    const cost = await costOf(daemon.pid, gateway, everySeconds);
    const heap = await new Promise<number>((resolve) => {
      daemon.once('message', (bytes) => {
        resolve(Number(bytes));
      });
      daemon.send('heap');
    });
    return { ...cost, heap };
  } finally {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  }
}

/** The same calls at the same pace by the HTTP client alone. */
export async function costOfBareLoop(gateway: GatewayProcess, instances: number, everySeconds: number): Promise<Cost> {
  const args = [gateway.url, CONNECTIONS, everySeconds * 1_000, instances, WARM_PROBES].map(String);
  const loop = fork(join(import.meta.dirname, 'paced-loop.js'), args);
  whenDone(() => loop.kill('SIGKILL'));
  try {
    await askedAll(gateway, instances);
    return await costOf(loop.pid, gateway, everySeconds);
  } finally {
    loop.kill('SIGKILL');
  }
}

/** Every instance has been probed once. */
async function askedAll(gateway: GatewayProcess, instances: number): Promise<void> {
  const first = await gateway.send({ type: 'look' });
  for (let probed = 0; probed < instances; probed = (await gateway.send({ type: 'look' })).probes - first.probes) {
    await wait(500);
  }
}

async function costOf(pid: number | undefined, gateway: GatewayProcess, everySeconds: number): Promise<Cost> {
  if (pid === undefined) throw new Error('the process was not started');
  // The first round is as quick as the limits allow; the next one, in which each finds its place, takes up to two.
  await wait(everySeconds * 2_000);
  const [before, usedBefore] = [await gateway.send({ type: 'look' }), usageOf([pid])];
  await wait(Math.ceil(LEAST_SECONDS / everySeconds) * everySeconds * 1_000);
  const [after, used] = [await gateway.send({ type: 'look' }), usageOf([pid])];
  const seconds = (after.at - before.at) / 1_000;
  return {
    rate: (after.probes - before.probes) / seconds,
    cpu: (used.cpu - usedBefore.cpu) / seconds,
    rss: used.rss,
  };
}
