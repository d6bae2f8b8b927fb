import type { InstanceState } from '../../src/core/instance/instance.ts';
import { StoreError, type StateStore } from '../../src/store/store.ts';

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
      load: () => Promise.resolve(new Map([...records].map(([key, text]) => [key, JSON.parse(text) as InstanceState]))),
      save: async (key, state) => {
        await hop('before_save', key);
        if (this.full) throw new StoreError('unavailable', 'the simulated disk is full');
        const stored = records.get(key);
        const revision = stored === undefined ? 0 : (JSON.parse(stored) as InstanceState).revision;
        if (state.revision !== revision + 1) {
          this.conflicts.push(`${key}: ${state.revision} does not follow ${revision}`);
          throw new StoreError('conflict', `${key}: ${state.revision} does not follow ${revision}`);
        }
        records.set(key, JSON.stringify(state));
        await hop('after_save', key);
      },
      remove: (key) => {
        records.delete(key);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }
}
