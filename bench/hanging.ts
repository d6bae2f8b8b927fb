import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { phoneNumberIdAt } from '../src/simulator/simulator.ts';
import { machine } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { LatenessLog, type Lateness } from './lateness.ts';
import { median, wait } from './measure.ts';
import { benchNames, startBenchDaemon } from './subjects.ts';

// npm run bench hanging: every tenth instance never answers. Are the others still probed on time?
const HANGING = 10;
const WARM_UP_MS = 4_000;

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '1000' },
    concurrency: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
  },
});
const [instances, concurrency, rounds, seconds] = [
  values.instances,
  values.concurrency,
  values.rounds,
  values.seconds,
].map(Number) as [number, number, number, number];
const hanging = Array.from({ length: Math.floor(instances / HANGING) }, (_, index) => phoneNumberIdAt(index * HANGING));
const hung = new Set(hanging);
const others = benchNames(instances).filter((name) => !hung.has(name));

const gateway = await startGatewayProcess();

/** Lateness of those that always answer. */
async function run(what: 'well' | 'hanging'): Promise<Lateness> {
  await gateway.send({ type: 'become', what, ids: hanging });
  const probe = { timeout: '1s', retryEvery: '1s' };
  const account = { probe, restart: { enabled: false } };
  const daemon = await startBenchDaemon(gateway.url, { instances, every: '1s', concurrency, account });
  await wait(WARM_UP_MS);
  const late = await new LatenessLog(others).during(daemon, seconds);
  await daemon.stop();
  return late;
}

const without: Lateness[] = [];
const having: Lateness[] = [];
for (let round = 0; round < rounds; round += 1) {
  without.push(await run('well'));
  having.push(await run('hanging'));
}
const row = (name: string, runs: readonly Lateness[]): string[] => {
  const of = (key: keyof Lateness): number => median(runs.map((late) => late[key]));
  const rate = Math.round(of('probes') / seconds).toLocaleString('en');
  return [name, rate, of('p50').toFixed(1), of('p99').toFixed(1), of('worst').toFixed(1)];
};
process.stdout.write(
  [
    `${machine()}\n`,
    `${instances} instances every 1s, timeout 1s, ${concurrency} at a time, median of ${rounds} rounds side by side:\n`,
    `how late the probes of the ${instances - hanging.length} that answer begin\n\n`,
    renderTable(
      ['THE OTHERS', 'PROBES/s', 'p50 ms', 'p99 ms', 'WORST ms'],
      [row('answer', without), row(`hang (${hanging.length})`, having)],
    ),
  ].join(''),
);
gateway.stop();
process.exit();
