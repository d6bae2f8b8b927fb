import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { whenDone } from './cleanup.ts';
import { machine, pinned, serverCore } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { LatenessLog } from './lateness.ts';
import { percentile, wait } from './measure.ts';
import { benchNames, startBenchDaemon } from './subjects.ts';

// npm run bench attack: one anonymous client does its worst. Is probing on time, and does the watchdog say how it is?
const LATEST_MS = 250;
const SLOWEST_HEALTH_MS = 1_000;
const LARGEST_MIB = 300;
const WARM_UP_MS = 10_000;
const SAMPLE_MS = 50;
const MIB = 1024 * 1024;

const { values } = parseArgs({
  options: { instances: { type: 'string', default: '2000' }, seconds: { type: 'string', default: '30' } },
});
const [instances, seconds] = [Number(values.instances), Number(values.seconds)];
const names = benchNames(instances);

interface Health {
  readonly status: number;
  readonly took: number;
}

/** Beside the gateway, as far as there are processors: attackers come from other machines. */
function stranger(port: string, role: 'attack' | 'health', onMessage: (health: Health) => void = () => undefined) {
  const program = [join(import.meta.dirname, 'attacker.js'), port, names[0] ?? '', role];
  const child = spawn(...pinned(serverCore(), process.execPath, program), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', onMessage);
  whenDone(() => child.kill('SIGKILL'));
  return child;
}

const gateway = await startGatewayProcess();
const daemon = await startBenchDaemon(gateway.url, {
  instances,
  every: '1s',
  concurrency: 50,
  account: { probe: { timeout: '1s', retryEvery: '1s' }, restart: { enabled: false } },
  api: { token: 'api-token-of-the-bench', gatewayHookToken: 'hook-token-of-the-bench' },
});
const { port } = new URL(daemon.url);
const healths: Health[] = [];
stranger(port, 'health', (health) => healths.push(health));
const log = new LatenessLog(names);
await wait(WARM_UP_MS);

interface Measured {
  readonly p99: number;
  readonly health: number;
  readonly rss: number;
  readonly row: string[];
}

async function measure(name: string): Promise<Measured> {
  healths.length = 0;
  let rss = 0;
  const sampling = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss() / MIB)), SAMPLE_MS);
  const late = await log.during(daemon, seconds);
  clearInterval(sampling);
  const took = healths.map((health) => (health.status === 200 ? health.took : Number.POSITIVE_INFINITY));
  const health = Math.max(...took);
  const times = [late.p50, late.p99, late.worst, percentile(took, 99), health].map((value) => value.toFixed(0));
  const rate = Math.round(late.probes / seconds).toLocaleString('en');
  return { p99: late.p99, health, rss, row: [name, rate, ...times, rss.toFixed(0)] };
}

const alone = await measure('left alone');
const attacker = stranger(port, 'attack');
await wait(2_000);
const attacked = await measure('attacked');
attacker.kill();

const columns = ['', 'PROBES/s', 'LATE p50 ms', 'p99', 'WORST', '/-/healthy p99 ms', 'WORST', 'RSS MiB'];
process.stdout.write(
  [
    `${machine()}\n`,
    `${instances} instances every 1s, ${seconds} s each. The attack, all at once and again and again: 200 lists pipelined on one\n`,
    'connection, 200 lists on as many connections, 100 streams that are not read, 520 idle connections, 20 wrong tokens a second\n\n',
    renderTable(columns, [alone.row, attacked.row]),
    `\nwanted: p99 within ${LATEST_MS} ms, /-/healthy within ${SLOWEST_HEALTH_MS} ms, less than ${LARGEST_MIB} MiB\n`,
  ].join(''),
);
const { p99, health, rss } = attacked;
process.exit(p99 <= LATEST_MS && health <= SLOWEST_HEALTH_MS && rss < LARGEST_MIB ? 0 : 1);
