import type { InstanceState } from '../core/instance/instance.ts';
import { encode } from './record.ts';
import { nextRevision, StoreError, type HistoryStore, type Store, type StoredState } from './store.ts';

/** A store that forgets everything when the process ends. */
export function memoryStore(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly durable = false;
  /** The caller's own objects: a state is a value that never changes. */
  readonly #states = new Map<string, StoredState>();
  readonly #history = new Map<string, Uint8Array>();
  #closed = false;
  readonly history: HistoryStore = {
    read: (keys) => this.#whileOpen(() => keys.map((key) => this.#history.get(key) ?? null)),
    write: (records) =>
      this.#whileOpen(() => {
        for (const [key, record] of records) {
          if (record === null) this.#history.delete(key);
          else this.#history.set(key, record);
        }
      }),
  };

  load(): Promise<ReadonlyMap<string, StoredState>> {
    return this.#whileOpen(() => new Map(this.#states));
  }

  save(key: string, state: InstanceState, follows: number): Promise<number> {
    return this.#whileOpen(() => {
      const revision = nextRevision(key, this.#states.get(key)?.revision ?? 0, follows);
      const stored = { revision, state };
      // What a durable store would refuse is refused here too.
      encode(stored);
      this.#states.set(key, stored);
      return revision;
    });
  }

  remove(key: string): Promise<void> {
    return this.#whileOpen(() => {
      this.#states.delete(key);
      this.#history.delete(key);
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
