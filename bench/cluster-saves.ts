import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newInstance } from '../src/core/instance/instance.ts';
import { openLevelStore } from '../src/store/level/level.ts';
import type { Store } from '../src/store/store.ts';
import { openTestStore } from '../test/postgres/open-store.ts';
import { percentile } from './measure.ts';

export interface Saves {
  readonly rate: number;
  /** From the call of `save` until the state is durable, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const ACCOUNT = 'bench';

/**
 * Saves states of many instances, each again and again, and waits for each save.
 *
 * @param url of a PostgreSQL; null: LevelDB in a folder
 * @param waiting instances that save at the same time
 */
export async function savesPerSecond(url: string | null, waiting: number, seconds: number): Promise<Saves> {
  const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-saves-'));
  const store = url === null ? await openLevelStore({ path: folder }) : await inDatabase(url);
  const times: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  const before = await store.load();
  const instance = async (key: string): Promise<void> => {
    let revision = before.get(key)?.revision ?? 0;
    while (performance.now() < endsAt) {
      const at = performance.now();
      revision = await store.save(key, { ...newInstance(7, 1_750_000_000_000), failures: revision }, revision);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: waiting }, (_, index) => instance(`${ACCOUNT}/${index}`)));
  const took = (performance.now() - startedAt) / 1_000;
  await store.close();
  await rm(folder, { recursive: true });
  return { rate: times.length / took, p50: percentile(times, 50), p99: percentile(times, 99) };
}

async function inDatabase(url: string): Promise<Store> {
  const store = await openTestStore(url);
  await store.own([ACCOUNT]);
  return store;
}
