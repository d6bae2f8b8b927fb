import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Phase } from '../../core/instance/instance.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import { loadConfig } from '../../config/load.ts';
import type { Profile } from '../../gateway/profiles/profile.ts';
import { isFurtherValue, valuesOf } from '../../gateway/profiles/request-values.ts';
import { builtInNamed } from '../gateways.ts';
import { startDaemon, type Daemon } from '../../daemon.ts';
import { sleep } from '../../time/clock.ts';
import { connectedFleet, DEMO_FLEET, playFleetScript } from '../../simulator/fleet-script.ts';
import { Dialect } from '../../simulator/dialect.ts';
import { startSimulator, type Simulator } from '../../simulator/smileapi-server.ts';
import { DEMO_DEFAULTS, DEMO_GUARD } from './pace.ts';
import { DEMO_TOKEN, DemoScreen } from './screen.ts';
import { aborted } from '../run.ts';
import { speechFor, type Speech } from '../speech.ts';
import { renderTable, type ExitCode, type Terminal } from '../terminal.ts';
import { VERSION } from '../../version.ts';

/** After the last step of the script the daemon gets this long to bring the fleet to rest. */
const LONGEST_AFTERMATH: DurationMs = 60 * SECOND;

/** A simulated SmileAPI, a fleet that breaks in different ways, and the real daemon healing it. */
export async function demo(
  options: { port?: number; gateway: string; stories: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { clock, stop } = terminal;
  const { profile } = builtInNamed(options.gateway);
  // SmileAPI has a simulator of its own, which can do more than its description says.
  const dialect = profile.name === 'smileapi' ? null : new Dialect(profile, DEMO_TOKEN);
  const instances = connectedFleet(DEMO_FLEET);
  const simulator = await startSimulator({
    ...{ clock, username: 'demo', token: DEMO_TOKEN, instances },
    dialect: dialect ?? undefined,
  });
  const config = demoConfig(simulator.url, options.port ?? 9847, profile, dialect);
  const daemon = await startDemoDaemon(config, options.port, terminal);
  const speech = speechFor(terminal);
  const gateway = dialect === null ? 'SmileAPI' : profile.name;
  const screen = new DemoScreen({ daemon, simulator, terminal, speech, gateway });
  const startedAt = clock.now();
  daemon.events.subscribe((event) => screen.show(event));
  try {
    screen.open();
    await playFleetScript(DEMO_FLEET, simulator, clock, stop, (step) =>
      screen.storyBegins(step.member.name, step.member.fate),
    );
    await atRest(daemon, terminal);
    screen.close();
    terminal.write(demoSummary(daemon, simulator, { seconds: (clock.now() - startedAt) / SECOND, ...options }, speech));
    if (terminal.interactive && !stop.aborted) {
      terminal.write(`\n${speech.cli.demo.keepsRunning(daemon.url)}\n`);
      await aborted(stop);
    }
    return 0;
  } finally {
    screen.close();
    await daemon.stop();
    await simulator.close();
  }
}

async function startDemoDaemon(demoConfig: object, port: number | undefined, terminal: Terminal): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-demo-'));
  try {
    const file = join(folder, 'config.yaml');
    await writeFile(file, stringify(demoConfig));
    const config = await loadConfig(file, {});
    const start = (chosen: number): Promise<Daemon> =>
      startDaemon({
        config: { ...config, listen: { ...config.listen, port: chosen } },
        clock: terminal.clock,
        version: VERSION,
        // The screen shows what happens; the log would only write across it.
        logTo: { write: () => undefined },
      });
    // The default port was not requested, so it is no reason to fail if it is in use.
    return port === undefined ? await start(9847).catch(() => start(0)) : await start(port);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Everything happens about thirty times as fast as by default. */
function demoConfig(baseUrl: string, port: number, profile: Profile, dialect: Dialect | null): object {
  const { name: gateway } = profile;
  const others = [...valuesOf(profile)].filter(isFurtherValue);
  return {
    listen: `127.0.0.1:${port}`,
    state: { path: ':memory:' },
    api: { token: DEMO_TOKEN },
    guard: DEMO_GUARD,
    accounts: {
      demo: {
        gateway,
        values: Object.fromEntries(others.map((name) => [name, 'demo'])),
        baseUrl,
        username: 'demo',
        token: DEMO_TOKEN,
        limits: { requestsPerSecond: 100, restartsPerMinute: 60, concurrentRestarts: 5 },
      },
    },
    defaults: DEMO_DEFAULTS,
    instances: DEMO_FLEET.map(({ name, phoneNumberId }) => ({
      ...{ account: 'demo', name, phoneNumberId },
      ...(dialect?.hasOwnTokens === true ? { token: dialect.tokenOf(phoneNumberId) } : {}),
    })),
  };
}

/** Waits until no instance is in a phase that is about to end. */
async function atRest(daemon: Daemon, { clock, stop }: Terminal): Promise<void> {
  const until = clock.now() + LONGEST_AFTERMATH;
  const moving: ReadonlySet<string> = new Set(['suspect', 'down', 'restarting', 'recovering']);
  while (!stop.aborted && clock.now() < until) {
    await sleep(clock, SECOND, stop);
    if (![...daemon.watchdog.fleet.instances.values()].some(({ state }) => moving.has(state.phase))) return;
  }
}

/** How the demo ended. */
function demoSummary(
  daemon: Daemon,
  simulator: Simulator,
  { seconds, stories }: { readonly seconds: number; readonly stories: boolean },
  speech: Speech,
): string {
  const ends = DEMO_FLEET.map(({ name, phoneNumberId, fate }): DemoEnd => {
    const { phase = 'unknown', cause = null } = daemon.watchdog.fleet.instances.get(name)?.state ?? {};
    return { name, phase, cause, restarts: simulator.counts(phoneNumberId).restarts, fate };
  });
  const healthy = ends.filter(({ phase }) => phase === 'healthy').length;
  const { restarts, probes } = simulator.requests();
  const { count } = speech;
  const words = speech.cli.demo;
  return (
    `\n${words.after(count(Math.round(seconds)))}\n\n${demoTable(ends, stories, speech)}\n` +
    `${words.healthy(count(healthy), count(ends.length), count(probes), count(restarts))}\n` +
    (stories ? '' : `${words.storiesShow}\n`)
  );
}

/** How the demo ended for one instance. */
export interface DemoEnd {
  readonly name: string;
  readonly phase: Phase;
  readonly cause: Cause | null;
  /** As the gateway counted them. */
  readonly restarts: number;
  /** What was to happen to it. */
  readonly fate: string;
}

/** @param stories what was to happen to each, in place of what is to be done now */
export function demoTable(ends: readonly DemoEnd[], stories: boolean, { cli, count }: Speech): string {
  const { demo, columns, phases } = cli;
  const rows = ends.map((end) => {
    const last = stories ? demo.story(end.name, end.fate) : whatNow(end, demo);
    return [end.name, phases[end.phase], count(end.restarts), last];
  });
  const { restarts, story, now } = demo.columns;
  return renderTable([columns.name, columns.phase, restarts, stories ? story : now], rows);
}

function whatNow({ phase, cause, restarts }: DemoEnd, words: Speech['cli']['demo']): string {
  if (phase === 'needs_human') return words.needsHuman(cause ?? '');
  return phase === 'exhausted' ? words.exhausted(String(restarts)) : '';
}
