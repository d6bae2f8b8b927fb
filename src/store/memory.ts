import { encode } from './record.ts';
import { nextRevision, StoreError, type Store, type StoredState } from './store.ts';

/** A store that forgets everything when the process ends. */
export function memoryStore(): Store {
  // The caller's own objects: a state is a value that never changes.
  const states = new Map<string, StoredState>();
  const past = new Map<string, Uint8Array>();
  let isClosed = false;
  const whileOpen = <T>(work: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (isClosed) throw new StoreError('closed', 'the state in memory is closed: open a new one');
      resolve(work());
    });
  return {
    durable: false,
    load: () => whileOpen(() => new Map(states)),
    save: (key, state, follows) =>
      whileOpen(() => {
        const revision = nextRevision(key, states.get(key)?.revision ?? 0, follows);
        const stored = { revision, state };
        // What a durable store would refuse is refused here too.
        encode(stored);
        states.set(key, stored);
        return revision;
      }),
    remove: (key) =>
      whileOpen(() => {
        states.delete(key);
        past.delete(key);
      }),
    close() {
      isClosed = true;
      return Promise.resolve();
    },
    history: {
      read: (keys) => whileOpen(() => keys.map((key) => past.get(key) ?? null)),
      write: (records) =>
        whileOpen(() => {
          for (const [key, record] of records) {
            if (record === null) past.delete(key);
            else past.set(key, record);
          }
        }),
    },
  };
}
