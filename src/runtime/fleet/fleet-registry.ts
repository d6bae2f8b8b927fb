import { newInstance, stableHash, type InstanceState } from '../../core/instance/instance.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { EpochMs } from '../../core/time.ts';
import { accountInKey, stateKey, type StoredState } from '../../store/store.ts';
import type { Clock } from '../../time/clock.ts';
import type { Account } from './account.ts';
import type { Assignment, FleetChange, FleetParts, PreparedFleet, Redefined } from './fleet-change.ts';
import type { Fleet } from './fleet.ts';
import { Instance, type InstanceDefinition } from './instance.ts';
import { ProbeRows } from './probe-history.ts';
import { looksTheSame, PolicyComparison } from './same-definition.ts';

/** Comparing this many instances takes about a millisecond. */
const STEP = 500;

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
  private readonly probes = new ProbeRows();
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
    for (const { instance, definition } of entering) this.enter(instance, definition);
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
    if (instance.state.cause === 'connected') instance.account.gateway.expectStates?.();
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

function isRemovedBy({ removedAt }: InstanceState, until: EpochMs): boolean {
  return removedAt !== null && removedAt <= until;
}
