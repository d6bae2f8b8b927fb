import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { machine } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { median, wait } from './measure.ts';
import { benchNames, startBenchDaemon } from './subjects.ts';

// npm run bench bulk: what it costs the daemon to know how all instances are, by one probe of each, and by one list.
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
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
const WARM_UP_MS = 10_000;
/** What a list that says the same each time may cost of what the probes do, however long it is. */
const MOST = 0.1;

/** The same gateway for both: what is probed one by one is not asked for its list. */
const GATEWAYS = {
  listing: {
    probe: { get: '/bench/v1/{id}/instance' },
    list: { get: '/bench/v1/list', id: 'id', state: 'state' },
    state: { at: ['instance.state'], words: { connected: ['open'], disconnected: ['close'] } },
    remedies: [{ steps: [{ post: '/bench/v1/{id}/instance/restart' }] }],
  },
};

interface Run {
  /** Microseconds of CPU per second. */
  readonly cpu: number;
  /** Looks and requests per second. */
  readonly looks: number;
  readonly requests: number;
}

const gateway = await startGatewayProcess();

async function run(every: string, bulk: boolean): Promise<Run> {
  const account = { gateway: 'listing', probe: { bulk } };
  const shape = { instances, every, concurrency: 50, account, gateways: GATEWAYS };
  const daemon = await startBenchDaemon(gateway.url, shape);
  let found = 0;
  daemon.events.subscribe((event) => {
    if (event.type === 'probe_finished' && event.cause === 'connected') found += 1;
    if (event.type === 'list_finished') found += event.names.length;
  });
  await wait(WARM_UP_MS);
  const [before, cpuBefore, startedAt] = [found, process.cpuUsage(), performance.now()];
  const seenBefore = await gateway.send({ type: 'look' });
  await wait(seconds * 1_000);
  const [after, cpu, took] = [found, process.cpuUsage(cpuBefore), (performance.now() - startedAt) / 1_000];
  const seen = await gateway.send({ type: 'look' });
  await daemon.stop();
  const looks = (after - before) / instances;
  const requests = seen.probes + seen.lists - seenBefore.probes - seenBefore.lists;
  return { cpu: (cpu.user + cpu.system) / took, looks: looks / took, requests: requests / took };
}

const idle: Run[] = [];
const singles: Run[] = [];
/** While nothing happens gateways list the same; those that count messages list something new each time. */
const bulks = values.bytes
  .split(',')
  .flatMap((bytes) => [false, true].map((changes) => ({ bytes: Number(bytes), changes, runs: [] as Run[] })));
for (let round = 0; round < rounds; round += 1) {
  idle.push(await run('1h', false));
  singles.push(await run('1s', false));
  for (const { bytes, changes, runs } of bulks) {
    await gateway.send({ type: 'list', ids: benchNames(instances), bytes, changes });
    runs.push(await run('1s', true));
  }
}
/** What a look at all costs beyond what the daemon takes anyway, round by round. */
const costs = (runs: readonly Run[]): readonly number[] =>
  runs.map(({ cpu, looks }, index) => (cpu - (idle[index]?.cpu ?? 0)) / looks);
const single = costs(singles);
const shares = new Map<string, number>();
const row = (name: string, runs: readonly Run[]): string[] => {
  const of = (key: keyof Run): string => median(runs.map((each) => each[key])).toFixed(1);
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
