import { join } from 'node:path';
import type * as CoordinatorModule from '../../src/cluster/coordinator.ts';
import type * as GatewaySharesModule from '../../src/cluster/gateway-shares.ts';
import type * as SetSharedTimeModule from '../../src/cluster/set-shared-time.ts';
import type * as WatchdogModule from '../../src/runtime/watchdog.ts';
import type * as LeasesModule from '../../src/store/postgres/leases.ts';
import type * as PostgresStoreModule from '../../src/store/postgres/postgres-store.ts';
import type * as StoreModule from '../../src/store/store.ts';
import type * as SharedTimeModule from '../../src/time/shared-time.ts';
import { breakCopy, drops, puts, returns, type Mutation } from '../mutation/mutation.ts';
import type { Product } from './product.ts';
import type { Rule } from './replicas-day.ts';
import type { Slip } from './shared-database.ts';
import type { WorldName } from './worlds.ts';

/** The rule of the hours that notices when something is gone, and what takes that out of the program or its statements. */
export type ReplicaMutant = readonly [rule: Rule, gone: string, mutations: readonly Mutation[], more?: More];

interface More {
  /** The hours in which it is noticed; the usual ones, unless this says otherwise. */
  readonly world?: WorldName;
  readonly slips?: readonly Slip[];
}

export const REPLICA_MUTANTS: readonly ReplicaMutant[] = [
  ['lost', 'a save checks the token of the lease', [], { slips: ['saves without a lease'] }],
  ['ownership', 'what is owned cannot be claimed', [], { slips: ['claims what is owned'] }],
  [
    'kept',
    'leases end by the clock of the database, and not by those of the replicas',
    [],
    { slips: ['lets leases end by the clock of the replica'] },
  ],
  [
    'ownership',
    'no call is sent when the lease may have ended',
    [returns('Coordinator.mayRestart', 'true')],
    { world: 'deadly' },
  ],
  [
    'lost',
    'the states of a new account are read before any is saved',
    [
      puts('WatchedAccounts.enter', 'ownership.states(entering)', 'Promise.resolve(new Map())'),
      drops('PostgresStore.save', '#requireRead'),
    ],
  ],
  ['limits', 'the clocks of all replicas show the same time', [drops('setSharedTime', 'clock.shift')]],
  ['watched again', 'what has ended is claimed', [returns('Claims.claim', '[]')]],
  ['limits', 'the limits of a gateway are shared out', [returns('GatewayShares.look', 'new Map()')]],
  [
    'limits',
    'a newcomer waits until it knows what was begun',
    [puts('GatewayShares.#standing', 'others.length === 0 && !hasUnowned', 'true')],
  ],
  [
    'limits',
    'one that finds nobody else waits as well, while some accounts have no owner',
    [puts('GatewayShares.#standing', 'others.length === 0 && !hasUnowned', 'others.length === 0')],
    { world: 'deadly' },
  ],
  [
    'limits',
    'a lease counts from before the statement that renews it',
    [puts('Leases.renew', 'sentAt + this.leaseFor', 'this.#clock.now() + this.leaseFor')],
    { world: 'slow' },
  ],
  [
    'limits',
    'what a replica that is gone has begun counts until the next owners count it',
    [returns('GatewayShares.#usedByGone', '0')],
    { world: 'slow' },
  ],
  [
    'kept',
    'leases are renewed well before they end',
    [puts('Coordinator.#delay', 'ownership.leaseFor / RENEWALS', 'ownership.leaseFor')],
    { world: 'far' },
  ],
  [
    'given',
    'a replica that does not take what it is given is passed over',
    [puts('Outlook.holders', '!isLate && !isPassedOver(owner)', '!isLate')],
  ],
];

/** The sources of which mutations are made. */
export const MUTATED = ['cluster', 'core', 'runtime', 'time', 'collections', 'store', 'gateway/gateway.ts'];

/** The program with some of its source changed. */
export async function broken(copy: string, mutations: readonly Mutation[]): Promise<Product> {
  breakCopy(copy, MUTATED, mutations);
  const of = async <Module>(path: string): Promise<Module> => (await import(join(copy, path))) as Module;
  const { Coordinator } = await of<typeof CoordinatorModule>('cluster/coordinator.ts');
  const { GatewayShares, neighbours } = await of<typeof GatewaySharesModule>('cluster/gateway-shares.ts');
  const { setSharedTime } = await of<typeof SetSharedTimeModule>('cluster/set-shared-time.ts');
  const { Watchdog } = await of<typeof WatchdogModule>('runtime/watchdog.ts');
  const { Leases } = await of<typeof LeasesModule>('store/postgres/leases.ts');
  const { PostgresStore } = await of<typeof PostgresStoreModule>('store/postgres/postgres-store.ts');
  const { StoreError } = await of<typeof StoreModule>('store/store.ts');
  const { sharedTime } = await of<typeof SharedTimeModule>('time/shared-time.ts');
  return {
    Coordinator,
    GatewayShares,
    neighbours,
    setSharedTime,
    Watchdog,
    Leases,
    PostgresStore,
    sharedTime,
    StoreError,
  };
}
