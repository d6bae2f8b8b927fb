import { cpus } from 'node:os';
import { renderTable } from '../src/cli/terminal.ts';
import { bareLoop } from './bare-loop.ts';
import { costOfDaemon } from './cost.ts';
import { daemonLoop, lateness } from './daemon-loop.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { median, type Run } from './measure.ts';
import { scrape } from './scrape.ts';
import { startSimulatorProcess } from './subjects.ts';

// Everything is measured against a yardstick in the same run; absolute figures are only as good as the machine.
const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 50;
const INSTANCES = 20_000;
/** For memory per instance. */
const EVERY_SECONDS = 5;

const print = (text: string): void => void process.stdout.write(text);
print(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
const simulator = await startSimulatorProcess(INSTANCES);

const bare: Run[] = [];
const daemon: Run[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  bare.push(await bareLoop(simulator.url, { instances: INSTANCES, connections: CONNECTIONS, seconds: SECONDS }));
  daemon.push(
    await daemonLoop(simulator.url, { instances: INSTANCES, every: '200ms', concurrency: CONNECTIONS }, SECONDS),
  );
}
const ratios = daemon.map(({ rate }, index) => rate / (bare[index]?.rate ?? Number.NaN));
const row = (name: string, runs: readonly Run[]): string[] => [
  name,
  Math.round(median(runs.map(({ rate }) => rate))).toLocaleString('en'),
  median(runs.map(({ microseconds }) => microseconds)).toFixed(1),
];
print(`\nProbes per second, ${CONNECTIONS} at a time, median of ${ROUNDS} rounds side by side\n`);
print(renderTable(['WHAT', 'PER SECOND', 'µs CPU EACH'], [row('bare undici loop', bare), row('the daemon', daemon)]));
print(`ratio daemon / bare: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})\n`);

const half = Math.round(median(daemon.map(({ rate }) => rate)) / 2);
const atHalf = await lateness(
  simulator.url,
  { instances: Math.min(half, INSTANCES), every: '1s', concurrency: CONNECTIONS },
  5,
);
const thousand = await lateness(simulator.url, { instances: 1_000, every: '1s', concurrency: CONNECTIONS }, 5);
const late = (name: string, { probes, p50, p99, worst }: typeof atHalf): string[] => [
  name,
  String(probes),
  ...[p50, p99, worst].map((value) => value.toFixed(0)),
];
print('\nHow late probes begin\n');
print(
  renderTable(
    ['FLEET', 'PROBES', 'p50 ms', 'p99 ms', 'WORST ms'],
    [
      late(`${Math.min(half, INSTANCES)} every 1s (half of the daemon's rate)`, atHalf),
      late('1000 every 1s', thousand),
    ],
  ),
);

print('\nMemory per instance, over an almost empty daemon\n');
const gateway = await startGatewayProcess();
const empty = await costOfDaemon(gateway, 1, EVERY_SECONDS);
const perInstance = async (count: number): Promise<string[]> => {
  const { heap, rss } = await costOfDaemon(gateway, count, EVERY_SECONDS);
  const kib = (bytes: number): string => (bytes / count / 1024).toFixed(2);
  return [String(count), kib(heap - empty.heap), kib(rss - empty.rss)];
};
print(renderTable(['INSTANCES', 'HEAP KiB', 'RSS KiB'], [await perInstance(1_000), await perInstance(10_000)]));
gateway.stop();

const { bytes, took, stall } = await scrape(simulator.url, 10_000);
print('\n/metrics of 10,000 instances, all series\n');
print(renderTable(['BYTES', 'ms', 'LONGEST STALL ms'], [[bytes, took, stall].map((value) => value.toFixed(0))]));
simulator.stop();
process.exit();
