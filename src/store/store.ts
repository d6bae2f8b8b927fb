import type { InstanceState } from '../core/instance/instance.ts';

/**
 * Why the state could not be opened or saved. Nothing was changed when this is thrown by an open. `misplaced`: the path
 * can never hold a state, whatever happens to its disk; `unavailable`: it could, but not now; `not_owner`: another process
 * may save this state, and this one may not.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export type StoreErrorKind =
  'locked' | 'newer_version' | 'misplaced' | 'corrupt' | 'unavailable' | 'conflict' | 'not_owner' | 'closed';

/** A state as it is stored. */
export interface StoredState {
  /** Counts the saved versions, from 1. */
  readonly revision: number;
  readonly state: InstanceState;
}

/** Keeps the states of all instances across processes. A key names an instance for ever: account and phoneNumberId. */
export interface StateStore {
  /** Whether what was saved survives the process. */
  readonly durable: boolean;
  /** All stored states by key. */
  load(): Promise<ReadonlyMap<string, StoredState>>;
  /**
   * Resolves once `state` is durable, with its revision. It rejects with a `conflict`, and nothing changes, unless
   * `follows` is the revision that is stored; 0: the key is new.
   */
  save(key: string, state: InstanceState, follows: number): Promise<number>;
  /** Forgets an instance; an unknown key does nothing. */
  remove(key: string): Promise<void>;
  /** Waits for saves under way, then releases everything. Further calls reject with `closed`. Can be called again. */
  close(): Promise<void>;
}

/**
 * Keeps records of the past, such as availability by day. No decision depends on them, so that one is missing or damaged
 * stops nothing, and a write may still be lost when the machine dies.
 */
export interface HistoryStore {
  /** The records of these keys, in their order; null: there is none. */
  read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]>;
  /** Writes all of them; null removes one. When it rejects, some of them may be written. */
  write(records: ReadonlyMap<string, Uint8Array | null>): Promise<void>;
}

/** Everything that outlives the process. The history of an instance goes when its state is removed. */
export interface Store extends StateStore {
  readonly history: HistoryStore;
}

/** The key of an instance. Both parts are percent-encoded, so no two instances can share one. */
export function stateKey(account: string, phoneNumberId: string): string {
  return `${encodeURIComponent(account)}/${encodeURIComponent(phoneNumberId)}`;
}

/** The account of a key of {@link stateKey}. */
export function accountInKey(key: string): string {
  return decodeURIComponent(key.slice(0, key.indexOf('/')));
}

/**
 * The revision of a state that is to be saved; it must follow what is stored.
 *
 * @param stored - Revision that is stored, or about to be; 0 when there is none.
 * @throws StoreError of kind `conflict`.
 */
export function nextRevision(key: string, stored: number, follows: number): number {
  if (follows === stored) return stored + 1;
  throw new StoreError(
    'conflict',
    `the state of ${JSON.stringify(key)} was not saved: it follows revision ${follows}, but ${stored} is stored; ` +
      'load it and decide again',
  );
}
