import type { Account } from './account.ts';
import type { Instance } from './instance.ts';

/** All instances under watch. */
export interface Fleet {
  readonly accounts: ReadonlyMap<string, Account>;
  /** By name. */
  readonly instances: ReadonlyMap<string, Instance>;
}
