import { spawnSync } from 'node:child_process';
import { startBenchDaemon, type SimulatorProcess } from './subjects.ts';
import { wait } from './measure.ts';

export interface Memory {
  /** Bytes after a forced collection. */
  readonly heap: number;
  readonly rss: number;
  /** Probes per second, and the CPU time of all of the process meanwhile in microseconds per second. */
  readonly rate: number;
  readonly cpu: number;
}

/** So that the collector has had its turn where probes are few. */
const LEAST_MS = 6_000;

/** Memory and CPU of a daemon with so many instances, each probed at least once, in a process of its own. */
export function memoryOf(simulator: Pick<SimulatorProcess, 'url'>, instances: number, everySeconds = 5): Memory {
  const args = ['--expose-gc', import.meta.filename, simulator.url, String(instances), String(everySeconds)];
  const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring memory failed: ${stderr}`);
  return JSON.parse(stdout) as Memory;
}

async function measure(url: string, instances: number, everySeconds: number): Promise<void> {
  const daemon = await startBenchDaemon(url, { instances, every: `${everySeconds}s`, concurrency: 50 });
  await wait(everySeconds * 1_200);
  let probes = 0;
  daemon.events.subscribe(({ type }) => {
    if (type === 'probe_finished') probes += 1;
  });
  const [cpuBefore, startedAt] = [process.cpuUsage(), performance.now()];
  await wait(Math.max(everySeconds * 1_200, LEAST_MS));
  const [{ user, system }, seconds] = [process.cpuUsage(cpuBefore), (performance.now() - startedAt) / 1_000];
  const [rate, cpu] = [probes / seconds, (user + system) / seconds];
  globalThis.gc?.();
  await wait(500);
  globalThis.gc?.();
  const { heapUsed: heap, rss } = process.memoryUsage();
  process.stdout.write(JSON.stringify({ heap, rss, rate, cpu } satisfies Memory));
  await daemon.stop();
}

const [url, instances, everySeconds] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename && url !== undefined)
  await measure(url, Number(instances), Number(everySeconds));
