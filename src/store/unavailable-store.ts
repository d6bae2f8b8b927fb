import type { InstanceState } from '../core/instance/instance.ts';
import type { HistoryStore, Store, StoredState, StoreError } from './store.ts';

/**
 * Takes the place of a state that cannot be used. It holds no states and saves nothing, so probing goes on, and restarts,
 * which must be saved first, are not made. Once the real store is found, it forwards everything to that.
 */
export class UnavailableStore implements Store {
  #trouble: StoreError;
  #real: Store | null = null;
  #closed = false;
  readonly history: HistoryStore = {
    read: (keys) => this.#real?.history.read(keys) ?? Promise.reject(this.#trouble),
    write: (records) => this.#real?.history.write(records) ?? Promise.reject(this.#trouble),
  };

  /** @param trouble why the real store could not be opened */
  constructor(trouble: StoreError) {
    this.#trouble = trouble;
  }

  get durable(): boolean {
    return this.#real?.durable ?? false;
  }

  /** Why nothing can be saved; null once the real store is there. */
  get trouble(): StoreError | null {
    return this.#real === null ? this.#trouble : null;
  }

  /** The reason of a further attempt that failed. */
  stillMissing(trouble: StoreError): void {
    this.#trouble = trouble;
  }

  /**
   * From now on states are saved there. The caller restores the stored states next: until then an instance with a record
   * cannot be saved, because its state would not be the successor of that record.
   */
  async found(real: Store): Promise<void> {
    if (this.#closed) await real.close();
    else this.#real = real;
  }

  load(): Promise<ReadonlyMap<string, StoredState>> {
    return this.#real?.load() ?? Promise.resolve(new Map());
  }

  save(key: string, state: InstanceState, follows: number): Promise<number> {
    return this.#real?.save(key, state, follows) ?? Promise.reject(this.#trouble);
  }

  remove(key: string): Promise<void> {
    return this.#real?.remove(key) ?? Promise.reject(this.#trouble);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#real?.close();
  }
}
