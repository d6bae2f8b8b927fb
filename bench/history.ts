import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { renderTable } from '../src/cli/terminal.ts';
import { HOUR, SECOND } from '../src/core/time.ts';
import { EMPTY, type Bucket } from '../src/history/bucket.ts';
import { encodeHistory } from '../src/history/history-record.ts';
import { DAYS_KEPT, HOURS_KEPT, SECONDS_OF_HOUR } from '../src/history/instance-history.ts';
import { PROBE_HISTORY } from '../src/runtime/fleet/probe-history.ts';
import { LevelHistory } from '../src/store/level/level-history.ts';
import { openLevelStore } from '../src/store/level/level.ts';
import { stateKey } from '../src/store/store.ts';
import { systemClock, type Clock } from '../src/time/clock.ts';
import { whenDone } from './cleanup.ts';
import { machine } from './cores.ts';
import { shareOfFrames } from './frames-cost.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { LatenessLog, type Lateness } from './lateness.ts';
import { watchEventLoop, type LoopDelay } from './loop-delay.ts';
import { median, percentile, wait } from './measure.ts';
import { benchNames, startBenchDaemon } from './subjects.ts';

// npm run bench history: what the history of a very large fleet costs: while nothing happens, and while the hour that is over is
// written. Every instance has all hours, days and probes that are kept, so each record is read, extended and written whole.
const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '100000' },
    every: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '4' },
  },
});
const [instances, everySeconds, rounds] = [Number(values.instances), Number(values.every), Number(values.rounds)];
/** The start, the first rounds, and what they leave to be collected. */
const WARM_UP = 75 * SECOND + 1.2 * everySeconds * SECOND;
const ROUND = (everySeconds + 1) * SECOND;
/** Records that are written at once before the start. */
const PORTION = 500;
const MOST_SHARE = 0.02;
/** Milliseconds. */
const MOST_HELD = 50;

/** The time of a machine on which an hour ends that long after now. */
function clockBeforeHour(until: number): Clock {
  const clock = systemClock();
  const shift = HOUR - ((clock.now() + until) % HOUR);
  return { ...clock, now: () => clock.now() + shift, wall: () => clock.wall() + shift };
}

/** All that is kept of an instance with some trouble, until the beginning of this hour. */
function pastUntil(until: number): Uint8Array {
  const hour: Bucket = { ...EMPTY, healthy: SECONDS_OF_HOUR - 60, failing: 60, restarts: 1, latency: 12.5 };
  const day: Bucket = { ...EMPTY, healthy: 24 * SECONDS_OF_HOUR, latency: 12.5 };
  return encodeHistory({
    ...{ until, left: false, open: HOURS_KEPT, lastDay: Math.floor(until / 86_400) - 1 },
    hours: Array.from({ length: HOURS_KEPT }, (_, index) =>
      index % 8 === 0 ? hour : { ...EMPTY, healthy: 3_600, latency: 9 },
    ),
    days: Array.from({ length: DAYS_KEPT - 1 }, () => day),
    probes: Array.from({ length: PROBE_HISTORY }, (_, index) => {
      return { at: (until - 30 * (PROBE_HISTORY - index)) * SECOND, cause: 'connected' as const, seconds: 0.012 };
    }),
  });
}

interface Writing {
  records: number;
  bytes: number;
  began: number;
  ended: number;
  /** How long each portion held the event loop, in milliseconds: reading, extending and packing its records. */
  readonly held: number[];
}

/** Counts what is written from now on. */
function watchWriting(): Writing {
  const writing: Writing = { records: 0, bytes: 0, began: Number.NaN, ended: Number.NaN, held: [] };
  const real = <Name extends 'read' | 'write'>(name: Name): LevelHistory[Name] =>
    Object.getOwnPropertyDescriptor(LevelHistory.prototype, name)?.value as LevelHistory[Name];
  const [read, write] = [real('read'), real('write')];
  let found = Number.NaN;
  LevelHistory.prototype.read = async function timed(keys) {
    const records = await read.call(this, keys);
    found = performance.now();
    return records;
  };
  LevelHistory.prototype.write = async function counted(records) {
    if (writing.records === 0) writing.began = performance.now();
    writing.held.push(performance.now() - found);
    await write.call(this, records);
    writing.records += records.size;
    for (const record of records.values()) writing.bytes += record?.length ?? 0;
    writing.ended = performance.now();
  };
  return writing;
}

interface Round {
  readonly late: Lateness;
  readonly loop: LoopDelay;
  /** CPU of the whole process, in milliseconds. */
  readonly cpu: number;
  /** Records of the history that were written meanwhile. */
  readonly records: number;
  /** Probes without an answer: what the machine or the gateway is to blame for. */
  readonly unanswered: number;
}

const names = benchNames(instances);
const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-history-'));
whenDone(() => rmSync(folder, { recursive: true, force: true }));
const statePath = join(folder, 'state');
const gateway = await startGatewayProcess();
const clock = clockBeforeHour(WARM_UP + (rounds + 1) * ROUND);
const startedAt = performance.now();
const store = await openLevelStore({ path: statePath });
const past = pastUntil(Math.floor(clock.wall() / HOUR) * SECONDS_OF_HOUR);
for (let done = 0; done < instances; done += PORTION) {
  const keys = names.slice(done, done + PORTION).map((name) => stateKey('bench', name));
  await store.history.write(new Map(keys.map((key) => [key, past])));
}
await store.close();
const daemon = await startBenchDaemon(gateway.url, {
  ...{ instances, every: `${everySeconds}s`, concurrency: 50, statePath, clock },
});
const log = new LatenessLog(names);
const writing = watchWriting();
await wait(startedAt + WARM_UP - performance.now());
globalThis.gc?.();

async function round(): Promise<Round> {
  const [loop, cpuBefore, before] = [watchEventLoop(), process.cpuUsage(), writing.records];
  let unanswered = 0;
  const end = daemon.events.subscribe((event) => {
    if (event.type === 'probe_finished' && event.cause !== 'connected') unanswered += 1;
  });
  const late = await log.during(daemon, ROUND / SECOND);
  end();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { late, loop: loop(), cpu: (user + system) / 1_000, records: writing.records - before, unanswered };
}

const calm: Round[] = [];
for (let each = 0; each < rounds; each += 1) calm.push(await round());
const share = await shareOfFrames(/\/src\/(history|store\/level)\//, (ROUND - SECOND) / SECOND);
while (writing.records === 0) await wait(50);
const busy: Round[] = [];
while (writing.records < instances) busy.push(await round());
const written = { ...writing, held: [...writing.held] };
const stoppedAt = performance.now();
const whyNotClean: unknown = await daemon.stop().then(
  () => null,
  (error: unknown) => error,
);
const stopped = performance.now() - stoppedAt;
gateway.stop();

const calmCpu = median(calm.map(({ cpu }) => cpu));
// The round in which it ends has less of it than the others.
const whole = busy.filter(({ records }) => records > 0.5 * Math.max(...busy.map((each) => each.records)));
const perRecord = median(whole.map(({ cpu, records }) => (cpu - calmCpu) / records));
const writeShare = (perRecord * instances) / HOUR;
const row = ({ late, loop, cpu, records, unanswered }: Round): string[] => [
  records.toLocaleString('en'),
  ...[late.p50, late.p99, late.worst, loop.p99, loop.worst].map((value) => value.toFixed(1)),
  String(unanswered),
  `${((100 * cpu) / ROUND).toFixed(1)} %`,
];
const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;
const held = (share: number): number => percentile(written.held, share);
process.stdout.write(
  [
    `${machine()}\n`,
    `${instances} instances every ${everySeconds}s, each with all that is kept; one interval in each line\n\n`,
    renderTable(
      ['RECORDS', 'LATE p50 ms', 'p99', 'WORST', 'LOOP DELAY p99', 'LONGEST STALL', 'UNANSWERED', 'CPU'],
      [...calm, ...busy].map(row),
    ),
    `\n${written.records} records, ${(written.bytes / written.records).toFixed(0)} bytes each, within `,
    `${((written.ended - written.began) / SECOND).toFixed(0)} s; ${(1_000 * perRecord).toFixed(0)} µs of CPU each\n`,
    `share of a processor: ${percent(share)} to count, ${percent(writeShare)} to write once an hour; `,
    `together ${percent(share + writeShare)}, at most ${percent(MOST_SHARE)}\n`,
    `the write holds the event loop for ${held(50).toFixed(1)} ms at a time, p99 ${held(99).toFixed(1)} ms, worst ${held(100).toFixed(1)} ms; at most ${MOST_HELD} ms\n`,
    `stopped within ${(stopped / SECOND).toFixed(1)} s${whyNotClean === null ? '' : `, not cleanly: ${inspect(whyNotClean)}`}\n`,
  ].join(''),
);
process.exit(share + writeShare < MOST_SHARE && held(100) < MOST_HELD ? 0 : 1);
