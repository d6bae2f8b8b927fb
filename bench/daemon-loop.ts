import { measureRate, percentile, wait, type Run } from './measure.ts';
import { startBenchDaemon, type FleetShape } from './subjects.ts';

/** The daemon with more to do than it can: how many probes it gets through, from schedule to metrics. */
export async function daemonLoop(url: string, shape: FleetShape, seconds: number): Promise<Run> {
  const daemon = await startBenchDaemon(url, shape);
  let answered = 0;
  let wrong = 0;
  daemon.events.subscribe((event) => {
    if (event.type !== 'probe_finished') return;
    answered += 1;
    if (event.cause !== 'connected') wrong += 1;
  });
  const run = await measureRate(() => answered, seconds);
  if (wrong > 0) throw new Error(`${wrong} of ${answered} probes were not answered with connected`);
  await daemon.stop();
  return run;
}

export interface Lateness {
  readonly probes: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** How late probes begin, in milliseconds, once the first rounds are over. */
export async function lateness(url: string, shape: FleetShape, seconds: number): Promise<Lateness> {
  const daemon = await startBenchDaemon(url, shape);
  await wait(4_000);
  const values: number[] = [];
  const unsubscribe = daemon.events.subscribe((event) => {
    if (event.type === 'probe_finished') values.push(event.latenessSeconds * 1_000);
  });
  await wait(seconds * 1_000);
  unsubscribe();
  await daemon.stop();
  return {
    probes: values.length,
    p50: percentile(values, 50),
    p99: percentile(values, 99),
    worst: Math.max(...values),
  };
}
