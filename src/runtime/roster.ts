import { isDeepStrictEqual } from 'node:util';
import { newInstance, stableHash, type InstanceState } from '../core/instance.ts';
import type { Policy } from '../core/policy.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { stateKey } from '../store/store.ts';
import type { Clock } from './clock.ts';
import { Watched, type Account, type Fleet, type InstanceDefinition } from './fleet.ts';
import { ProbeBook } from './probe-history.ts';

/** What a configuration asks for. */
export interface FleetParts {
  readonly accounts: readonly Account[];
  readonly instances: readonly { readonly account: string; readonly definition: InstanceDefinition }[];
}

/** An instance that was watched before and is watched on, as it was defined before. */
export interface Redefined {
  readonly watched: Watched;
  readonly before: InstanceDefinition;
  readonly policyChanged: boolean;
}

/** The fleet that a configuration asks for, and how it differs from the one before. */
export interface FleetChange {
  readonly fleet: Fleet;
  readonly entering: readonly Watched[];
  readonly leaving: readonly Watched[];
  /** Those with another name, labels, policy, or enabled otherwise than before. */
  readonly redefined: readonly Redefined[];
  readonly leavingAccounts: readonly Account[];
  /** Accounts that stay, and reach their gateway in another way than before. */
  readonly changedAccounts: ReadonlySet<Account>;
  /** Gateways that nothing new is asked of any more. */
  readonly retired: readonly Gateway[];
}

/**
 * Everybody whom this process has watched so far. An account, by name, and an instance, by account and phoneNumberId,
 * is one object for as long as the process lives, also while it is not configured. So whatever is in flight finds its
 * counters where it left them, and whoever comes back has its state, its spent budget and its place in the limits.
 */
export class Roster {
  private readonly clock: Clock;
  private readonly stored: Map<string, InstanceState>;
  private readonly accounts = new Map<string, Account>();
  private readonly instances = new Map<string, Watched>();
  private readonly probes = new ProbeBook();
  private fleet: Fleet = { accounts: new Map(), instances: new Map() };

  /** @param stored states by key, those of instances that are not configured included */
  constructor(clock: Clock, stored: ReadonlyMap<string, InstanceState>) {
    this.clock = clock;
    this.stored = new Map(stored);
  }

  /** Every account so far, configured or not. */
  get everyAccount(): Iterable<Account> {
    return this.accounts.values();
  }

  /**
   * Makes the configured fleet of those who are known and of newcomers. An account that is handed in as the object it
   * already is stays as it is; another one of the same name lends its gateway and its limits to the known one.
   *
   * @throws Error when an instance names an account that is not there; then nothing has changed
   */
  enlist({ accounts, instances }: FleetParts): FleetChange {
    const names = new Set(accounts.map(({ name }) => name));
    const homeless = instances.find(({ account }) => !names.has(account));
    if (homeless !== undefined) throw new Error(`instance ${homeless.definition.name}: no account ${homeless.account}`);

    const before = this.fleet;
    const enlisted = this.enlistAccounts(accounts);
    const samePolicy = policyComparison();
    const watched = new Map<string, Watched>();
    const entering: Watched[] = [];
    const redefined: Redefined[] = [];
    for (const { account, definition } of instances) {
      const [instance, old] = this.enlistInstance(account, definition);
      watched.set(definition.name, instance);
      if (old === null) entering.push(instance);
      else {
        const policyChanged = !samePolicy(old.policy, definition.policy);
        if (policyChanged || !sameFace(old, definition)) {
          redefined.push({ watched: instance, before: old, policyChanged });
        }
      }
    }
    const staying = new Set(watched.values());
    const leaving = [...before.instances.values()].filter((instance) => !staying.has(instance));
    for (const instance of leaving) instance.removed = true;
    this.fleet = { accounts: enlisted.accounts, instances: watched };
    return { fleet: this.fleet, entering, leaving, redefined, ...enlisted.change };
  }

  /** The instance, and how it was defined before; null: it was not watched. */
  private enlistInstance(
    accountName: string,
    definition: InstanceDefinition,
  ): readonly [Watched, InstanceDefinition | null] {
    const key = stateKey(accountName, definition.phoneNumberId);
    const known = this.instances.get(key);
    if (known !== undefined) {
      const old = known.removed ? null : known.definition;
      known.definition = definition;
      known.removed = false;
      return [known, old];
    }
    const account = this.accounts.get(accountName);
    if (account === undefined) throw new TypeError(`account ${accountName} was not enlisted`);
    const state = this.stored.get(key) ?? newInstance(stableHash(key), this.clock.now());
    const watched = new Watched(definition, account, key, state, this.probes.open());
    this.instances.set(key, watched);
    this.stored.delete(key);
    return [watched, null];
  }

  private enlistAccounts(fresh: readonly Account[]): {
    readonly accounts: ReadonlyMap<string, Account>;
    readonly change: Pick<FleetChange, 'leavingAccounts' | 'changedAccounts' | 'retired'>;
  } {
    const accounts = new Map<string, Account>();
    const changedAccounts = new Set<Account>();
    const retired: Gateway[] = [];
    for (const account of fresh) {
      const known = this.accounts.get(account.name) ?? account;
      this.accounts.set(known.name, known);
      accounts.set(known.name, known);
      if (known.gateway !== account.gateway && this.fleet.accounts.has(known.name)) {
        changedAccounts.add(known);
        retired.push(known.gateway);
      }
      if (known !== account) lend(account, known);
    }
    const leavingAccounts = [...this.fleet.accounts.values()].filter(({ name }) => !accounts.has(name));
    retired.push(...leavingAccounts.map(({ gateway }) => gateway));
    return { accounts, change: { leavingAccounts, changedAccounts, retired } };
  }
}

/** The known account keeps its line, its pause and its counts, because the gateway behind it does too. */
function lend(fresh: Account, known: Account): void {
  known.origin = fresh.origin;
  known.gatewayName = fresh.gatewayName;
  known.gateway = fresh.gateway;
  known.healthRoute = fresh.healthRoute;
  known.requestsPerSecond = fresh.requestsPerSecond;
  known.lane.adoptLimits(fresh.lane);
  known.restarts.adoptLimits(fresh.restarts);
}

function sameFace(one: InstanceDefinition, other: InstanceDefinition): boolean {
  return one.name === other.name && one.enabled === other.enabled && isDeepStrictEqual(one.labels, other.labels);
}

/** Most instances share a policy with many others, so each pair of policies is compared only once. */
function policyComparison(): (one: Policy, other: Policy) => boolean {
  const known = new Map<Policy, Map<Policy, boolean>>();
  return (one, other) => {
    const answers = known.get(one) ?? new Map<Policy, boolean>();
    known.set(one, answers);
    const same = answers.get(other) ?? isDeepStrictEqual(one, other);
    answers.set(other, same);
    return same;
  };
}
