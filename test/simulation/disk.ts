import { StoreError, type StateStore, type StoredState } from '../../src/store/store.ts';

/** What survives a crash: the stored states, as JSON. It can be full. */
export class Disk {
  full = false;
  /** Saves that did not follow on the stored revision: each is a bug of the watch. */
  conflicts: string[] = [];
  readonly records = new Map<string, string>();

  /** The store as a process sees it. `hop` may never return: then the process died there. */
  open(hop: (name: 'before_save' | 'after_save', key: string) => Promise<void>): StateStore {
    const { records } = this;
    return {
      durable: true,
      load: () => Promise.resolve(new Map([...records].map(([key, text]) => [key, JSON.parse(text) as StoredState]))),
      save: async (key, state, follows) => {
        await hop('before_save', key);
        if (this.full) throw new StoreError('unavailable', 'the simulated disk is full');
        const stored = records.get(key);
        const revision = stored === undefined ? 0 : (JSON.parse(stored) as StoredState).revision;
        if (follows !== revision) {
          this.conflicts.push(`${key}: it follows ${follows}, but ${revision} is stored`);
          throw new StoreError('conflict', `${key}: it follows ${follows}, but ${revision} is stored`);
        }
        const next: StoredState = { revision: revision + 1, state };
        records.set(key, JSON.stringify(next));
        await hop('after_save', key);
        return next.revision;
      },
      remove: (key) => {
        records.delete(key);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }
}
