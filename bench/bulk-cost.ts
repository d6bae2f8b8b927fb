import { fork } from 'node:child_process';
import { once } from 'node:events';
import { median, wait } from './measure.ts';
import { startBenchDaemon } from './subjects.ts';
import type { GatewayProcess } from './gateway-process.ts';

/** Code that runs once a second is compiled late, and what the start has left behind is collected late. */
const WARM_UP_MS = 30_000;

/** The same gateway for both: what is probed one by one is not asked for its list. */
const GATEWAYS = {
  listing: {
    probe: { get: '/bench/v1/{id}/instance' },
    list: { get: '/bench/v1/list', id: 'id', state: 'state' },
    state: { at: ['instance.state'], words: { connected: ['open'], disconnected: ['close'] } },
    remedies: [{ steps: [{ post: '/bench/v1/{id}/instance/restart' }] }],
  },
};

export interface BulkRun {
  readonly url: string;
  readonly instances: number;
  readonly every: string;
  readonly bulk: boolean;
  readonly seconds: number;
}

interface Measured {
  /**
   * Microseconds of CPU in a second, the median of them: now and then V8 collects what the start has left behind, which takes
   * as much as a hundred seconds of a daemon that has nothing to do.
   */
  readonly cpu: number;
  /** Looks at all instances per second. */
  readonly looks: number;
}

export interface BulkCost extends Measured {
  /** Per second. */
  readonly requests: number;
}

/** What a daemon takes, in a process of its own: else each would collect what those before it have left behind. */
export async function bulkCost(gateway: GatewayProcess, run: Omit<BulkRun, 'url'>): Promise<BulkCost> {
  const child = fork(import.meta.filename, [JSON.stringify({ ...run, url: gateway.url })]);
  await once(child, 'message');
  const before = await gateway.send({ type: 'look' });
  const [measured] = (await once(child, 'message')) as [Measured];
  const after = await gateway.send({ type: 'look' });
  const requests = after.probes + after.lists - before.probes - before.lists;
  return { ...measured, requests: requests / run.seconds };
}

async function measure({ url, instances, every, bulk, seconds }: BulkRun): Promise<void> {
  const account = { gateway: 'listing', probe: { bulk } };
  const daemon = await startBenchDaemon(url, { instances, every, concurrency: 50, account, gateways: GATEWAYS });
  let found = 0;
  daemon.events.subscribe((event) => {
    if (event.type === 'probe_finished' && event.cause === 'connected') found += 1;
    if (event.type === 'list_finished') found += event.names.length;
  });
  await wait(WARM_UP_MS);
  process.send?.('warm');
  const [before, startedAt] = [found, performance.now()];
  const cpus: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const cpuBefore = process.cpuUsage();
    await wait(1_000);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpus.push(user + system);
  }
  const looks = (found - before) / instances / ((performance.now() - startedAt) / 1_000);
  process.send?.({ cpu: median(cpus), looks } satisfies Measured);
  await daemon.stop();
  process.exit();
}

const [order] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename && order !== undefined) await measure(JSON.parse(order) as BulkRun);
