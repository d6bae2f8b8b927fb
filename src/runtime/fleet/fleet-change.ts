import type { Gateway } from '../../gateway/gateway.ts';
import type { Account } from './account.ts';
import type { Fleet } from './fleet.ts';
import type { Instance, InstanceDefinition } from './instance.ts';

/** The fleet of a configuration. */
export interface FleetParts {
  readonly accounts: readonly Account[];
  readonly instances: Iterable<{ readonly account: string; readonly definition: InstanceDefinition }>;
}

/** The fleet of a configuration, compared with the current one. Nothing has changed yet. */
export interface PreparedFleet {
  /** The fleet that it was compared with. */
  readonly base: Fleet;
  readonly accounts: readonly Account[];
  readonly instances: ReadonlyMap<string, Instance>;
  /** How many instances are probed, by account. */
  readonly sizes: ReadonlyMap<Account, number>;
  readonly entering: readonly Assignment[];
  readonly redefined: readonly Assignment[];
  readonly leaving: readonly Instance[];
}

/** An instance and its new definition. */
export interface Assignment {
  readonly instance: Instance;
  readonly definition: InstanceDefinition;
  readonly policyChanged: boolean;
}

/** An instance that stays watched, and its definition before. */
export interface Redefined {
  readonly instance: Instance;
  readonly before: InstanceDefinition;
  readonly policyChanged: boolean;
}

/** The new fleet, and how it differs from the one before. */
export interface FleetChange {
  readonly fleet: Fleet;
  readonly entering: readonly Instance[];
  readonly leaving: readonly Instance[];
  /** Those with another name, labels, policy, or enabled otherwise than before. */
  readonly redefined: readonly Redefined[];
  readonly leavingAccounts: readonly Account[];
  /** Accounts that stay, with another way to their gateway. */
  readonly changedAccounts: ReadonlySet<Account>;
  /** Gateways that no longer get new calls. */
  readonly retired: readonly Gateway[];
}
