import { spawnSync } from 'node:child_process';
import { startBenchDaemon, type SimulatorProcess } from './subjects.ts';
import { wait } from './measure.ts';

export interface Memory {
  /** Bytes after a forced collection. */
  readonly heap: number;
  readonly rss: number;
}

/** Memory of a daemon with so many instances, each probed at least once, in a process of its own. */
export function memoryOf(simulator: SimulatorProcess, instances: number): Memory {
  const args = ['--expose-gc', import.meta.filename, simulator.url, String(instances)];
  const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring memory failed: ${stderr}`);
  return JSON.parse(stdout) as Memory;
}

async function measure(url: string, instances: number): Promise<void> {
  const daemon = await startBenchDaemon(url, { instances, every: '5s', concurrency: 50 });
  await wait(12_000);
  globalThis.gc?.();
  await wait(500);
  globalThis.gc?.();
  const { heapUsed: heap, rss } = process.memoryUsage();
  process.stdout.write(JSON.stringify({ heap, rss } satisfies Memory));
  await daemon.stop();
}

const [url, instances] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename && url !== undefined) await measure(url, Number(instances));
