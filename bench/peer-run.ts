import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whenDone } from './cleanup.ts';
import type { Cores } from './cores.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { percentile, WARM_PROBES, wait } from './measure.ts';
import type { Peer, StartPeer } from './peer.ts';
import { usageOf } from './process-usage.ts';
import { benchNames } from './subjects.ts';

/** How long a run takes, at most: START + settle + measure + waves + VERDICTS. */
export interface Pace {
  /** In seconds. */
  readonly settle: { readonly least: number; readonly most: number };
  readonly measureSeconds: number;
  readonly waves: number;
}

/** What one tool did with this many targets. */
export interface Figures {
  /** As the gateway counted them, per second. */
  readonly probes: number;
  /** Of all processes of the tool, in microseconds. */
  readonly cpuPerProbe: number;
  /** Share of a processor that the tool and the gateway used; 1 is all of one. */
  readonly cpu: number;
  readonly gatewayCpu: number;
  readonly rss: number;
  /** Milliseconds from a target's failure to the verdict. */
  readonly verdictMedian: number;
  readonly verdictWorst: number;
  /** Share of the targets that failed and got no verdict in time. */
  readonly missed: number;
}

/** A tool that has not probed each target once by then is measured as it is. */
const START_MS = 20_000;
/** Long enough for a cycle of monit over 10,000 targets, if each takes 1 ms. */
const VERDICTS_MS = 12_000;
/** Waves fall on different moments of the second, so that no tool's rhythm is favoured. */
const WAVE_EVERY_MS = 1_000;
const MOST_PER_WAVE = 50;

/** Runs one tool from zero over this many targets. */
export async function runPeer(
  start: StartPeer,
  gateway: GatewayProcess,
  { targets, cores, pace }: { readonly targets: number; readonly cores: Cores; readonly pace: Pace },
): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-peer-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  whenDone(remove);
  await gateway.send({ type: 'become', what: 'well', ids: 'all' });
  const ids = benchNames(targets);
  const before = await gateway.send({ type: 'look' });
  const peer = await start({ url: gateway.url, ids, folder, cores });
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    await wait(200);
    if ((await gateway.send({ type: 'look' })).probes - before.probes >= targets) break;
  }
  await wait(settling(pace, targets) * 1_000);
  const work = await measure(peer, gateway, pace.measureSeconds);
  const delays = await failSome(peer, gateway, ids, pace.waves);
  await peer.stop();
  remove();
  return { ...work, ...delays };
}

/** Seconds, the same for all tools: a program that runs for months is not to be measured by its first minute. */
function settling({ settle }: Pace, targets: number): number {
  return Math.min(settle.most, Math.max(settle.least, WARM_PROBES / targets));
}

async function measure(
  { pids }: Peer,
  gateway: GatewayProcess,
  seconds: number,
): Promise<Pick<Figures, 'probes' | 'cpuPerProbe' | 'cpu' | 'gatewayCpu' | 'rss'>> {
  const [seenBefore, usedBefore] = [await gateway.send({ type: 'look' }), usageOf(pids)];
  await wait(seconds * 1_000);
  const [seen, used] = [await gateway.send({ type: 'look' }), usageOf(pids)];
  const [probes, took, cpu] = [seen.probes - seenBefore.probes, seen.at - seenBefore.at, used.cpu - usedBefore.cpu];
  return {
    probes: (probes * 1_000) / took,
    cpuPerProbe: cpu / probes,
    cpu: cpu / (took * 1_000),
    gatewayCpu: (seen.cpu - seenBefore.cpu) / (took * 1_000),
    rss: used.rss,
  };
}

async function failSome(
  peer: Peer,
  gateway: GatewayProcess,
  ids: readonly string[],
  waves: number,
): Promise<Pick<Figures, 'verdictMedian' | 'verdictWorst' | 'missed'>> {
  const failed: { at: number; ids: string[] }[] = [];
  for (let wave = 0; wave < waves; wave += 1) {
    const some = ids.filter((_, index) => index % waves === wave).slice(0, MOST_PER_WAVE);
    const { at } = await gateway.send({ type: 'become', what: 'sick', ids: some });
    failed.push({ at, ids: some });
    await wait(WAVE_EVERY_MS + 1_000 / waves);
  }
  const deadline = performance.now() + VERDICTS_MS;
  let delays: number[] = [];
  const all = failed.reduce((sum, { ids: some }) => sum + some.length, 0);
  for (;;) {
    delays = [];
    for (const { at, ids: some } of failed)
      for (const time of (await peer.verdicts(some, at)).values()) delays.push(time - at);
    if (delays.length === all || performance.now() > deadline) break;
    await wait(1_000);
  }
  return {
    verdictMedian: percentile(delays, 50),
    verdictWorst: percentile(delays, 100),
    missed: 1 - delays.length / all,
  };
}
