import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { machine, pinned, serverCore } from './cores.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { LatenessLog, type Lateness } from './lateness.ts';
import { watchEventLoop, type LoopDelay } from './loop-delay.ts';
import { median, wait } from './measure.ts';
import { benchNames, startBenchDaemon } from './subjects.ts';

// npm run bench fleet: a very large fleet on one process, left alone and while its metrics are scraped.
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '100000' },
    every: { type: 'string', default: '30' },
    'scrape-every': { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
  },
});
const [instances, everySeconds] = [Number(values.instances), Number(values.every)];

const log = new LatenessLog(benchNames(instances));

const gateway = await startGatewayProcess();
const startedAt = performance.now();
const daemon = await startBenchDaemon(gateway.url, { instances, every: `${everySeconds}s`, concurrency: 50 });
const startup = (performance.now() - startedAt) / 1_000;
// The first round, and a part of the next, are the start's; so is what it left to be collected.
await wait(everySeconds * 1_200);
globalThis.gc?.();
await wait(2_000);

async function round(): Promise<{ readonly late: Lateness; readonly loop: LoopDelay }> {
  const loop = watchEventLoop();
  // A little more than a round: an instance that is late by less is still probed in it.
  const late = await log.during(daemon, everySeconds + 1);
  return { late, loop: loop() };
}

const scrapes: { readonly bytes: number; readonly took: number }[] = [];

async function scrapedRound(): ReturnType<typeof round> {
  // Beside the gateway, as far as there are processors: a Prometheus is another program, mostly on another machine.
  const program = [join(import.meta.dirname, 'scraper.js'), `${daemon.url}/metrics`, values['scrape-every']];
  const scraper = spawn(...pinned(serverCore(), process.execPath, program), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  scraper.on('message', (scrape: { bytes: number; took: number }) => scrapes.push(scrape));
  // A program that starts takes more of the machine than one that scrapes.
  await once(scraper, 'message');
  const measured = await round();
  scraper.kill();
  return measured;
}

const alone: Awaited<ReturnType<typeof round>>[] = [];
const scraped: Awaited<ReturnType<typeof round>>[] = [];
for (let each = 0; each < Number(values.rounds); each += 1) {
  alone.push(await round());
  scraped.push(await scrapedRound());
}
if (scrapes.length === 0) process.stderr.write('no scrape ended in time; give it longer with --every\n');
await daemon.stop();
gateway.stop();

const row = (name: string, rounds: typeof alone): string[] => {
  const late = (['p50', 'p99', 'worst'] as const).map((key) => median(rounds.map((each) => each.late[key])));
  const loop = (['p50', 'p99', 'worst'] as const).map((key) => median(rounds.map((each) => each.loop[key])));
  const probed = median(rounds.map((each) => each.late.instances)).toLocaleString('en');
  return [name, probed, ...[...late, ...loop].map((value) => value.toFixed(1))];
};
process.stdout.write(
  [
    `${machine()}\n`,
    `${instances} instances every ${everySeconds}s, read and started in ${startup.toFixed(1)} s\n`,
    `Medians of ${values.rounds} rounds of one interval each, in turn\n\n`,
    renderTable(
      ['', 'PROBED', 'LATE p50 ms', 'p99', 'WORST', 'LOOP DELAY p50 ms', 'p99', 'LONGEST STALL'],
      [row('left alone', alone), row(`scraped ${scrapes.length} times`, scraped)],
    ),
    `\none scrape: ${(median(scrapes.map(({ bytes }) => bytes)) / 1e6).toFixed(1)} MB `,
    `in ${median(scrapes.map(({ took }) => took)).toFixed(0)} ms (medians)\n`,
  ].join(''),
);
process.exit();
