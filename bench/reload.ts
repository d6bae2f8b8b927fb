import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { loadInThread } from '../src/config/reload/load-in-background.ts';
import { startDaemon, type Daemon } from '../src/daemon.ts';
import { systemClock } from '../src/time/clock.ts';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';
import { loadingCost } from './loading-cost.ts';
import { median, percentile, wait } from './measure.ts';
import { startSimulatorProcess, TOKEN } from './subjects.ts';

// npm run bench reload: what a large config costs to load, and whether reloading it delays a probe. Windows with and
// without a reload are measured on the same daemon, in turn.
const { values } = parseArgs({
  options: { instances: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '5' } },
});
const [INSTANCES, ROUNDS] = [Number(values.instances), Number(values.rounds)];
const CHANGED = Math.ceil(INSTANCES / 100);
const EVERY = '30s';
/** The first round is over, and every instance is in its place within the interval. */
const SETTLED_MS = 32_000;
const FORMATS = ['csv', 'json', 'yaml'] as const;
type Format = (typeof FORMATS)[number];

/** Each with the first `changed` instances under another label. */
function listOf(format: Format, changed: number): string {
  const all = Array.from({ length: INSTANCES }, (_, index) => ({
    account: 'bench',
    phoneNumberId: phoneNumberIdAt(index),
    name: `number-${index}`,
    labels: { team: index < changed ? 'moved' : `team-${index % 7}` },
  }));
  if (format === 'json') return JSON.stringify(all, null, 2);
  if (format === 'csv') {
    const lines = all.map(({ phoneNumberId, name, account, labels }) => [phoneNumberId, name, account, labels.team]);
    return ['phoneNumberId,name,account,team', ...lines.map((line) => line.join(','))].join('\n');
  }
  const items = all.map(
    ({ account, phoneNumberId, name, labels }) =>
      `  - account: ${account}\n    phoneNumberId: "${phoneNumberId}"\n    name: ${name}\n    labels: { team: ${labels.team} }\n`,
  );
  return `instances:\n${items.join('')}`;
}

async function writeConfig(folder: string, url: string, format: Format): Promise<string> {
  const file = join(folder, `${format}.yaml`);
  const config = {
    listen: '127.0.0.1:0',
    state: { path: ':memory:' },
    guard: { startup: '0s' },
    accounts: {
      bench: { baseUrl: url, username: 'bench', token: TOKEN, limits: { requestsPerSecond: 100_000, concurrency: 50 } },
    },
    defaults: { probe: { every: EVERY } },
    include: [`list.${format}`],
  };
  await writeFile(file, JSON.stringify(config));
  await writeFile(join(folder, `list.${format}`), listOf(format, 0));
  return file;
}

/** Times in milliseconds, but for `seconds`. */
interface Window {
  readonly seconds: number;
  readonly probes: number;
  readonly p99: number;
  readonly latest: number;
  /** Longest time during which the loop did nothing else. */
  readonly stall: number;
}

/** How late probes begin, and how long the loop stands still, while `work` goes on. */
async function measured(daemon: Daemon, work: Promise<unknown>): Promise<Window> {
  const startedAt = performance.now();
  let [stall, last] = [0, startedAt];
  const beat = setInterval(() => {
    const now = performance.now();
    stall = Math.max(stall, now - last - 1);
    last = now;
  }, 1);
  const lateness: number[] = [];
  const unsubscribe = daemon.events.subscribe((event) => {
    if (event.type === 'probe_finished') lateness.push(event.latenessSeconds * 1_000);
  });
  await work;
  unsubscribe();
  clearInterval(beat);
  return {
    seconds: (performance.now() - startedAt) / 1_000,
    probes: lateness.length,
    p99: percentile(lateness, 99),
    latest: percentile(lateness, 100),
    stall,
  };
}

const print = (text: string): void => void process.stdout.write(text);
print(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
const simulator = await startSimulatorProcess(INSTANCES);
const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-bench-'));
try {
  const never = new AbortController().signal;
  print(`\nLoading ${INSTANCES.toLocaleString('en')} instances, alone in a process; medians of ${ROUNDS}\n`);
  const costs: string[][] = [];
  for (const format of FORMATS) {
    const file = await writeConfig(folder, simulator.url, format);
    const loads = Array.from({ length: ROUNDS }, () => loadingCost(file));
    const [seconds, rss] = [median(loads.map((load) => load.seconds)), median(loads.map((load) => load.rss))];
    costs.push([format.toUpperCase(), seconds.toFixed(1), Math.round(rss / 1024 / 1024).toString()]);
  }
  print(renderTable(['LIST', 'SECONDS', 'PEAK RSS MiB'], costs));

  const rows: string[][] = [];
  const row = (name: string, windows: readonly Window[]): string[] => {
    const of = (key: keyof Window): number => median(windows.map((window) => window[key]));
    return [
      name,
      of('seconds').toFixed(1),
      ...(['probes', 'p99', 'latest', 'stall'] as const).map((key) => of(key).toFixed(0)),
    ];
  };
  for (const format of ['csv', 'yaml'] as const) {
    const file = join(folder, `${format}.yaml`);
    const load = (signal: AbortSignal) => loadInThread(file, {}, signal);
    const daemon = await startDaemon({
      config: await load(never),
      load,
      clock: systemClock(),
      version: 'bench',
      logTo: { write: () => undefined },
    });
    await wait(SETTLED_MS);
    const still: Window[] = [];
    const during: Window[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      still.push(await measured(daemon, wait(8_000)));
      // Each round undoes the change of the one before.
      await writeFile(join(folder, `list.${format}`), listOf(format, round % 2 === 0 ? CHANGED : 0));
      await wait(300);
      const reload = daemon.reload('signal');
      during.push(await measured(daemon, reload));
      const outcome = await reload;
      if (!outcome.ok || outcome.changed !== CHANGED) throw new Error(`not reloaded: ${JSON.stringify(outcome)}`);
    }
    rows.push(
      row(`${format.toUpperCase()}: without a reload`, still),
      row(`${format.toUpperCase()}: during one`, during),
    );
    await daemon.stop();
  }
  print(
    `\nProbing all of them every ${EVERY}, and a reload with ${CHANGED.toLocaleString('en')} changed; medians of ${ROUNDS}\n`,
  );
  print(renderTable(['', 'SECONDS', 'PROBES', 'LATE p99 ms', 'LATEST ms', 'LONGEST STALL ms'], rows));
} finally {
  simulator.stop();
  await rm(folder, { recursive: true });
}
process.exit();
