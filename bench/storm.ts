import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { whenDone } from './cleanup.ts';
import { machine } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { watchEventLoop } from './loop-delay.ts';
import { wait } from './measure.ts';
import { startBenchDaemon } from './subjects.ts';

// npm run bench storm: at one moment every instance of a very large fleet is disconnected. The state is on disk.
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '100000' },
    every: { type: 'string', default: '30' },
    'restarts-per-minute': { type: 'string', default: '600' },
    checks: { type: 'string', default: '100' },
  },
});
const [instances, everySeconds, perMinute, checks] = [
  Number(values.instances),
  Number(values.every),
  Number(values['restarts-per-minute']),
  Number(values.checks),
];
const CONCURRENT = 20;
const MINUTE = 60_000;

const gateway = await startGatewayProcess();
const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-storm-'));
whenDone(() => {
  rmSync(folder, { recursive: true, force: true });
});
const statePath = join(folder, 'state');
const daemon = await startBenchDaemon(gateway.url, {
  instances,
  every: `${everySeconds}s`,
  concurrency: 50,
  limits: { restartsPerMinute: perMinute, concurrentRestarts: CONCURRENT },
  account: { probe: { failureThreshold: 1, retryEvery: `${everySeconds}s`, recoverEvery: '1s' } },
  // Everything may be restarted: only the limits hold restarts back, which is the most work that there can be.
  guard: { maxUnhealthy: '100%', stormCooldown: '1s' },
  statePath,
});
await wait(everySeconds * 1_200);

let [down, notSaved, bugs, lastDownAt] = [0, 0, 0, 0];
daemon.events.subscribe((event) => {
  if (event.type === 'phase_changed' && event.to === 'down') {
    down += 1;
    lastDownAt = performance.now();
  }
  if (event.type === 'state_not_saved') notSaved += 1;
  if (event.type === 'decision_failed') bugs += 1;
});
await gateway.tell({ type: 'check', folder: statePath, account: 'bench', restarts: checks });
globalThis.gc?.();
await wait(2_000);
const loop = watchEventLoop();
const startedAt = performance.now();
await gateway.tell({ type: 'become', what: 'sick', ids: 'all' });
await wait(everySeconds * 1_000 + 2_000);
const delay = loop();
const seen = await gateway.tell({ type: 'look' });
await daemon.stop();
gateway.stop();

/** Most calls that began within any minute. */
function mostPerMinute(times: readonly number[]): number {
  return times.reduce((most, at, index) => {
    const first = times.findIndex((time) => time > at - MINUTE);
    return Math.max(most, index - first + 1);
  }, 0);
}

const most = mostPerMinute(seen.restarts);
const rows = [
  ['found to be down', `${down} of ${instances}, the last after ${((lastDownAt - startedAt) / 1_000).toFixed(1)} s`],
  ['event-loop delay', `p50 ${delay.p50.toFixed(1)}, p99 ${delay.p99.toFixed(1)}, worst ${delay.worst.toFixed(1)} ms`],
  ['restart calls', `${seen.restarts.length}`],
  ['most within a minute', `${most} of ${perMinute} allowed`],
  ['most at once', `${seen.mostRestartsAtOnce} of ${CONCURRENT} allowed`],
  [
    'intent on disk before the call',
    `${seen.intentsChecked - seen.intentsMissing.length} of ${seen.intentsChecked} looked at`,
  ],
  ['states not saved, decisions failed', `${notSaved}, ${bugs}`],
];
process.stdout.write(`${machine()}\n${instances} instances every ${everySeconds}s, all disconnected at one moment\n\n`);
process.stdout.write(renderTable(['WHAT', 'MEASURED'], rows));
const good =
  seen.restarts.length > 0 &&
  most <= perMinute &&
  seen.mostRestartsAtOnce <= CONCURRENT &&
  seen.intentsChecked > 0 &&
  seen.intentsMissing.length === 0 &&
  notSaved + bugs === 0;
process.exit(good ? 0 : 1);
