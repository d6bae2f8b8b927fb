import type { InstanceState } from '../core/instance.ts';
import { requireSuccessor } from './compare-and-set.ts';
import { decode, encode } from './record.ts';
import { StoreError } from './store.ts';
import type { StateStore } from './store.ts';

/** A store that forgets everything when the process ends. */
export function memoryStore(): StateStore {
  return new MemoryStore();
}

class MemoryStore implements StateStore {
  readonly durable = false;
  /** Kept in the stored form, so that what a durable store would refuse is refused here too, and nothing is shared. */
  readonly #records = new Map<string, { readonly revision: number; readonly record: string }>();
  #closed = false;

  load(): Promise<ReadonlyMap<string, InstanceState>> {
    return this.#whileOpen(() => new Map([...this.#records].map(([key, { record }]) => [key, decode(record)])));
  }

  save(key: string, state: InstanceState): Promise<void> {
    return this.#whileOpen(() => {
      requireSuccessor(key, this.#records.get(key)?.revision ?? 0, state);
      this.#records.set(key, { revision: state.revision, record: encode(state) });
    });
  }

  remove(key: string): Promise<void> {
    return this.#whileOpen(() => {
      this.#records.delete(key);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #whileOpen<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed) throw new StoreError('closed', 'the state in memory is closed: open a new one');
      resolve(work());
    });
  }
}
