import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { bulkCost, type BulkCost } from './bulk-cost.ts';
import { machine } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { median } from './measure.ts';
import { benchNames } from './subjects.ts';

// npm run bench bulk: what it costs the daemon to know how all instances are, by one probe of each, and by one list.
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    /** Of one item of the list: as WAHA writes it, and as Evolution Go does. */
    bytes: { type: 'string', default: '150,600' },
  },
});
const [instances, rounds, seconds] = [values.instances, values.rounds, values.seconds].map(Number) as [
  number,
  number,
  number,
];
/** What a list that says the same each time may cost of what the probes do, however long it is. */
const MOST = 0.1;

const gateway = await startGatewayProcess();
const run = (every: string, bulk: boolean): Promise<BulkCost> => bulkCost(gateway, { instances, every, bulk, seconds });

const idle: BulkCost[] = [];
const singles: BulkCost[] = [];
/** While nothing happens gateways list the same; those that count messages list something new each time. */
const bulks = values.bytes
  .split(',')
  .flatMap((bytes) => [false, true].map((changes) => ({ bytes: Number(bytes), changes, runs: [] as BulkCost[] })));
for (let round = 0; round < rounds; round += 1) {
  idle.push(await run('1h', false));
  singles.push(await run('1s', false));
  for (const { bytes, changes, runs } of bulks) {
    await gateway.send({ type: 'list', ids: benchNames(instances), bytes, changes });
    runs.push(await run('1s', true));
  }
}
/** What a look at all costs beyond what the daemon takes anyway, round by round. */
const costs = (runs: readonly BulkCost[]): readonly number[] =>
  runs.map(({ cpu, looks }, index) => (cpu - (idle[index]?.cpu ?? 0)) / looks);
const single = costs(singles);
const shares = new Map<string, number>();
const row = (name: string, runs: readonly BulkCost[]): string[] => {
  const of = (key: keyof BulkCost): string => median(runs.map((each) => each[key])).toFixed(1);
  const cost = costs(runs);
  const share = median(cost.map((each, index) => each / (single[index] ?? Number.NaN)));
  shares.set(name, share);
  return [name, of('looks'), of('requests'), Math.round(median(cost)).toLocaleString('en'), share.toFixed(3)];
};
function nameOf(bytes: number, changes: boolean): string {
  return `a list of ${bytes} bytes for each, ${changes ? 'something new' : 'the same'} each time`;
}
const table = renderTable(
  ['BY', 'LOOKS/s', 'REQUESTS/s', 'µs CPU/LOOK', 'SHARE'],
  [row(`${instances} probes`, singles), ...bulks.map(({ bytes, changes, runs }) => row(nameOf(bytes, changes), runs))],
);
const alone = Math.round(median(idle.map(({ cpu }) => cpu))).toLocaleString('en');
process.stdout.write(
  `${machine()}\n${instances} instances every 1s, median of ${rounds} rounds side by side: CPU of the daemon for one look at all,\nbeyond the ${alone} µs per second that it takes without any\n\n${table}`,
);
gateway.stop();
const unchanged = bulks.filter(({ changes }) => !changes).map(({ bytes }) => shares.get(nameOf(bytes, false)) ?? 1);
process.exit(Math.max(...unchanged) > MOST ? 1 : 0);
