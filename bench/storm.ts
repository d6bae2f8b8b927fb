import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { whenDone } from './cleanup.ts';
import { machine } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { watchEventLoop, type LoopDelay } from './loop-delay.ts';
import { median, wait } from './measure.ts';
import { startBenchDaemon } from './subjects.ts';

// npm run bench storm: at one moment every instance of a very large fleet is disconnected. The state is on disk.
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '100000' },
    every: { type: 'string', default: '30' },
    'restarts-per-minute': { type: 'string', default: '600' },
    checks: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
  },
});
const [instances, everySeconds, perMinute, checks, rounds] = [
  Number(values.instances),
  Number(values.every),
  Number(values['restarts-per-minute']),
  Number(values.checks),
  Number(values.rounds),
];
const CONCURRENT = 20;
const MINUTE = 60_000;

interface Storm {
  readonly down: number;
  /** Seconds until the last one was found to be down. */
  readonly lastDown: number;
  readonly delay: LoopDelay;
  readonly restarts: number;
  readonly mostPerMinute: number;
  readonly mostAtOnce: number;
  readonly intentsChecked: number;
  readonly intentsMissing: number;
  readonly notSaved: number;
  readonly bugs: number;
}

/** Most calls that began within any minute. */
function mostPerMinute(times: readonly number[]): number {
  return times.reduce((most, at, index) => {
    const first = times.findIndex((time) => time > at - MINUTE);
    return Math.max(most, index - first + 1);
  }, 0);
}

/** One storm, of a daemon and a gateway of its own. */
async function storm(): Promise<Storm> {
  const gateway = await startGatewayProcess();
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-storm-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  whenDone(remove);
  const statePath = join(folder, 'state');
  const daemon = await startBenchDaemon(gateway.url, {
    instances,
    every: `${everySeconds}s`,
    concurrency: 50,
    limits: { restartsPerMinute: perMinute, concurrentRestarts: CONCURRENT },
    account: { probe: { failureThreshold: 1, retryEvery: `${everySeconds}s`, recoverEvery: '1s' } },
    // Everything may be restarted: only the limits hold restarts, which is the most work possible.
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
  await gateway.send({ type: 'check', folder: statePath, account: 'bench', restarts: checks });
  globalThis.gc?.();
  await wait(2_000);
  const loop = watchEventLoop();
  const startedAt = performance.now();
  await gateway.send({ type: 'become', what: 'sick', ids: 'all' });
  await wait(everySeconds * 1_000 + 2_000);
  const delay = loop();
  const seen = await gateway.send({ type: 'look' });
  await daemon.stop();
  gateway.stop();
  remove();
  return {
    down,
    lastDown: (lastDownAt - startedAt) / 1_000,
    delay,
    restarts: seen.restarts.length,
    mostPerMinute: mostPerMinute(seen.restarts),
    mostAtOnce: seen.mostRestartsAtOnce,
    intentsChecked: seen.intentsChecked,
    intentsMissing: seen.intentsMissing.length,
    notSaved,
    bugs,
  };
}

const storms: Storm[] = [];
for (let round = 0; round < rounds; round += 1) storms.push(await storm());

const middle = (of: (one: Storm) => number): number => median(storms.map(of));
const most = (of: (one: Storm) => number): number => Math.max(...storms.map(of));
const sum = (of: (one: Storm) => number): number => storms.reduce((all, one) => all + of(one), 0);
const delay = (key: keyof LoopDelay): string => middle((one) => one.delay[key]).toFixed(1);
const rows = [
  [
    'found to be down',
    `${middle(({ down }) => down)} of ${instances}, the last after ${middle(({ lastDown }) => lastDown).toFixed(1)} s`,
  ],
  ['event-loop delay', `p50 ${delay('p50')}, p99 ${delay('p99')}, longest stall ${delay('worst')} ms`],
  ['restart calls', `${middle(({ restarts }) => restarts)}`],
  ['most within a minute, of all rounds', `${most((one) => one.mostPerMinute)} of ${perMinute} allowed`],
  ['most at once, of all rounds', `${most(({ mostAtOnce }) => mostAtOnce)} of ${CONCURRENT} allowed`],
  [
    'intent on disk before the call, in all rounds',
    `${sum((one) => one.intentsChecked - one.intentsMissing)} of ${sum(({ intentsChecked }) => intentsChecked)} looked at`,
  ],
  [
    'states not saved, decisions failed, in all rounds',
    `${sum(({ notSaved }) => notSaved)}, ${sum(({ bugs }) => bugs)}`,
  ],
];
process.stdout.write(
  `${machine()}\n${instances} instances every ${everySeconds}s, all disconnected at one moment\n` +
    `Medians of ${rounds} rounds, where nothing else is said\n\n`,
);
process.stdout.write(renderTable(['WHAT', 'MEASURED'], rows));
const isGood = ({ restarts, intentsChecked, intentsMissing, notSaved, bugs, ...one }: Storm): boolean =>
  restarts > 0 &&
  one.mostPerMinute <= perMinute &&
  one.mostAtOnce <= CONCURRENT &&
  intentsChecked > 0 &&
  intentsMissing + notSaved + bugs === 0;
process.exit(storms.every(isGood) ? 0 : 1);
