// First, so that no AbortController is made before it is watched.
import { abortListeners } from './live-signals.ts';
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { PRESETS } from '../src/simulator/instance/behaviour.ts';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';
import { growthOf, type Series } from './trend.ts';
import { wait } from './measure.ts';
import { fillHistories, startSoakDaemon } from './soak-daemon.ts';
import { startSimulatorProcess } from './subjects.ts';

// npm run soak -- --minutes 10: a fleet under constant faults, and whether anything in the daemon grows meanwhile. Each
// round is first chaos and then calm, so that all rounds are measured in the same situation.
const INSTANCES = 30;
const CHAOS_MS = 14_000;
const FAULT_EVERY_MS = 100;
/** Share of the faults that make an instance well again, so that not everything is a storm. */
const CURES = 0.5;
const READ_EVERY_MS = 1_000;
/** Longer than any call of the daemon may take. */
const CALM_MS = 4_000;
const MIB = 1024 * 1024;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0) || globalThis.gc === undefined) {
  process.stderr.write('usage: npm run soak -- --minutes N (node needs --expose-gc)\n');
  process.exit(2);
}
const collect = globalThis.gc;

const ids = Array.from({ length: INSTANCES }, (_, index) => phoneNumberIdAt(index));
const presets = Object.keys(PRESETS);
const anyOf = (choices: readonly string[]): string => choices[Math.floor(Math.random() * choices.length)] ?? '';
const warnings: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

const simulator = await startSimulatorProcess(INSTANCES);
const daemon = await startSoakDaemon(simulator.url, ids);
const seen = { probes: 0, restarts: 0, heals: 0, bugs: 0 };
daemon.events.subscribe(({ type }) => {
  if (type === 'probe_finished') seen.probes += 1;
  if (type === 'restart_started') seen.restarts += 1;
  if (type === 'healed') seen.heals += 1;
  if (type === 'decision_failed') seen.bugs += 1;
});

async function steer(what: string, preset: string): Promise<void> {
  const response = await fetch(`${simulator.url}/_sim/${what}`, { method: 'PUT', body: JSON.stringify({ preset }) });
  await response.arrayBuffer();
}

/** What people and Prometheus do all day; now and then a client hangs up in the middle. */
async function read(): Promise<void> {
  for (const path of ['/metrics', '/api/v1/instances', `/api/v1/instances/${anyOf(ids)}`, '/-/healthy']) {
    await (await fetch(`${daemon.url}${path}`)).arrayBuffer();
  }
  const impatient = await fetch(`${daemon.url}/metrics`);
  await impatient.body?.cancel();
}

async function round(): Promise<void> {
  const until = performance.now() + CHAOS_MS;
  let readAt = 0;
  while (performance.now() < until) {
    await steer(`instances/${anyOf(ids)}`, Math.random() < CURES ? 'connected' : anyOf(presets));
    if (performance.now() >= readAt) {
      readAt = performance.now() + READ_EVERY_MS;
      await read();
    }
    await wait(FAULT_EVERY_MS);
  }
  await steer('instances', 'connected');
  await wait(CALM_MS);
}

const heap: number[] = [];
const rss: number[] = [];
const handles: number[] = [];
const descriptors: number[] = [];
const listeners: number[] = [];
const times: number[] = [];
const watched: readonly Series[] = [
  // V8 keeps compiling for a long time, which takes about 1 MiB; a leak of 100 bytes for each probe would take as much again.
  { name: 'heap after GC', unit: 'MiB', allowed: 2, values: heap },
  { name: 'RSS', unit: 'MiB', allowed: 20, values: rss },
  { name: 'active handles', unit: '', allowed: 10, values: handles },
  { name: 'file descriptors', unit: '', allowed: 10, values: descriptors },
  { name: 'event listeners', unit: '', allowed: 10, values: listeners },
];

async function sample(): Promise<void> {
  collect();
  // What finalizers release is collected the second time.
  await wait(100);
  collect();
  const memory = process.memoryUsage();
  times.push(performance.now());
  heap.push(memory.heapUsed / MIB);
  rss.push(memory.rss / MIB);
  handles.push(process.getActiveResourcesInfo().length);
  descriptors.push(process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  const atProcess = process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0);
  listeners.push(abortListeners() + atProcess);
}

const print = (text: string): void => void process.stdout.write(text);
print(`Node.js ${process.version}, ${INSTANCES} instances, faults at random for ${minutes} minutes\n`);
print(`minute  ${watched.map(({ name, unit }) => `${name} ${unit}`.trim()).join('  ')}  probes  restarts  heals\n`);
// The memory of restarts is bounded, but would take longer than this to reach its bounds.
await fillHistories(daemon, (id) => steer(`instances/${id}`, anyOf(presets)));
const startedAt = performance.now();
while (performance.now() - startedAt < minutes * 60_000) {
  await round();
  await sample();
  const minute = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const figures = watched.map(({ values, unit }) => values.at(-1)?.toFixed(unit === '' ? 0 : 2) ?? '');
  print(`${[minute, ...figures, seen.probes, seen.restarts, seen.heals].join('  ')}\n`);
}

const grown = watched.map((series) => growthOf(series, times));
print('\nGrowth in ten minutes, the first third of the time left out\n');
print(
  renderTable(
    ['WHAT', 'GROWTH', 'ALLOWED', ''],
    grown.map(({ series: { name, unit, allowed }, growth, flat }) => [
      name,
      `${growth.toFixed(2)} ${unit}`,
      `${allowed} ${unit}`,
      flat ? 'flat' : 'GROWS',
    ]),
  ),
);
for (const warning of warnings) print(`warning: ${warning}\n`);
if (seen.bugs > 0) print(`${seen.bugs} decisions failed\n`);
await daemon.stop();
simulator.stop();
process.exit(grown.every(({ flat }) => flat) && warnings.length === 0 && seen.bugs === 0 ? 0 : 1);
