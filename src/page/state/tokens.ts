/** What a call does. */
export type Right = 'read' | 'write';

const KEYS: Readonly<Record<Right, string>> = {
  read: 'smileapi-watchdog.read-token',
  write: 'smileapi-watchdog.token',
};

/** Tokens that were accepted, in this browser, until they are no longer. */
export class Tokens {
  private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.storage = storage;
  }

  /** Null: none is known. A token for writing also allows reading. */
  get(right: Right): string | null {
    const write = this.storage.getItem(KEYS.write);
    return right === 'write' ? write : (this.storage.getItem(KEYS.read) ?? write);
  }

  keep(right: Right, token: string): void {
    this.storage.setItem(KEYS[right], token);
  }

  /** It is no longer accepted, for either use. */
  forget(token: string): void {
    for (const key of Object.values(KEYS)) {
      if (this.storage.getItem(key) === token) this.storage.removeItem(key);
    }
  }
}
