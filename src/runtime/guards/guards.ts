import { isDeepStrictEqual } from 'node:util';
import type { InstanceEvent, Publish } from '../../core/event.ts';
import { isPlannedNow } from '../../core/instance/holds.ts';
import type { Hold } from '../../core/instance/instance.ts';
import type { ConnectivityPolicy, GuardSettings, MaintenanceWindow } from '../../core/settings.ts';
import type { EpochMs } from '../../core/time.ts';
import { wasAnswered, type Cause } from '../../core/verdict.ts';
import { AccountGuard } from './account-guard.ts';
import type { Calendar } from '../../time/calendar.ts';
import type { Clock } from '../../time/clock.ts';
import type { Account, Fleet, Instance } from '../fleet/fleet.ts';
import { inMaintenance, isOpen } from './maintenance.ts';
import type { Reach } from '../../gateway/gateway.ts';
import { OwnNetwork } from './own-network.ts';
import type { WallClock } from '../../time/wall-clock.ts';

export interface GuardsParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly calendar: Calendar;
  readonly settings: GuardSettings;
  readonly publish: Publish;
  readonly reach: Reach;
  /** Makes an instance be probed now. */
  readonly probeNow: (instance: Instance) => void;
  /** The failures of these instances are not held against them. */
  readonly judgeAfresh: (instances: readonly Instance[]) => void;
  /** Probes these soon, each at its own place. */
  readonly askAgain: (instances: readonly Instance[]) => void;
}

/** All guards of a fleet behind one question: what holds a restart of this instance now? */
export class Guards {
  private readonly parts: GuardsParts;
  private readonly accounts = new Map<string, AccountGuard>();
  private settings: GuardSettings;
  private ownNetwork: OwnNetwork;
  private fleet: Fleet = { accounts: new Map(), instances: new Map() };
  private startedAt: EpochMs;
  private running = false;
  private toldUp = true;
  /** What `nobodyAnswers` found; null: an account has changed its mind since. */
  private nobody: boolean | null = null;

  constructor(parts: GuardsParts) {
    this.parts = parts;
    this.settings = parts.settings;
    this.startedAt = parts.clock.now();
    this.ownNetwork = this.ownNetworkOf(parts.settings.connectivity);
  }

  /** From now on these settings hold; `follow` and `look` are to come next. Storms, outages and their waits go on. */
  change(settings: GuardSettings): void {
    const before = this.settings;
    this.settings = settings;
    if (isDeepStrictEqual(before.connectivity, settings.connectivity)) return;
    this.ownNetwork.stop();
    this.ownNetwork = this.ownNetworkOf(settings.connectivity);
    this.tellOfNetwork('other targets');
    if (this.running) this.ownNetwork.start();
  }

  /** Takes over a fleet, at the start. */
  watch(fleet: Fleet): void {
    this.adopt(fleet);
    for (const guard of this.accounts.values()) guard.clear();
    for (const instance of fleet.instances.values()) this.accounts.get(instance.account.name)?.join(instance);
    this.look();
  }

  /** Takes over a fleet after a change of it: who is watched now and was not before, and the other way round. */
  follow(fleet: Fleet, joining: readonly Instance[], leaving: readonly Instance[]): void {
    this.adopt(fleet);
    for (const instance of leaving) this.accounts.get(instance.account.name)?.leave(instance);
    for (const instance of joining) this.accounts.get(instance.account.name)?.join(instance);
  }

  /** Draws the conclusions for every account. */
  look(): void {
    for (const guard of this.accounts.values()) guard.look();
  }

  private adopt(fleet: Fleet): void {
    this.fleet = fleet;
    for (const [name, guard] of this.accounts) {
      if (fleet.accounts.has(name)) continue;
      guard.close();
      this.accounts.delete(name);
    }
    for (const account of fleet.accounts.values()) {
      const guard = this.accounts.get(account.name) ?? this.guardOf(account.name, account);
      guard.account = account;
    }
    this.nobody = null;
  }

  start(): void {
    this.startedAt = this.parts.clock.now();
    this.running = true;
    this.ownNetwork.start();
    for (const guard of this.accounts.values()) guard.start();
  }

  stop(): void {
    this.ownNetwork.stop();
    for (const guard of this.accounts.values()) guard.close();
  }

  /** @param asked somebody asks for the restart, now */
  holdsOn(instance: Instance, asked: boolean): readonly Hold[] {
    const { settings } = this;
    const { clock, wall, calendar } = this.parts;
    const shown = wall.now();
    const holds: Hold[] = [...(this.accounts.get(instance.account.name)?.holdsOn(instance) ?? [])];
    if (!this.networkUp) holds.push('own_network');
    // A restart that is planned inside of a window is what the window is for.
    const planned = isPlannedNow(instance.state, shown);
    if (!planned && inMaintenance(instance, settings.maintenance, calendar, shown)) holds.push('maintenance');
    if (settings.dryRun) holds.push('dry_run');
    if (!asked && !instance.wasDueAtStart && clock.now() < this.startedAt + settings.guard.startup)
      holds.push('startup');
    return holds;
  }

  /**
   * A probe got no answer: it may be us, so it is judged when the targets have been asked since it began. Null: there is
   * nothing to wait for.
   */
  doubt(cause: Cause, startedAt: EpochMs): Promise<void> | null {
    if (wasAnswered(cause) || this.ownNetwork.doubt(startedAt) === null) return null;
    return this.resolveDoubt(startedAt);
  }

  /** A reload may put other targets in place of those that were asked. */
  private async resolveDoubt(startedAt: EpochMs): Promise<void> {
    for (let doubt = this.ownNetwork.doubt(startedAt); doubt !== null; doubt = this.ownNetwork.doubt(startedAt)) {
      await doubt;
    }
  }

  /** A probe that began at `startedAt` has ended; also a healthy one that changes nothing. */
  heard(instance: Instance, cause: Cause, startedAt: EpochMs): void {
    this.accounts.get(instance.account.name)?.heard(instance, cause, startedAt);
  }

  /** What a probe's cause means while our own network is down: nothing about the instance. */
  seen(cause: Cause): Cause {
    if (wasAnswered(cause)) return cause;
    return this.networkUp ? cause : 'own_network';
  }

  /** @param changed whether anything was learnt about the instance */
  observed(instance: Instance, events: readonly InstanceEvent[], changed: boolean): void {
    this.withGuardOf(instance, (guard) => {
      guard.observed(instance, events, changed);
    });
    this.tellOfNetwork('no instance of any gateway gives an answer');
  }

  givenUp(instance: Instance): void {
    this.withGuardOf(instance, (guard) => {
      guard.givenUp(instance);
    });
  }

  roomMayHaveCome(instance: Instance): void {
    this.accounts.get(instance.account.name)?.roomMayHaveCome();
  }

  forget(instance: Instance): void {
    this.accounts.get(instance.account.name)?.forget(instance);
  }

  /** The maintenance windows that are open now. */
  openMaintenance(): readonly MaintenanceWindow[] {
    const { wall, calendar } = this.parts;
    return this.settings.maintenance.filter((window) => isOpen(window, calendar, wall.now()));
  }

  inStorm(account: string): boolean {
    return this.accounts.get(account)?.inStorm ?? false;
  }

  inGatewayOutage(account: string): boolean {
    return this.accounts.get(account)?.inOutage ?? false;
  }

  /** Up, unless the targets do not answer, or several gateways at different places are unreachable all at once. */
  get networkUp(): boolean {
    return this.ownNetwork.up && !this.nobodyAnswers;
  }

  /** Both ways of finding out are one incident. */
  private tellOfNetwork(reason: string): void {
    const up = this.networkUp;
    if (up === this.toldUp) return;
    this.toldUp = up;
    const at = this.parts.clock.now();
    this.parts.publish(up ? { at, type: 'own_network_up' } : { at, type: 'own_network_down', reason });
    if (!up) return;
    const instances = [...this.fleet.instances.values()];
    // Until it was known to be us, what got no answer counted against the instances.
    this.parts.judgeAfresh(instances);
    // And until it is known to be us no more, what got none counts for nothing, even if a gateway has gone down since.
    this.parts.askAgain(instances.filter(({ lastProbe }) => lastProbe?.cause === 'own_network'));
  }

  private withGuardOf(instance: Instance, act: (guard: AccountGuard) => void): void {
    const guard = this.accounts.get(instance.account.name);
    if (guard === undefined) return;
    const before = guard.reached;
    act(guard);
    if (guard.reached !== before) this.nobody = null;
  }

  /** Asked for every probe that gets no answer, and answered anew only when an account begins or ceases to answer. */
  private get nobodyAnswers(): boolean {
    this.nobody ??= this.isNobodyAnswering();
    return this.nobody;
  }

  private isNobodyAnswering(): boolean {
    const origins = new Set<string>();
    for (const { account, reached } of this.accounts.values()) {
      if (reached === true) return false;
      if (reached === false) origins.add(account.origin);
    }
    return origins.size > 1;
  }

  private ownNetworkOf(policy: ConnectivityPolicy): OwnNetwork {
    const { clock, reach } = this.parts;
    return new OwnNetwork({
      clock,
      reach,
      policy,
      onChange: (reason) => {
        this.tellOfNetwork(reason);
      },
    });
  }

  private guardOf(name: string, account: Account): AccountGuard {
    const { clock, wall, publish, probeNow, judgeAfresh } = this.parts;
    const policy = (): GuardSettings['guard'] => this.settings.guard;
    const guard = new AccountGuard(account, {
      clock,
      wall,
      // Looked at each time, because a reload may change it.
      get policy() {
        return policy();
      },
      publish: (event) => {
        publish({ at: clock.now(), account: name, ...event });
      },
      call: probeNow,
      mayBlame: async (since) => {
        await this.resolveDoubt(since);
        return this.networkUp;
      },
      judgeAfresh: () => {
        judgeAfresh(this.instancesOf(name));
      },
    });
    this.accounts.set(name, guard);
    if (this.running) guard.start();
    return guard;
  }

  private instancesOf(account: string): readonly Instance[] {
    return [...this.fleet.instances.values()].filter((instance) => instance.account.name === account);
  }
}
