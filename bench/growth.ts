import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { costOfBareLoop, costOfDaemon, type Cost, type DaemonCost } from './cost.ts';
import { machine } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';

// npm run bench growth: the cost of an instance in fleets of different sizes, and the cost of the bare HTTP client at
// the same pace. All instances are probed equally often, so that twice the fleet is twice the work.
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,1000,10000,100000' },
    every: { type: 'string', default: '30' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const everySeconds = Number(values.every);

const gateway = await startGatewayProcess();
const empty = await costOfDaemon(gateway, 1, everySeconds);
const fleets: (readonly [number, DaemonCost, Cost])[] = [];
for (const size of sizes) {
  const cost = await costOfDaemon(gateway, size, everySeconds);
  fleets.push([size, cost, await costOfBareLoop(gateway, size, everySeconds)]);
  process.stderr.write(`${size} instances: done\n`);
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(2);
const rows = fleets.map(([size, { rate, cpu, heap, rss }, bare]) => [
  size.toLocaleString('en'),
  `${rate.toFixed(0)} of ${(size / everySeconds).toFixed(0)}`,
  (cpu / 10_000).toFixed(1),
  (cpu / rate).toFixed(0),
  (bare.cpu / bare.rate).toFixed(0),
  (cpu / rate / (bare.cpu / bare.rate)).toFixed(1),
  kib((heap - empty.heap) / size),
  kib((rss - empty.rss) / size),
]);
process.stdout.write(`${machine()}\nEvery instance every ${everySeconds}s\n\n`);
process.stdout.write(
  renderTable(
    [
      ...['INSTANCES', 'PROBES/s', 'CPU %', 'µs CPU/PROBE', 'BARE LOOP', 'RATIO'],
      ...['HEAP KiB/INSTANCE', 'RSS KiB/INSTANCE'],
    ],
    rows,
  ),
);

// What each step adds, per added instance; growth is linear where all steps are equal.
const steps = fleets.slice(1).map(([size, memory], index) => {
  const [smaller, before] = fleets[index] ?? [1, empty];
  const slope = (key: 'cpu' | 'heap' | 'rss'): number => (memory[key] - before[key]) / (size - smaller);
  return { name: `${smaller} to ${size}`, cpu: slope('cpu') * everySeconds, heap: slope('heap'), rss: slope('rss') };
});
const last = steps.at(-1);
if (last !== undefined) {
  const against = (value: number, end: number): string => `(${((value / end) * 100).toFixed(0)} %)`;
  process.stdout.write('\nSlope of each step, and in brackets its share of the last one\n\n');
  process.stdout.write(
    renderTable(
      ['INSTANCES', 'µs CPU/PROBE', 'HEAP KiB/INSTANCE', 'RSS KiB/INSTANCE'],
      steps.map(({ name, cpu, heap, rss }) => [
        name,
        `${cpu.toFixed(0)} ${against(cpu, last.cpu)}`,
        `${kib(heap)} ${against(heap, last.heap)}`,
        `${kib(rss)} ${against(rss, last.rss)}`,
      ]),
    ),
  );
}
gateway.stop();
process.exit();
