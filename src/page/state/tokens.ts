/** What a call wants to do. */
export type Right = 'read' | 'write';

const KEYS: Readonly<Record<Right, string>> = {
  read: 'smileapi-watchdog.read-token',
  write: 'smileapi-watchdog.token',
};

/** Tokens that were accepted, until the tab is closed. */
export class Tokens {
  private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.storage = storage;
  }

  /** Null: none is known. Whoever may write may read. */
  get(right: Right): string | null {
    const write = this.storage.getItem(KEYS.write);
    return right === 'write' ? write : (this.storage.getItem(KEYS.read) ?? write);
  }

  keep(right: Right, token: string): void {
    this.storage.setItem(KEYS[right], token);
  }

  /** It is not accepted any more, whatever it was kept for. */
  forget(token: string): void {
    for (const key of Object.values(KEYS)) {
      if (this.storage.getItem(key) === token) this.storage.removeItem(key);
    }
  }
}
