import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Dispatcher } from 'undici';
import { builtInGateway } from '../src/config/gateways/built-in.ts';
import { loadConfig } from '../src/config/load.ts';
import { startDaemon, type Daemon } from '../src/daemon.ts';
import { compileRequests } from '../src/gateway/wire/gateway-requests.ts';
import { systemClock, type Clock } from '../src/time/clock.ts';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';

const USERNAME = 'bench';
export const TOKEN = 'bench-token';

export interface SimulatorProcess {
  readonly url: string;
  stop(): void;
}

/** The simulated SmileAPI in a process of its own, so that it does not share a thread with what is measured. */
export async function startSimulatorProcess(instances: number): Promise<SimulatorProcess> {
  const args = ['dist/main.js', 'simulator', '--instances', String(instances)];
  const child = spawn(process.execPath, [...args, '--username', USERNAME, '--token', TOKEN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.on('exit', () => child.kill('SIGTERM'));
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string };
    return { url, stop: () => child.kill('SIGTERM') };
  }
  throw new Error('the simulator ended before it reported its address');
}

export interface FleetShape {
  readonly instances: number;
  readonly every: string;
  readonly concurrency: number;
  /** Anything else of an account, such as `probe` or more limits. */
  readonly account?: Readonly<Record<string, unknown>>;
  /** Limits besides those of the probes. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Default: nothing is held, and nothing survives. */
  readonly guard?: Readonly<Record<string, unknown>>;
  readonly statePath?: string;
  /** Descriptions of gateways. */
  readonly gateways?: Readonly<Record<string, unknown>>;
  /** Who may use its API; default: everybody may read. */
  readonly api?: Readonly<Record<string, string>>;
  /** Default: that of the system. */
  readonly clock?: Clock;
}

/** The names of that many instances, which are their numbers. */
export function benchNames(instances: number): readonly string[] {
  return Array.from({ length: instances }, (_, index) => phoneNumberIdAt(index));
}

/** The probes of that many instances as the daemon sends them, for yardsticks, which are to send nothing less. */
export function probeRequests(instances: number): readonly Dispatcher.RequestOptions[] {
  const profile = builtInGateway('smileapi')?.profile;
  if (profile === undefined) throw new Error('there is no built-in gateway smileapi');
  const values = { username: USERNAME, token: TOKEN };
  const account = { profile, baseUrl: 'http://127.0.0.1', values, healthPath: null, headers: {} };
  const { probe } = compileRequests(account, null);
  return benchNames(instances).map((phoneNumberId) => probe({ phoneNumberId }));
}

/** The whole daemon over a fleet of the simulator's. */
export async function startBenchDaemon(url: string, shape: FleetShape): Promise<Daemon> {
  const { instances, every, concurrency } = shape;
  const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-bench-'));
  const file = join(folder, 'config.yaml');
  const limits = { requestsPerSecond: 100_000, concurrency, ...shape.limits };
  const config = {
    listen: '127.0.0.1:0',
    state: { path: shape.statePath ?? ':memory:' },
    api: shape.api ?? {},
    guard: { startup: '0s', ...shape.guard },
    accounts: { bench: { baseUrl: url, username: USERNAME, token: TOKEN, limits, ...shape.account } },
    gateways: shape.gateways ?? {},
    defaults: { probe: { every } },
    instances: benchNames(instances).map((phoneNumberId) => ({ account: 'bench', phoneNumberId, name: phoneNumberId })),
  };
  await writeFile(file, JSON.stringify(config));
  const loaded = await loadConfig(file, {});
  await rm(folder, { recursive: true });
  return await startDaemon({
    config: loaded,
    clock: shape.clock ?? systemClock(),
    version: 'bench',
    logTo: { write: () => undefined },
  });
}
