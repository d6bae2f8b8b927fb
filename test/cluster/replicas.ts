import type { ClusterHost, States } from '../../src/cluster/cluster-host.ts';
import { Coordinator } from '../../src/cluster/coordinator.ts';
import type { FleetEvent } from '../../src/core/event.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { StoreError } from '../../src/store/store.ts';
import { sleep } from '../../src/time/clock.ts';
import { SharedDatabase } from './shared-database.ts';

export const LEASE = 15_000;

/** What becomes of the statements that read states. */
export type Reads = 'well' | 'late' | 'never';

const NEVER = new Promise<never>(() => undefined);

/**
 * One process with a coordinator over a watchdog that follows it.
 *
 * @param start counts the processes of this replica
 */
export function replica(
  database: SharedDatabase,
  clock: SimulatedClock,
  owner: string,
  accounts: Readonly<Record<string, number>>,
  start = 1,
) {
  const process = { frozen: false, cut: false, slow: 0, reads: 'well' as Reads, restarting: new Set<string>() };
  const hop = async (place: 'before' | 'after', statement: 'save' | 'look'): Promise<void> => {
    if (statement === 'save' && process.reads === 'late') await NEVER;
    if (statement === 'save' && process.reads === 'never') throw new StoreError('unavailable', 'cut off');
    if (process.frozen) await NEVER;
    if (process.cut) throw new StoreError('unavailable', 'cut off');
    if (process.slow > 0 && place === 'before') await sleep(clock, process.slow, new AbortController().signal);
  };
  const store = database.open({ owner: `${owner} ${start}`, clock, leaseFor: LEASE, hop });
  const watched: { accounts: ReadonlySet<string>; loaded: string[] } = { accounts: new Set(), loaded: [] };
  const events: string[] = [];
  const host = {
    weights: new Map(Object.entries(accounts)) as ReadonlyMap<string, number>,
    news: { replica: owner, advertise: null, config: 'c1', gateways: {} },
    get config() {
      return this.news.config;
    },
    see: () => undefined,
    isRestarting: (account: string) => process.restarting.has(account),
    watch: (next: ReadonlySet<string>, states: States) => {
      watched.accounts = next;
      watched.loaded.push(...states.keys());
      return Promise.resolve();
    },
  } satisfies ClusterHost;
  const coordinator = new Coordinator({
    clock,
    host,
    publish: (event: FleetEvent) => void events.push(event.type),
    onError: (error) => {
      throw error;
    },
  });
  return {
    ...{ process, store, host, events, coordinator },
    watches: () => [...watched.accounts].toSorted().join(' '),
    loaded: () => watched.loaded,
    start: async () => {
      await coordinator.join(store.ownership);
      coordinator.start();
    },
  };
}

/** Accounts, each with the number of its instances. */
export const FOUR = { a: 10, b: 10, c: 10, d: 10 };

/** Replicas over one database that have not started yet. */
export function world(...owners: readonly string[]) {
  return worldOf(FOUR, ...owners);
}

export function worldOf(accounts: Readonly<Record<string, number>>, ...owners: readonly string[]) {
  const clock = new SimulatedClock();
  const database = new SharedDatabase(clock);
  const [one, two, three] = owners.map((owner) => replica(database, clock, owner, accounts));
  return { clock, database, one: one!, two: two!, three: three! };
}

/** Two replicas that share the accounts: the first has c and d, the other one a and b. */
export async function sharing() {
  const all = world('one', 'two');
  await all.one.start();
  await all.two.start();
  await all.clock.run(LEASE);
  return all;
}
