import type { AboutAccount, AccountEvent, Publish } from '../../core/event.ts';
import type { Elsewhere } from '../../core/group/elsewhere.ts';
import type { GroupEffect, GroupObservation } from '../../core/group/group.ts';
import { HARM_WINDOW, type Release } from '../../core/group/harm.ts';
import { timeToShow } from '../../core/instance/patience.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import type { FleetRegistry } from '../fleet/fleet-registry.ts';
import { SharedGateway, type Account } from '../fleet/account.ts';
import type { Instance } from '../fleet/instance.ts';
import type { Guards } from '../guards/guards.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import { HealthPolls } from './health-polls.ts';

const LOOKED: GroupObservation = { type: 'looked' };

const INCIDENTS_OF_GATEWAYS = ['storm', 'gateway_outage', 'harmful'] as const;

export interface GuardLoopParts {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly registry: FleetRegistry;
  readonly guards: Guards;
  readonly scheduler: Scheduler;
}

/**
 * Passes observations to the guards and performs their effects, in the order given. It also observes what does not come
 * from probes: the gateways' own health routes, our own network, and the passing of time.
 */
export class GuardLoop {
  private readonly parts: GuardLoopParts;
  private readonly alarms = new Map<Account | SharedGateway, Cancel>();
  private readonly polls: HealthPolls;
  /** Incidents of accounts that are not published, because their gateway's is. */
  private readonly unpublished = new WeakMap<Account, Set<(typeof INCIDENTS_OF_GATEWAYS)[number]>>();
  private running = false;
  private stopped = false;

  constructor(parts: GuardLoopParts) {
    this.parts = parts;
    this.polls = new HealthPolls(parts, (group, observation) => this.step(group, observation));
  }

  start(): void {
    this.running = true;
    this.parts.guards.start();
    this.polls.follow(this.parts.registry.fleet.accounts.values());
    void this.followNetwork();
  }

  stop(): void {
    this.stopped = true;
    this.parts.guards.stop();
    for (const group of [...this.polls.accounts, ...this.alarms.keys()]) this.leave(group);
  }

  /** The accounts of the fleet have changed; `joined`, `left` and `look` follow. */
  adoptAccounts(): void {
    const { guards, registry } = this.parts;
    const { accounts } = registry.fleet;
    guards.adopt(accounts);
    for (const group of [...this.polls.accounts, ...this.alarms.keys()]) {
      if (!(group instanceof SharedGateway) && !accounts.has(group.name)) this.leave(group);
    }
    if (this.running) this.polls.follow(accounts.values());
  }

  /** Brings the accounts of each gateway together, and lets every group look at itself again. */
  look(): void {
    const { accounts } = this.parts.registry.fleet;
    this.bringTogether();
    const gateways = new Set<SharedGateway>();
    for (const account of accounts.values()) {
      this.step(account, LOOKED);
      if (account.shared !== null) gateways.add(account.shared);
    }
    for (const gateway of gateways) this.step(gateway, LOOKED);
  }

  private bringTogether(): void {
    const { clock, guards, registry } = this.parts;
    const { accounts, instances } = registry.fleet;
    const { begun, over } = guards.gateways.share(accounts.values());
    const renewed = new Set([...begun].map(({ origin }) => origin));
    for (const gateway of over) this.end(gateway, renewed.has(gateway.origin));
    if (begun.size > 0) {
      const now = clock.now();
      for (const instance of instances.values()) {
        const { shared } = instance.account;
        if (shared !== null && begun.has(shared) && instance.isWatched) this.step(shared, joinedAs(instance, now));
      }
    }
    for (const gateway of begun) this.step(gateway, LOOKED);
  }

  /**
   * Other replicas see something else of the gateways that they share with this one.
   *
   * @returns the gateways that a person has released by way of another replica
   */
  see(elsewhere: ReadonlyMap<string, Elsewhere>): readonly (readonly [SharedGateway, Release])[] {
    const changed = this.parts.guards.gateways.see(elsewhere);
    this.bringTogether();
    for (const [gateway, seen] of changed) {
      const [first] = gateway.accounts;
      if (first?.shared === gateway) this.step(gateway, { type: 'elsewhere_changed', elsewhere: seen });
    }
    return this.parts.guards.gateways.releasedElsewhere();
  }

  /** An observation of an account's group, and of its gateway's; the effects are performed before this returns. */
  observe(account: Account, observation: GroupObservation): void {
    // Its gateway comes first: what all accounts of it have is published for it alone.
    if (account.shared !== null) this.step(account.shared, observation);
    this.step(account, observation);
    if (observation.type === 'transition') this.networkMayHaveChanged('no instance of any gateway gives an answer');
  }

  /** A person has looked at the harm that restarts did in these accounts, which are one, or all of a gateway. */
  release(accounts: ReadonlySet<Account>, released: Extract<GroupObservation, { type: 'released' }>): void {
    const gateways = new Set([...accounts].flatMap(({ shared }) => (shared === null ? [] : [shared])));
    for (const gateway of gateways) this.step(gateway, released);
    for (const account of accounts) this.step(account, { ...released, keys: null });
  }

  private step(group: Account | SharedGateway, observation: GroupObservation): void {
    for (const effect of this.parts.guards.step(group, observation)) this.perform(group, effect);
  }

  private perform(group: Account | SharedGateway, effect: GroupEffect): void {
    const { clock, publish, registry, scheduler } = this.parts;
    switch (effect.type) {
      case 'publish':
        if (!(group instanceof SharedGateway) && this.isIncidentOfGateway(group, effect.event.type)) return;
        publish({ at: clock.now(), ...nameOf(group), ...effect.event });
        return;
      case 'clear_suspicion':
        this.clearSuspicion(group instanceof SharedGateway ? group.accounts : new Set([group]));
        return;
      case 'probe': {
        const instance = registry.instanceOf(effect.key);
        if (instance !== undefined) scheduler.pullForward(instance, clock.now());
        return;
      }
      case 'wake':
        this.wakeAt(group, effect.at);
    }
  }

  /** Whether an incident of an account is part of the same one of its gateway, which was published already. */
  private isIncidentOfGateway(account: Account, type: AccountEvent['type']): boolean {
    const incident = INCIDENTS_OF_GATEWAYS.find((each) => type.startsWith(each));
    if (incident === undefined) return false;
    const unpublished = this.unpublished.get(account) ?? new Set();
    this.unpublished.set(account, unpublished);
    if (type.endsWith('_ended')) return unpublished.delete(incident);
    const group = account.shared?.group;
    const isOn = { storm: group?.storm.announced, gateway_outage: group?.outage, harmful: group?.harmful }[incident];
    if (type.endsWith('_began') && isOn === true) unpublished.add(incident);
    return unpublished.has(incident);
  }

  /** One after the other: a hundred thousand at once, each with its save, would block the process for long. */
  private clearSuspicion(accounts: ReadonlySet<Account> | null): void {
    for (const instance of this.parts.registry.fleet.instances.values()) {
      if (accounts === null || accounts.has(instance.account)) instance.flight.toClear = true;
    }
  }

  private wakeAt(group: Account | SharedGateway, at: EpochMs | null): void {
    const { clock } = this.parts;
    this.alarms.get(group)?.();
    this.alarms.delete(group);
    if (at === null || this.stopped) return;
    const ring = (): void => {
      this.alarms.delete(group);
      this.step(group, LOOKED);
    };
    this.alarms.set(group, clock.after(at - clock.now(), ring));
  }

  private leave(group: Account | SharedGateway): void {
    this.alarms.get(group)?.();
    this.alarms.delete(group);
    if (!(group instanceof SharedGateway)) this.polls.leave(group);
  }

  /**
   * Its accounts are no longer the same, so what was published of them together is over.
   *
   * @param isRenewed it has others now: its storm, and what is held because of harm, go on
   */
  private end(gateway: SharedGateway, isRenewed: boolean): void {
    const { clock, publish, registry } = this.parts;
    const about = { at: clock.now(), ...nameOf(gateway) };
    const { storm, outage, harmful } = gateway.group;
    this.leave(gateway);
    if (outage) publish({ ...about, type: 'gateway_outage_ended' });
    if (isRenewed) return;
    if (storm.announced) publish({ ...about, type: 'storm_ended', quietUntil: null });
    if (!harmful) return;
    publish({ ...about, type: 'harmful_ended', by: 'a reload, which leaves one account at the gateway' });
    for (const account of gateway.accounts) {
      const { name, group } = account;
      if (!registry.fleet.accounts.has(name) || !group.harmful) continue;
      this.unpublished.get(account)?.delete('harmful');
      publish({ at: about.at, account: name, type: 'harmful_began', harmed: group.harms.length, within: HARM_WINDOW });
    }
  }

  private async followNetwork(): Promise<void> {
    for (;;) {
      const reason = await this.parts.guards.networkChecked();
      if (this.stopped) return;
      this.networkMayHaveChanged(reason);
    }
  }

  private networkMayHaveChanged(reason: string): void {
    const { clock, publish, guards, registry, scheduler } = this.parts;
    const change = guards.networkTransition();
    if (change === null) return;
    const at = clock.now();
    if (change === 'down') {
      publish({ at, type: 'own_network_down', reason });
      return;
    }
    publish({ at, type: 'own_network_up' });
    // Until our network was known to be down, missing answers counted against the instances.
    this.clearSuspicion(null);
    // Since then they have counted for nothing, even if a gateway has gone down meanwhile; so all are probed again.
    const instances = [...registry.fleet.instances.values()];
    void scheduler.hasten(instances.filter(({ lastProbe }) => lastProbe?.cause === 'own_network'));
  }
}

/** The guards watch an instance from now on. A restart of it that is under way may be a canary. */
export function joinedAs({ key, state, policy }: Instance, now: EpochMs): GroupObservation {
  const isUnderWay = state.phase === 'restarting' || state.phase === 'recovering';
  // A planned restart, or one for a silence, is usually one of a healthy instance, which shows nothing about sick ones.
  const trigger = state.history.at(-1)?.trigger;
  const isShowing = isUnderWay && trigger !== 'schedule' && trigger !== 'silence';
  return { type: 'joined', key, state, shownBy: isShowing ? now + timeToShow(policy) : null };
}

/** A gateway stands with one of its accounts, because every event of an account has one. */
function nameOf(group: Account | SharedGateway): Pick<AboutAccount, 'account' | 'gateway'> {
  if (!(group instanceof SharedGateway)) return { account: group.name };
  const accounts = [...group.accounts].map(({ name }) => name);
  const silent = group.group.elsewhere?.notifies === false ? { notifiedElsewhere: true as const } : {};
  return { account: accounts[0] ?? '', gateway: { origin: group.origin, accounts, ...silent } };
}
