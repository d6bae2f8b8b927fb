import type { Daemon } from '../src/daemon.ts';
import { percentile, wait } from './measure.ts';

export interface Lateness {
  readonly probes: number;
  /** Different instances among them. */
  readonly instances: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** How late the probes of the chosen instances begin, in milliseconds, from now on for so long. */
export async function latenessOf(
  { events }: Daemon,
  seconds: number,
  counts: (name: string) => boolean = () => true,
): Promise<Lateness> {
  const values: number[] = [];
  const instances = new Set<string>();
  const unsubscribe = events.subscribe((event) => {
    if (event.type !== 'probe_finished' || !counts(event.name)) return;
    values.push(event.latenessSeconds * 1_000);
    instances.add(event.name);
  });
  await wait(seconds * 1_000);
  unsubscribe();
  return {
    probes: values.length,
    instances: instances.size,
    p50: percentile(values, 50),
    p99: percentile(values, 99),
    worst: percentile(values, 100),
  };
}
