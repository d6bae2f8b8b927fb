import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Publish } from '../core/event.ts';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import { sleep, type Clock } from '../time/clock.ts';
import type { Instance } from '../runtime/fleet/instance.ts';
import { openLevelStore } from '../store/level/level.ts';
import { memoryStore } from '../store/memory.ts';
import { openPostgresAccount, openPostgresStore, type PostgresStoreOptions } from '../store/postgres/postgres-store.ts';
import type { SharedStore } from '../store/ownership.ts';
import { UnavailableStore } from '../store/unavailable-store.ts';
import { StoreError, type StateStore, type Store } from '../store/store.ts';

type StateSettings = Pick<Config, 'state' | 'cluster'>;

/** @throws StoreError */
export async function openStore(settings: StateSettings, clock: Clock): Promise<Store | SharedStore> {
  const { path, database } = settings.state;
  if (database !== null) return await openPostgresStore({ database, clock, ...replicaOf(settings) });
  return path === ':memory:' ? memoryStore() : await openLevelStore({ path });
}

/**
 * The state for a process that works on one account, and is over soon.
 *
 * @throws StoreError of kind `locked` when another process uses it
 */
export async function openStoreFor(account: string, settings: StateSettings, clock: Clock): Promise<StateStore> {
  const { database } = settings.state;
  if (database === null) return await openStore(settings, clock);
  return await openPostgresAccount({ database, clock, ...replicaOf(settings) }, account);
}

function replicaOf({ cluster }: StateSettings): Pick<PostgresStoreOptions, 'replica' | 'leaseFor'> {
  return { replica: cluster.replica ?? hostname(), leaseFor: cluster.leaseFor };
}

/** A state that begins empty and leaves no trace. */
export function storeInMemory(): StateStore {
  return memoryStore();
}

/**
 * The state for a daemon that can run without one: where the stored state is damaged, or its disk is full, read-only or
 * broken, an UnavailableStore takes its place.
 *
 * @throws StoreError for mistakes of configuration: the place is in use, cannot hold a state, or belongs to a newer
 *   version
 */
export async function openStoreOrUnavailable(settings: StateSettings, clock: Clock): Promise<Store | SharedStore> {
  try {
    return await openStore(settings, clock);
  } catch (error) {
    if (error instanceof StoreError && SURVIVABLE.has(error.kind)) return new UnavailableStore(error);
    throw error;
  }
}

const SURVIVABLE: ReadonlySet<StoreError['kind']> = new Set<StoreError['kind']>(['unavailable', 'corrupt']);

/** What has become of the states of a fleet that is no longer watched, for the log. */
export function fateOfStates(
  store: StateStore,
  instances: Iterable<Pick<Instance, 'unsaved'>>,
): { readonly level: 'info' | 'warn'; readonly words: string } {
  if (store instanceof UnavailableStore && store.trouble !== null) {
    const words = `nothing was saved, because the state cannot be used (${store.trouble.message})`;
    return { level: 'warn', words };
  }
  if (!store.durable) return { level: 'info', words: 'its state was in memory only and is forgotten' };
  const unsaved = [...instances].filter((instance) => instance.unsaved).length;
  if (unsaved === 0) return { level: 'info', words: 'every state is saved' };
  const words = `the state of ${unsaved === 1 ? '1 instance' : `${unsaved} instances`} could not be saved: the next start knows an older one`;
  return { level: 'warn', words };
}

const FIRST_WAIT: DurationMs = 5 * SECOND;
const LONGEST_WAIT: DurationMs = MINUTE;

type States = Awaited<ReturnType<StateStore['load']>>;

export interface SearchParts {
  readonly clock: Clock;
  readonly publish: Publish;
  /** Opens the real store. */
  readonly open: () => Promise<Store>;
  /** Restores the stored states; resolves with the number of instances. */
  readonly restore: (states: States, real: Store) => Promise<number>;
  /** Receives errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

/**
 * Reports that there is no state, and tries to open it until that succeeds or the search is stopped. A damaged state is
 * left alone: its repair may be half done, and opening it then could destroy the rest.
 *
 * @returns stops the search
 */
export function searchForState(unavailable: UnavailableStore, parts: SearchParts): () => Promise<void> {
  const stopping = new AbortController();
  const searching = search(unavailable, parts, stopping.signal).catch(parts.onError);
  return async () => {
    stopping.abort();
    await searching;
  };
}

async function search(unavailable: UnavailableStore, parts: SearchParts, signal: AbortSignal): Promise<void> {
  const { clock, publish, open, restore } = parts;
  let reported: string | null = null;
  let wait = FIRST_WAIT;
  for (let { trouble } = unavailable; trouble !== null; { trouble } = unavailable) {
    const { kind, message: reason } = trouble;
    const soughtAgain = PASSING.has(kind);
    if (reason !== reported) publish({ at: clock.now(), type: 'state_unusable', reason, soughtAgain });
    reported = reason;
    if (!soughtAgain) return;
    await sleep(clock, wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT);
    if (signal.aborted) return;
    try {
      const { real, states } = await openAndLoad(open);
      await unavailable.found(real);
      publish({ at: clock.now(), type: 'state_found', instances: await restore(states, real) });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      unavailable.stillMissing(error);
    }
  }
}

async function openAndLoad(open: SearchParts['open']): Promise<{ real: Store; states: States }> {
  const real = await open();
  try {
    return { real, states: await real.load() };
  } catch (error) {
    await real.close();
    throw error;
  }
}

/** `locked`: another copy was faster to open it, and may end. */
const PASSING: ReadonlySet<StoreError['kind']> = new Set<StoreError['kind']>(['unavailable', 'locked']);
