import type { Publish } from '../core/event.ts';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import { sleep, type Clock } from '../time/clock.ts';
import { openLevelStore } from '../store/level.ts';
import { memoryStore } from '../store/memory.ts';
import { UnavailableStore } from '../store/unavailable-store.ts';
import { StoreError, type StateStore } from '../store/store.ts';

/** @throws StoreError */
export async function openStore(path: string): Promise<StateStore> {
  return path === ':memory:' ? memoryStore() : await openLevelStore({ path });
}

/**
 * The state for whoever goes on without one: where what is stored is damaged, or its disk is full, read-only or broken,
 * another store stands in for it.
 *
 * @throws StoreError for what somebody meant otherwise: the place is in use, is no place for a state, or belongs to a
 *   newer version
 */
export async function openStoreOrUnavailable(path: string): Promise<StateStore | UnavailableStore> {
  try {
    return await openStore(path);
  } catch (error) {
    if (error instanceof StoreError && MISHAPS.has(error.kind)) return new UnavailableStore(error);
    throw error;
  }
}

const MISHAPS: ReadonlySet<StoreError['kind']> = new Set<StoreError['kind']>(['unavailable', 'corrupt']);

const FIRST_WAIT: DurationMs = 5 * SECOND;
const LONGEST_WAIT: DurationMs = MINUTE;

type States = Awaited<ReturnType<StateStore['load']>>;

export interface SearchParts {
  readonly clock: Clock;
  readonly publish: Publish;
  /** Opens the real store. */
  readonly open: () => Promise<StateStore>;
  /** Lets what the store knows count again; answers of how many instances that is. */
  readonly restore: (states: States) => Promise<number>;
  /** Hears of errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

/**
 * Says that there is no state, and tries to open it until that succeeds or it is stopped. One that is damaged is left
 * alone: whoever mends it may be half-way through, and opening it then could spoil the rest.
 */
export function searchForState(standIn: UnavailableStore, parts: SearchParts): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const sought = seek(standIn, parts, stopping.signal).catch(parts.onError);
  return {
    async stop() {
      stopping.abort();
      await sought;
    },
  };
}

async function seek(standIn: UnavailableStore, parts: SearchParts, signal: AbortSignal): Promise<void> {
  const { clock, publish, open, restore } = parts;
  let said: string | null = null;
  let wait = FIRST_WAIT;
  for (let { trouble } = standIn; trouble !== null; { trouble } = standIn) {
    const { kind, message: reason } = trouble;
    const soughtAgain = PASSING.has(kind);
    if (reason !== said) publish({ at: clock.now(), type: 'state_unusable', reason, soughtAgain });
    said = reason;
    if (!soughtAgain) return;
    await sleep(clock, wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT);
    if (signal.aborted) return;
    try {
      const { real, states } = await openAndLoad(open);
      await standIn.found(real);
      publish({ at: clock.now(), type: 'state_found', instances: await restore(states) });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      standIn.stillMissing(error);
    }
  }
}

async function openAndLoad(open: SearchParts['open']): Promise<{ real: StateStore; states: States }> {
  const real = await open();
  try {
    return { real, states: await real.load() };
  } catch (error) {
    await real.close();
    throw error;
  }
}

/** Another copy that has been faster may end. */
const PASSING: ReadonlySet<StoreError['kind']> = new Set<StoreError['kind']>(['unavailable', 'locked']);
