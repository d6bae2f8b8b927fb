import { parseDatabaseUrl } from '../../src/config/schema/database-url.ts';
import type { DatabaseSettings } from '../../src/core/settings.ts';
import { openPostgresStore, type PostgresStoreOptions } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/time/clock.ts';

export function settingsOf(url: string): DatabaseSettings {
  const settings = parseDatabaseUrl(url);
  if ('mistake' in settings) throw new Error(settings.mistake);
  return settings;
}

/** The state in the PostgreSQL of a URL. */
export function openTestStore(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  const database = settingsOf(url);
  return openPostgresStore({ database, clock: systemClock(), replica: 'test', leaseFor: 15_000, ...options });
}
