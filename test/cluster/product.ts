import { Coordinator } from '../../src/cluster/coordinator.ts';
import { GatewayShares, neighbours } from '../../src/cluster/gateway-shares.ts';
import { setSharedTime } from '../../src/cluster/set-shared-time.ts';
import { Watchdog } from '../../src/runtime/watchdog.ts';
import { Leases } from '../../src/store/postgres/leases.ts';
import { PostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { StoreError } from '../../src/store/store.ts';
import { sharedTime } from '../../src/time/shared-time.ts';

/** What the simulated replicas consist of. */
export interface Product {
  readonly Coordinator: typeof Coordinator;
  readonly GatewayShares: typeof GatewayShares;
  readonly neighbours: typeof neighbours;
  readonly setSharedTime: typeof setSharedTime;
  readonly Watchdog: typeof Watchdog;
  readonly Leases: typeof Leases;
  readonly PostgresStore: typeof PostgresStore;
  readonly sharedTime: typeof sharedTime;
  readonly StoreError: typeof StoreError;
}

export const PRODUCT: Product = {
  ...{ Coordinator, GatewayShares, neighbours, setSharedTime, Watchdog, Leases, PostgresStore, sharedTime, StoreError },
};
