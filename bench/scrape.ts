import { median, wait } from './measure.ts';
import { startBenchDaemon } from './subjects.ts';

export interface Scrape {
  readonly bytes: number;
  /** Milliseconds until the last byte. */
  readonly took: number;
  /** Longest time, in milliseconds, during which the process did nothing else. */
  readonly stall: number;
}

/** /metrics of a fleet, over a connection of its own, with its effect on the event loop. */
export async function scrape(url: string, instances: number): Promise<Scrape> {
  const daemon = await startBenchDaemon(url, { instances, every: '30s', concurrency: 50 });
  await wait(3_000);
  const runs: Scrape[] = [];
  for (let run = 0; run < 5; run += 1) {
    let [stall, last] = [0, performance.now()];
    const beat = setInterval(() => {
      stall = Math.max(stall, performance.now() - last);
      last = performance.now();
    }, 1);
    const startedAt = performance.now();
    const bytes = (await (await fetch(`${daemon.url}/metrics`)).arrayBuffer()).byteLength;
    const took = performance.now() - startedAt;
    clearInterval(beat);
    runs.push({ bytes, took, stall });
    await wait(300);
  }
  await daemon.stop();
  const middle = (of: (run: Scrape) => number): number => median(runs.map(of));
  return { bytes: middle(({ bytes }) => bytes), took: middle(({ took }) => took), stall: middle(({ stall }) => stall) };
}
