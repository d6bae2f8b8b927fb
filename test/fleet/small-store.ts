import { inject } from 'vitest';
import { SECOND } from '../../src/core/time.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { StateStore } from '../../src/store/store.ts';
import { SharedDatabase } from '../cluster/shared-database.ts';
import { alone } from '../postgres/open-store.ts';

/**
 * An empty store: in memory, or, where daemons of tests have their states in PostgreSQL, the one for that. Its database is
 * simulated then, because a real one does not go by the clock of the test.
 *
 * @param clock of that database; by default its time stands still, as for tests whose processes have a clock each
 */
export function emptyStore(clock = new SimulatedClock()): StateStore {
  if (inject('portOfStates') === undefined) return memoryStore();
  return alone(new SharedDatabase(clock).open({ owner: 'test', clock, leaseFor: 15 * SECOND }));
}
