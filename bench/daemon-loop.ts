import { LatenessLog, type Lateness } from './lateness.ts';
import { measureRate, wait, type Run } from './measure.ts';
import { benchNames, startBenchDaemon, type FleetShape } from './subjects.ts';

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

/** How late probes begin once the first rounds are over. */
export async function lateness(url: string, shape: FleetShape, seconds: number): Promise<Lateness> {
  const daemon = await startBenchDaemon(url, shape);
  await wait(4_000);
  const late = await new LatenessLog(benchNames(shape.instances)).during(daemon, seconds);
  await daemon.stop();
  return late;
}
