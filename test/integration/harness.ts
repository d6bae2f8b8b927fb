import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { FleetEvent } from '../../src/core/event.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startDaemon, type Daemon } from '../../src/daemon.ts';
import { systemClock, type Clock } from '../../src/time/clock.ts';
import type { Behaviour, Preset } from '../../src/simulator/instance/behaviour.ts';
import { Dialect } from '../../src/simulator/dialect.ts';
import type { RequestKind, SimulatorOptions } from '../../src/simulator/simulator.ts';
import { startSimulator, type Simulator } from '../../src/simulator/smileapi-server.ts';
import { builtIn } from '../gateway/answers.ts';
import { parseExposition } from '../http/parse-exposition.ts';
import { areStatesInDatabase, emptyState } from '../postgres/states.ts';
import { PacedClock, pacedClock, quickClock } from '../simulator/paced-clock.ts';
import { Lookout } from './lookout.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export const TOKEN = 's3cret-t0ken-that-must-never-be-seen';

/** A simulated SmileAPI that ends with the test. Instances are named by what they are. */
export async function simulate(
  instances: Record<string, Preset | Behaviour>,
  more: Partial<SimulatorOptions> = {},
): Promise<Simulator> {
  const simulator = await startSimulator({ clock: systemClock(), username: 'acme', token: TOKEN, instances, ...more });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The same of another kind of gateway, with connected instances. */
export function simulateGateway(kind: string, ids: readonly string[], webhook?: string): Promise<Simulator> {
  const dialect = new Dialect(builtIn(kind), TOKEN);
  const instances = Object.fromEntries(ids.map((id) => [id, 'connected'] as const));
  return simulate(instances, { username: null, token: null, dialect, webhook });
}

/** Its restart has it logged out. */
export const HARMED: Behaviour = {
  probe: 'disconnected',
  onRestart: [{ answers: 'accepted', effect: { after: 0, becomes: 'qr' } }],
};

/**
 * An outage is seen within a fraction of a second, a cooldown passes within seconds; but a probe has a whole second
 * for its answer, so that a busy machine fails no test.
 */
export const FAST = {
  probe: { every: '1s', retryEvery: '50ms', recoverEvery: '50ms', timeout: '1s', connectingGrace: '100ms' },
  restart: {
    grace: '2s',
    cooldown: '500ms',
    backoff: { factor: 2, max: '60s', jitter: 0 },
    stableFor: '10m',
    budget: { restarts: 3, per: '1h' },
    timeout: '2s',
    retries: 0,
  },
};

/** A cooldown that no test outlasts. */
export const LONG_COOLDOWN = {
  ...FAST,
  restart: {
    ...FAST.restart,
    cooldown: '1h',
    backoff: { ...FAST.restart.backoff, max: '1h' },
    budget: { restarts: 3, per: '24h' },
  },
};

export interface Overrides {
  /** `state.path`; without it the state is where {@link emptyState} says. */
  readonly state?: string;
  readonly token?: string;
  readonly account?: object;
  readonly defaults?: object;
  readonly top?: object;
}

/** Writes a config for the simulator's instances into a folder that goes with the test. */
export function writeConfig(simulator: Pick<Simulator, 'url' | 'phoneNumberIds'>, overrides: Overrides = {}): string {
  const config = {
    listen: '127.0.0.1:0',
    ...(overrides.state === undefined ? emptyState() : { state: { path: overrides.state } }),
    accounts: {
      acme: {
        baseUrl: simulator.url,
        username: 'acme',
        token: overrides.token ?? '${TOKEN}',
        limits: { requestsPerSecond: 1000, restartsPerMinute: 1000, concurrentRestarts: 100 },
        ...overrides.account,
      },
    },
    guard: { startup: '0s', maxUnhealthy: '100%' },
    defaults: overrides.defaults ?? FAST,
    instances: simulator.phoneNumberIds().map((phoneNumberId) => ({ account: 'acme', phoneNumberId })),
    ...overrides.top,
  };
  const file = join(temporaryFolder(), 'config.yaml');
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

export interface RunningDaemon extends Daemon {
  /** All log lines so far, as one text. */
  log(): string;
  /** Resolves with the first log line, past or future, that has all these texts in it. */
  line(...texts: string[]): Promise<string>;
  /** Resolves with the first event, past or future, that is what is wanted. */
  seen(wanted: (event: FleetEvent) => boolean): Promise<FleetEvent>;
  /** The same, of events to come. */
  next(wanted: (event: FleetEvent) => boolean): Promise<FleetEvent>;
  phase(name: string, phase: string): Promise<FleetEvent>;
  /** Resolves when probes have ended with this cause so many more times, of one instance or of all. */
  probed(cause: string, times: number, name?: string): Promise<FleetEvent>;
  api(path: string): Promise<unknown>;
}

/** The whole daemon, in this process, ended with the test; the time goes no faster for it than this process does. */
export async function runDaemon(
  file: string,
  env: Record<string, string> = { TOKEN },
  clock: Clock = pacedClock(),
): Promise<RunningDaemon> {
  const log = watchedLines();
  const daemon = await startDaemon({
    config: await loadConfig(file, env),
    load: () => loadConfig(file, env),
    clock,
    version: 'test',
    logTo: { write: log.add },
  });
  const stop = (): Promise<void> => {
    if (clock instanceof PacedClock) clock.calm();
    return daemon.stop();
  };
  onTestFinished(stop);
  const past: FleetEvent[] = [];
  daemon.events.subscribe((event) => past.push(event));
  const next = (wanted: (event: FleetEvent) => boolean): Promise<FleetEvent> =>
    new Promise((resolve) => {
      const unsubscribe = daemon.events.subscribe((event) => {
        if (!wanted(event)) return;
        unsubscribe();
        resolve(event);
      });
    });
  const seen = (wanted: (event: FleetEvent) => boolean): Promise<FleetEvent> => {
    const found = past.find(wanted);
    return found === undefined ? next(wanted) : Promise.resolve(found);
  };
  const probed = (cause: string, times: number, name?: string): Promise<FleetEvent> => {
    let left = times;
    const counts = (event: FleetEvent): boolean =>
      event.type === 'probe_finished' && event.cause === cause && event.name === (name ?? event.name);
    return next((event) => counts(event) && (left -= 1) === 0);
  };
  return {
    ...daemon,
    stop,
    log: log.text,
    line: log.line,
    next,
    seen,
    probed,
    phase: (name, phase) =>
      seen((event) => event.type === 'phase_changed' && event.name === name && event.to === phase),
    api: async (path) => (await fetch(`${daemon.url}${path}`)).json(),
  };
}

/** The same with {@link quickClock}, where all that it talks to is in this process as well. A database is not, and has its real time. */
export function runQuickly(file: string): Promise<RunningDaemon> {
  return runDaemon(file, { TOKEN }, areStatesInDatabase() ? pacedClock() : quickClock());
}

/** Lines as they come, which can be waited for. */
function watchedLines() {
  const lines: string[] = [];
  const lookout = new Lookout();
  return {
    add: (line: string): void => {
      lines.push(line.trimEnd());
      lookout.look();
    },
    text: () => lines.join('\n'),
    line: (...texts: string[]): Promise<string> =>
      lookout.until(() => lines.find((line) => texts.every((text) => line.includes(text)))),
  };
}

type Instances = Parameters<typeof simulate>[0];

/** The whole daemon over simulated instances. */
export async function watchOver(
  instances: Instances,
  overrides?: Overrides,
  run: (file: string) => Promise<RunningDaemon> = runDaemon,
): Promise<{ simulator: Simulator; file: string; daemon: RunningDaemon }> {
  const simulator = await simulate(instances);
  const file = writeConfig(simulator, overrides);
  return { simulator, file, daemon: await run(file) };
}

/** See {@link runQuickly}. */
export const watchQuickly = (instances: Instances, overrides?: Overrides): ReturnType<typeof watchOver> =>
  watchOver(instances, overrides, runQuickly);

/** The same as a process of its own. */
export async function watchOverByProcess(
  instances: Instances,
  overrides?: Overrides,
  env?: Record<string, string>,
): Promise<{ simulator: Simulator; file: string; daemon: RunningProcess }> {
  const simulator = await simulate(instances);
  const file = writeConfig(simulator, overrides);
  return { simulator, file, daemon: runProcess(['run', '-c', file], env) };
}

/** Looks again with each event of these. */
export async function until(daemons: readonly RunningDaemon[], look: () => boolean): Promise<void> {
  while (!look()) await Promise.race(daemons.map((daemon) => daemon.next(() => true)));
}

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with the first line of output, past or future, that has all these texts in it; rejects if it ends without. */
  line(...texts: string[]): Promise<string>;
  exit: Promise<number | null>;
  /** Sends the signal, by default SIGTERM; resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Compiled before the tests, because starting from source takes several times as long. */
export const PROGRAM = join(import.meta.dirname, '../../dist/main.js');

/** The command as a process of its own, killed with the test if it still runs. */
export function runProcess(args: readonly string[], env: Record<string, string> = {}): RunningProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { add, text: output, line: found } = watchedLines();
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', add);
  const exit = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const end = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    return exit;
  };
  const line = (...texts: string[]): Promise<string> => {
    const ended = exit.then((code) => Promise.reject(new Error(`it ended with ${String(code)}:\n${output()}`)));
    return Promise.race([found(...texts), ended]);
  };
  return { child, output, line, exit, end };
}

/** Which requests are meant; by default all. */
interface Wanted {
  readonly kind?: RequestKind;
  readonly id?: string;
}

/** Resolves when the `nth` such request from now arrives; calls `arrived` at once then, before it is answered. */
export function arrival(
  simulator: Simulator,
  nth: number,
  { kind, id }: Wanted = {},
  arrived: () => void = () => undefined,
): Promise<void> {
  return new Promise((resolve) => {
    let left = nth;
    const unsubscribe = simulator.onRequest((request) => {
      if ((kind ?? request.kind) !== request.kind || (id ?? request.phoneNumberId) !== request.phoneNumberId) return;
      left -= 1;
      if (left > 0) return;
      unsubscribe();
      arrived();
      resolve();
    });
  });
}

/** The value of the first sample of a metric. */
export async function metric(daemon: RunningDaemon, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  return parseExposition(text).find((sample) => sample.name === name)?.value;
}

/** The names of all instances that it watches. */
export function namesIn(daemon: RunningDaemon): string[] {
  return [...daemon.watchdog.fleet.instances.keys()];
}
