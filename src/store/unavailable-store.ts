import type { InstanceState } from '../core/instance/instance.ts';
import type { StateStore, StoreError } from './store.ts';

/**
 * Stands in for a state that cannot be used. It knows nobody and saves nothing, so that what needs no record, probing
 * and showing, goes on, and what needs one, a restart, is not done. Once the real store is found it passes all on.
 */
export class UnavailableStore implements StateStore {
  #trouble: StoreError;
  #real: StateStore | null = null;
  #closed = false;

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

  /** Another reason than before, after another attempt. */
  stillMissing(trouble: StoreError): void {
    this.#trouble = trouble;
  }

  /**
   * From now on, what is saved is saved there. What the real store knows is to be taken up next: until then whatever
   * it has a record of cannot be saved, for it would not be the successor of that record.
   */
  async found(real: StateStore): Promise<void> {
    if (this.#closed) await real.close();
    else this.#real = real;
  }

  load(): Promise<ReadonlyMap<string, InstanceState>> {
    return this.#real?.load() ?? Promise.resolve(new Map());
  }

  save(key: string, state: InstanceState): Promise<void> {
    return this.#real?.save(key, state) ?? Promise.reject(this.#trouble);
  }

  remove(key: string): Promise<void> {
    return this.#real?.remove(key) ?? Promise.reject(this.#trouble);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#real?.close();
  }
}
