import { isDeepStrictEqual } from 'node:util';
import { newInstance, stableHash, type InstanceState } from '../../core/instance/instance.ts';
import type { Policy } from '../../core/policy.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { EpochMs } from '../../core/time.ts';
import { accountInKey, stateKey, type StoredState } from '../../store/store.ts';
import type { Clock } from '../../time/clock.ts';
import { Instance, type Account, type Fleet, type InstanceDefinition } from './fleet.ts';
import { ProbeHistories } from './probe-history.ts';

/** Comparing this many instances takes about a millisecond. */
const STEP = 500;

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
interface Assignment {
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

/**
 * All that this process has watched so far. An account (by name) and an instance (by account and phoneNumberId) stay
 * one object, configured or not, until the state is forgotten. So a call in flight finds its counters where it left
 * them, and an instance that comes back has its state, its spent budget and its place in the limits.
 */
export class FleetRegistry {
  private readonly clock: Clock;
  private readonly stored: Map<string, StoredState>;
  private readonly accounts = new Map<string, Account>();
  private readonly instances = new Map<string, Instance>();
  private readonly probes = new ProbeHistories();
  private current: Fleet = { accounts: new Map(), instances: new Map() };

  /** @param stored states by key, including those of instances that are not configured */
  constructor(clock: Clock, stored: ReadonlyMap<string, StoredState>) {
    this.clock = clock;
    this.stored = new Map(stored);
  }

  /** The configured fleet; another object after each reload. */
  get fleet(): Fleet {
    return this.current;
  }

  /** Every account so far, configured or not. */
  get everyAccount(): Iterable<Account> {
    return this.accounts.values();
  }

  /** The instance of a state; undefined: this process has not watched it so far. */
  instanceOf(key: string): Instance | undefined {
    return this.instances.get(key);
  }

  /** Keeps the states of instances that have not been watched so far, and returns those that have. */
  *restoreState(stored: ReadonlyMap<string, StoredState>): Generator<readonly [Instance, StoredState]> {
    for (const [key, state] of stored) {
      const instance = this.instances.get(key);
      if (instance === undefined) this.stored.set(key, state);
      else yield [instance, state];
    }
  }

  /**
   * Knows the states of accounts that this process is about to own. Another process may have changed them since this one
   * watched them, so what it knew of them is forgotten.
   */
  own(stored: ReadonlyMap<string, StoredState>, accounts: ReadonlySet<string>): void {
    this.disown(accounts);
    for (const [key, state] of stored) if (!this.instances.has(key)) this.stored.set(key, state);
  }

  /** Forgets the states of accounts that are no longer watched, because another process owns them. */
  disown(accounts: ReadonlySet<string>): void {
    for (const key of this.stored.keys()) if (accounts.has(accountInKey(key))) this.stored.delete(key);
    for (const [key, { account, removed }] of this.instances)
      if (removed && accounts.has(account.name)) this.instances.delete(key);
  }

  /** States of instances that are not configured and were not watched so far. */
  get unclaimed(): ReadonlyMap<string, StoredState> {
    return this.stored;
  }

  /** Replaces an unclaimed state. */
  keepUnclaimed(key: string, stored: StoredState): void {
    this.stored.set(key, stored);
  }

  /** Keys of instances that were removed by `until`. */
  *removedBy(until: EpochMs): Generator<string> {
    for (const [key, { state }] of this.stored) if (isRemovedBy(state, until)) yield key;
    for (const [key, { removed, state }] of this.instances) if (removed && isRemovedBy(state, until)) yield key;
  }

  /** Forgets a state, unless its instance has come back. */
  forget(key: string): void {
    if (this.instances.get(key)?.removed === false) return;
    this.stored.delete(key);
    this.instances.delete(key);
  }

  /**
   * Makes the configured fleet of known and new instances. An account passed as its current object stays as it is;
   * another object of the same name hands its gateway and its limits to the known one.
   *
   * @throws Error when an instance names a missing account; then nothing has changed
   */
  apply(parts: FleetParts): FleetChange {
    const preparation = this.prepare(parts);
    for (;;) {
      const { done, value } = preparation.next();
      if (done === true) return this.commit(value);
    }
  }

  /**
   * The long part of `apply`, which changes nothing, in steps that let other work run in between. Its result can be
   * committed as long as the fleet has not changed since; a commit takes time in proportion to the changes.
   *
   * @throws Error when an instance names a missing account
   */
  *prepare({ accounts, instances }: FleetParts): Generator<undefined, PreparedFleet> {
    const base = this.current;
    const byName = new Map(accounts.map((account) => [account.name, this.accounts.get(account.name) ?? account]));
    const policies = new PolicyComparison();
    const configured = new Map<string, Instance>();
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
      const instance = this.instances.get(key) ?? this.instanceFor(key, definition, account);
      configured.set(definition.name, instance);
      if (instance.removed || !this.instances.has(key)) {
        entering.push({ instance, definition, policyChanged: false });
        continue;
      }
      const policyChanged = !policies.areSame(instance.policy, definition.policy);
      if (policyChanged || !looksTheSame(instance.definition, definition)) {
        redefined.push({ instance, definition, policyChanged });
      }
    }
    const staying = new Set(configured.values());
    const leaving: Instance[] = [];
    for (const instance of base.instances.values()) {
      if (++steps % STEP === 0) yield;
      if (!staying.has(instance)) leaving.push(instance);
    }
    const shared = (each: Assignment): Assignment => ({ ...each, definition: policies.shared(each.definition) });
    return {
      base,
      accounts,
      instances: configured,
      sizes,
      entering: entering.map(shared),
      redefined: redefined.map(shared),
      leaving,
    };
  }

  /** @throws Error when the fleet is no longer the one that was compared; then nothing has changed */
  commit({ base, accounts, instances, sizes, entering, redefined, leaving }: PreparedFleet): FleetChange {
    if (base !== this.current) throw new Error('the fleet has changed since this change was prepared');
    const applied = this.applyAccounts(accounts);
    for (const account of applied.accounts.values()) account.size = sizes.get(account) ?? 0;
    for (const { instance, definition } of entering) {
      this.enter(instance, definition);
    }
    const changes = redefined.map(({ instance, definition, policyChanged }): Redefined => {
      const before = instance.definition;
      instance.definition = definition;
      return { instance, before, policyChanged };
    });
    for (const instance of leaving) instance.removed = true;
    this.current = { accounts: applied.accounts, instances };
    return {
      fleet: this.current,
      entering: entering.map(({ instance }) => instance),
      leaving,
      redefined: changes,
      ...applied.change,
    };
  }

  private enter(instance: Instance, definition: InstanceDefinition): void {
    const { key } = instance;
    const stored = this.stored.get(key);
    // The stored states may have been found since this change was prepared.
    if (stored !== undefined) {
      instance.state = stored.state;
      instance.revision = stored.revision;
      this.stored.delete(key);
    }
    instance.definition = definition;
    instance.removed = false;
    instance.account.learnMethods(instance.state.history);
    this.instances.set(key, instance);
  }

  private instanceFor(key: string, definition: InstanceDefinition, account: Account): Instance {
    const unknown = { revision: 0, state: newInstance(stableHash(key), this.clock.now()) };
    return new Instance(definition, account, key, this.stored.get(key) ?? unknown, this.probes.open());
  }

  private applyAccounts(fresh: readonly Account[]): {
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
      if (known.gateway !== account.gateway && this.current.accounts.has(known.name)) {
        changedAccounts.add(known);
        retired.push(known.gateway);
      }
      if (known !== account) known.adopt(account);
    }
    const leavingAccounts = [...this.current.accounts.values()].filter(({ name }) => !accounts.has(name));
    retired.push(...leavingAccounts.map(({ gateway }) => gateway));
    return { accounts, change: { leavingAccounts, changedAccounts, retired } };
  }
}

function looksTheSame(one: InstanceDefinition, other: InstanceDefinition): boolean {
  const isNamedAlike = one.name === other.name && one.displayName === other.displayName;
  const sameToken = (one.token ?? null) === (other.token ?? null);
  const sameOrigin = (one.discovered ?? false) === (other.discovered ?? false);
  return (
    isNamedAlike && sameToken && sameOrigin && one.enabled === other.enabled && sameLabels(one.labels, other.labels)
  );
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

/** Most instances share a policy, so each pair of policies is compared only once. */
class PolicyComparison {
  private readonly answers = new Map<Policy, Map<Policy, boolean>>();
  /** Policies in use, by their equals. */
  private readonly equals = new Map<Policy, Policy>();

  areSame(used: Policy, next: Policy): boolean {
    const answers = this.answers.get(used) ?? new Map<Policy, boolean>();
    this.answers.set(used, answers);
    const same = answers.get(next) ?? isDeepStrictEqual(used, next);
    answers.set(next, same);
    if (same) this.equals.set(next, used);
    return same;
  }

  /** The definition with the equal policy object in use, so that there is only one object for all. */
  shared(definition: InstanceDefinition): InstanceDefinition {
    const equal = this.equals.get(definition.policy);
    return equal === undefined ? definition : { ...definition, policy: equal };
  }
}

function isRemovedBy({ removedAt }: InstanceState, until: EpochMs): boolean {
  return removedAt !== null && removedAt <= until;
}
