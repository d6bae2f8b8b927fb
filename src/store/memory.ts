import type { InstanceState } from '../core/instance/instance.ts';
import { requireSuccessor } from './compare-and-set.ts';
import { encode } from './record.ts';
import { StoreError } from './store.ts';
import type { StateStore } from './store.ts';

/** A store that forgets everything when the process ends. */
export function memoryStore(): StateStore {
  return new MemoryStore();
}

class MemoryStore implements StateStore {
  readonly durable = false;
  /** The caller's own objects: a state is a value that never changes. */
  readonly #states = new Map<string, InstanceState>();
  #closed = false;

  load(): Promise<ReadonlyMap<string, InstanceState>> {
    return this.#whileOpen(() => new Map(this.#states));
  }

  save(key: string, state: InstanceState): Promise<void> {
    return this.#whileOpen(() => {
      requireSuccessor(key, this.#states.get(key)?.revision ?? 0, state);
      // What a durable store would refuse is refused here too.
      encode(state);
      this.#states.set(key, state);
    });
  }

  remove(key: string): Promise<void> {
    return this.#whileOpen(() => {
      this.#states.delete(key);
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
