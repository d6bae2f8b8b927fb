import { parseDatabaseUrl } from '../../src/config/values/database-url.ts';
import type { DatabaseSettings } from '../../src/core/settings.ts';
import {
  openPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from '../../src/store/postgres/postgres-store.ts';
import { accountOf } from '../../src/store/postgres/state-rows.ts';
import type { Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/time/clock.ts';

/** Longer than any test takes on any machine. */
const LEASE = 600_000;

export function settingsOf(url: string): DatabaseSettings {
  const settings = parseDatabaseUrl(url);
  if ('mistake' in settings) throw new Error(settings.mistake);
  return settings;
}

/** The state in the PostgreSQL of a URL, shared with others. */
export function openTestStore(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
  const database = settingsOf(url);
  return openPostgresStore({ database, clock: systemClock(), replica: 'test', leaseFor: LEASE, ...options });
}

/** The same for a user that knows nothing of accounts: the account of each state is claimed before its first save. */
export async function openAloneStore(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  return alone(await openTestStore(url, options));
}

/** The same of a store that is open. */
export function alone(store: PostgresStore): Store {
  const owned = new Map<string, Promise<void>>();
  const claimed = (key: string): Promise<void> => {
    const account = accountOf(key);
    const claiming = owned.get(account) ?? store.own([account]);
    owned.set(account, claiming);
    return claiming;
  };
  let isClosed = false;
  const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    if (!isClosed) await claimed(key);
    return await work();
  };
  const begun = new Set<Promise<unknown>>();
  const noted = <T>(work: Promise<T>): Promise<T> => {
    begun.add(work);
    return work;
  };
  return {
    durable: store.durable,
    history: store.history,
    load: () => store.load(),
    save: (key, state, follows) => noted(inTurn(key, () => store.save(key, state, follows))),
    remove: (key) => noted(inTurn(key, () => store.remove(key))),
    async close() {
      isClosed = true;
      await Promise.allSettled(begun);
      await store.close();
    },
  };
}
