import { isDeepStrictEqual } from 'node:util';
import { newInstance, stableHash, type InstanceState } from '../../core/instance/instance.ts';
import type { Policy } from '../../core/policy.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { stateKey } from '../../store/store.ts';
import type { Clock } from '../../time/clock.ts';
import { Instance, type Account, type Fleet, type InstanceDefinition } from './fleet.ts';
import { ProbeBook } from './probe-history.ts';

/** So many instances are compared in about a millisecond. */
const STEP = 500;

/** What a configuration asks for. */
export interface FleetParts {
  readonly accounts: readonly Account[];
  readonly instances: Iterable<{ readonly account: string; readonly definition: InstanceDefinition }>;
}

/** What a configuration asks for, compared with the fleet as it is. Nobody has noticed anything yet. */
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

/** A definition that an instance is to get. */
interface Assignment {
  readonly instance: Instance;
  readonly definition: InstanceDefinition;
  readonly policyChanged: boolean;
}

/** An instance that was watched before and is watched on, as it was defined before. */
export interface Redefined {
  readonly instance: Instance;
  readonly before: InstanceDefinition;
  readonly policyChanged: boolean;
}

/** The fleet that a configuration asks for, and how it differs from the one before. */
export interface FleetChange {
  readonly fleet: Fleet;
  readonly entering: readonly Instance[];
  readonly leaving: readonly Instance[];
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
export class FleetRegistry {
  private readonly clock: Clock;
  private readonly stored: Map<string, InstanceState>;
  private readonly accounts = new Map<string, Account>();
  private readonly instances = new Map<string, Instance>();
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

  /** Keeps the states of those who have not come yet, and names those who are here already. */
  *restoreState(stored: ReadonlyMap<string, InstanceState>): Generator<readonly [Instance, InstanceState]> {
    for (const [key, state] of stored) {
      const instance = this.instances.get(key);
      if (instance === undefined) this.stored.set(key, state);
      else yield [instance, state];
    }
  }

  /**
   * Makes the configured fleet of those who are known and of newcomers. An account that is handed in as the object it
   * already is stays as it is; another one of the same name lends its gateway and its limits to the known one.
   *
   * @throws Error when an instance names an account that is not there; then nothing has changed
   */
  apply(parts: FleetParts): FleetChange {
    const preparation = this.prepare(parts);
    for (;;) {
      const { done, value } = preparation.next();
      if (done === true) return this.commit(value);
    }
  }

  /**
   * The long part of it, which changes nothing, in steps between which others may have their turn. As long as the
   * fleet is not changed meanwhile, what it ends with can be committed; that takes as long as there are changes.
   *
   * @throws Error when an instance names an account that is not there
   */
  *prepare({ accounts, instances }: FleetParts): Generator<undefined, PreparedFleet> {
    const base = this.fleet;
    const byName = new Map(accounts.map((account) => [account.name, this.accounts.get(account.name) ?? account]));
    const policies = new PolicyComparison();
    const wanted = new Map<string, Instance>();
    const sizes = new Map<Account, number>();
    const entering: Assignment[] = [];
    const redefined: Assignment[] = [];
    let steps = 0;
    for (const { account: name, definition } of instances) {
      if (++steps % STEP === 0) yield;
      const account = byName.get(name);
      if (account === undefined) throw new Error(`instance ${definition.name}: no account ${name}`);
      if (definition.enabled) sizes.set(account, (sizes.get(account) ?? 0) + 1);
      const key = stateKey(name, definition.phoneNumberId);
      const instance = this.instances.get(key) ?? this.newcomer(key, definition, account);
      wanted.set(definition.name, instance);
      if (instance.removed || !this.instances.has(key)) {
        entering.push({ instance: instance, definition, policyChanged: false });
        continue;
      }
      const policyChanged = !policies.areSame(instance.policy, definition.policy);
      if (policyChanged || !sameFace(instance.definition, definition)) {
        redefined.push({ instance: instance, definition, policyChanged });
      }
    }
    const staying = new Set(wanted.values());
    const leaving: Instance[] = [];
    for (const instance of base.instances.values()) {
      if (++steps % STEP === 0) yield;
      if (!staying.has(instance)) leaving.push(instance);
    }
    const shared = (each: Assignment): Assignment => ({ ...each, definition: policies.shared(each.definition) });
    return {
      base,
      accounts,
      instances: wanted,
      sizes,
      entering: entering.map(shared),
      redefined: redefined.map(shared),
      leaving,
    };
  }

  /** @throws Error when the fleet is not the one that was compared with any more; then nothing has changed */
  commit({ base, accounts, instances, sizes, entering, redefined, leaving }: PreparedFleet): FleetChange {
    if (base !== this.fleet) throw new Error('the fleet has changed since this change of it was prepared');
    const enlisted = this.enlistAccounts(accounts);
    for (const account of enlisted.accounts.values()) account.size = sizes.get(account) ?? 0;
    for (const { instance: instance, definition } of entering) {
      instance.definition = definition;
      instance.removed = false;
      this.instances.set(instance.key, instance);
      this.stored.delete(instance.key);
    }
    const changes = redefined.map(({ instance: instance, definition, policyChanged }): Redefined => {
      const before = instance.definition;
      instance.definition = definition;
      return { instance: instance, before, policyChanged };
    });
    for (const instance of leaving) instance.removed = true;
    this.fleet = { accounts: enlisted.accounts, instances };
    return {
      fleet: this.fleet,
      entering: entering.map(({ instance: instance }) => instance),
      leaving,
      redefined: changes,
      ...enlisted.change,
    };
  }

  private newcomer(key: string, definition: InstanceDefinition, account: Account): Instance {
    const state = this.stored.get(key) ?? newInstance(stableHash(key), this.clock.now());
    return new Instance(definition, account, key, state, this.probes.open());
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
  known.requests.adoptLimits(fresh.requests);
  known.restarts.adoptLimits(fresh.restarts);
}

function sameFace(one: InstanceDefinition, other: InstanceDefinition): boolean {
  return one.name === other.name && one.enabled === other.enabled && sameLabels(one.labels, other.labels);
}

type Labels = InstanceDefinition['labels'];

function sameLabels(one: Labels, other: Labels): boolean {
  if (one === other) return true;
  let count = 0;
  for (const name in one) {
    if (one[name] !== other[name]) return false;
    count += 1;
  }
  return Object.keys(other).length === count;
}

/** Most instances share a policy with many others, so each pair of policies is compared only once. */
class PolicyComparison {
  private readonly answers = new Map<Policy, Map<Policy, boolean>>();
  /** Policies in use by those that say the same. */
  private readonly twins = new Map<Policy, Policy>();

  areSame(used: Policy, wanted: Policy): boolean {
    const answers = this.answers.get(used) ?? new Map<Policy, boolean>();
    this.answers.set(used, answers);
    const same = answers.get(wanted) ?? isDeepStrictEqual(used, wanted);
    answers.set(wanted, same);
    if (same) this.twins.set(wanted, used);
    return same;
  }

  /** The definition with the policy object that others use already, so that there stays one for all of them. */
  shared(definition: InstanceDefinition): InstanceDefinition {
    const twin = this.twins.get(definition.policy);
    return twin === undefined ? definition : { ...definition, policy: twin };
  }
}
