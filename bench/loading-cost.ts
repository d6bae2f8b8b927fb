import { spawnSync } from 'node:child_process';
import { loadInThread } from '../src/config/reload/load-in-background.ts';

export interface LoadingCost {
  readonly seconds: number;
  /** The most that the process took, in bytes. */
  readonly rss: number;
}

/** What it takes to load a config in a thread of its own, in a process of its own. */
export function loadingCost(file: string): LoadingCost {
  const { stdout, status, stderr } = spawnSync(process.execPath, [import.meta.filename, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measuring the loading failed: ${stderr}`);
  return JSON.parse(stdout) as LoadingCost;
}

async function measure(file: string): Promise<void> {
  const startedAt = performance.now();
  await loadInThread(file, {}, new AbortController().signal);
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stdout.write(JSON.stringify({ seconds, rss: process.resourceUsage().maxRSS * 1024 } satisfies LoadingCost));
}

const [file] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename && file !== undefined) await measure(file);
