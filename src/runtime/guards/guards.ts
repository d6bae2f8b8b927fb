import { isDeepStrictEqual } from 'node:util';
import { Mailbox } from '../../collections/mailbox.ts';
import {
  forgotten,
  isReached,
  type GroupEffect,
  type GroupObservation,
  type GroupPolicy,
} from '../../core/group/group.ts';
import type { GatewayNews } from '../../core/group/elsewhere.ts';
import { groupHolds, groupStep, isCalm } from '../../core/group/group-step.ts';
import { isPlannedNow } from '../../core/instance/holds.ts';
import { NONE, type Hold, type Trigger } from '../../core/instance/instance.ts';
import {
  covers,
  type ConnectivityPolicy,
  type GuardSettings,
  type MaintenanceWindow,
  type RestartLimits,
} from '../../core/settings.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import { wasAnswered, type Cause } from '../../core/verdict.ts';
import type { Reach } from '../../gateway/gateway.ts';
import type { Calendar } from '../../time/calendar.ts';
import type { Times } from '../../time/wall-clock.ts';
import { SharedGateway, type Account } from '../fleet/account.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Instance } from '../fleet/instance.ts';
import { isOpen } from './maintenance.ts';
import { OwnNetwork } from './own-network.ts';
import { byOrigin, newsOf, SharedGateways } from './shared-gateways.ts';

export interface GuardsParts extends Times {
  readonly calendar: Calendar;
  readonly settings: GuardSettings;
  readonly reach: Reach;
}

/**
 * All guards of a fleet behind one question: what holds a restart of this instance now? They receive observations and
 * return effects; they perform nothing themselves.
 */
export class Guards {
  /** The gateways with several accounts. */
  readonly gateways: SharedGateways;
  private readonly parts: GuardsParts;
  private readonly networkChanges = new Mailbox<string>();
  private settings: GuardSettings;
  private policies = new WeakMap<RestartLimits, GroupPolicy>();
  private ownNetwork: OwnNetwork;
  private accounts: Fleet['accounts'] = new Map();
  private startedAt: EpochMs;
  private running = false;
  private publishedUp = true;
  /** The result of `findNoGatewayAnswers`; null: an account has begun or ceased to answer since. */
  private noneAnswers: boolean | null = null;

  constructor(parts: GuardsParts) {
    this.parts = parts;
    this.settings = parts.settings;
    this.startedAt = parts.clock.now();
    this.gateways = new SharedGateways(parts.clock, parts.settings.guard.perGateway);
    this.ownNetwork = this.ownNetworkOf(parts.settings.connectivity);
  }

  start(): void {
    this.startedAt = this.parts.clock.now();
    this.running = true;
    this.ownNetwork.start();
  }

  stop(): void {
    this.ownNetwork.stop();
  }

  /** Adopts these settings. Storms, outages and their waits go on. */
  change(settings: GuardSettings): void {
    const before = this.settings;
    this.settings = settings;
    this.policies = new WeakMap();
    this.gateways.change(settings.guard.perGateway);
    if (isDeepStrictEqual(before.connectivity, settings.connectivity)) return;
    this.ownNetwork.stop();
    this.ownNetwork = this.ownNetworkOf(settings.connectivity);
    this.networkChanges.put('other targets');
    if (this.running) this.ownNetwork.start();
  }

  /** Watches these accounts from now on. A new one begins from zero, except for its limits. */
  adopt(accounts: Fleet['accounts']): void {
    for (const [name, account] of accounts) if (!this.accounts.has(name)) account.group = forgotten([account.group]);
    this.accounts = accounts;
    this.noneAnswers = null;
  }

  /**
   * What this replica sees of each gateway, for the others.
   *
   * @param known accounts whose states are known
   */
  news(known: ReadonlySet<string>): Readonly<Record<string, GatewayNews>> {
    const news: Record<string, GatewayNews> = {};
    const now = this.parts.clock.now();
    for (const [origin, accounts] of byOrigin(this.accounts.values())) {
      const [first] = accounts;
      if (first === undefined) continue;
      const { concurrentRestarts, restartsPerMinute } = this.policyOf(first.shared ?? first);
      news[origin] = {
        ...newsOf((first.shared ?? first).group, now),
        accounts: [...accounts].filter(({ name }) => known.has(name)).length,
        allowed: { concurrentRestarts, restartsPerMinute },
      };
    }
    return news;
  }

  /**
   * Applies an observation to the group of an account, or of a gateway with several, and returns the effects. Only this
   * method writes a group. Until the group is watched, only its restarts are counted.
   */
  step(group: Account | SharedGateway, observation: GroupObservation): readonly GroupEffect[] {
    const { answers } = group;
    if (isCalm(group.group, observation)) {
      answers.note(observation.key, observation.startedAt);
      return NONE;
    }
    const policy = this.policyOf(group);
    const now = this.parts.clock.now();
    const before = answers.appliedTo(group.group, policy, now);
    const { state, effects } = groupStep(before, observation, policy, now);
    group.group = state;
    if (group instanceof SharedGateway) {
      if (before.elsewhere !== state.elsewhere) this.gateways.limit(group);
      if (!this.gateways.has(group) || effects.length === 0) return NONE;
      const isHarmful = before.harmful || state.harmful;
      return effects.filter((effect) => isOfGateway(effect, isHarmful));
    }
    if (isReached(before) !== isReached(state)) this.noneAnswers = null;
    return this.accounts.has(group.name) ? effects : NONE;
  }

  /** @param requestedBy what requests the restart; null: it is automatic or planned */
  holdsOn(
    { key, account, state, wasDueAtStart, definition }: Instance,
    requestedBy: Trigger | null = null,
  ): readonly Hold[] {
    const { settings } = this;
    const { clock, wall, calendar } = this.parts;
    const now = clock.now();
    const shown = wall.now();
    const { shared } = account;
    const ofAccount = groupHolds(account.group, key, state, this.policyOf(account), now);
    const ofGateway = shared === null ? NONE : groupHolds(shared.group, key, state, this.policyOf(shared), now);
    const byPerson = requestedBy === 'api' || requestedBy === 'cli';
    const holds: Hold[] = [...new Set([...ofAccount, ...ofGateway])].filter((hold) => hold !== 'harmful' || !byPerson);
    if (!this.networkUp) holds.push('own_network');
    // A restart that is planned inside of a window is what the window is for.
    const planned = isPlannedNow(state, shown);
    const windows = this.maintenanceOf({ account, name: definition.name });
    if (!planned && windows.some((window) => isOpen(window, calendar, shown))) holds.push('maintenance');
    if (settings.dryRun) holds.push('dry_run');
    if (requestedBy === null && !wasDueAtStart && now < this.startedAt + settings.guard.startup) holds.push('startup');
    return holds;
  }

  /**
   * A probe that began at `startedAt` got no answer. This machine may be the reason, so the probe is judged only after
   * a connectivity check that started later. Null: there is nothing to wait for.
   */
  waitForNetworkCheck(cause: Cause, startedAt: EpochMs): Promise<void> | null {
    if (wasAnswered(cause) || this.ownNetwork.checkSince(startedAt) === null) return null;
    return this.waitForChecks(startedAt);
  }

  /** The cause that counts: without our own network, a missing answer says nothing about the instance. */
  attribute(cause: Cause): Cause {
    if (wasAnswered(cause)) return cause;
    return this.networkUp ? cause : 'own_network';
  }

  /** Whether a failure of a call that began at `since` can be the gateway's, and not ours. */
  async mayBlame(since: EpochMs): Promise<boolean> {
    await this.waitForChecks(since);
    return this.networkUp;
  }

  /** Without a conclusive answer for this long, nothing is known of an instance. */
  get blindAfter(): DurationMs {
    return this.settings.guard.blindAfter;
  }

  /** The maintenance windows that are for an instance. */
  maintenanceOf(instance: Pick<Instance, 'account' | 'name'>): readonly MaintenanceWindow[] {
    return this.settings.maintenance.filter((window) => covers(window, instance));
  }

  /** The maintenance windows that are open now. */
  openMaintenance(): readonly MaintenanceWindow[] {
    const { wall, calendar } = this.parts;
    return this.settings.maintenance.filter((window) => isOpen(window, calendar, wall.now()));
  }

  /** The windows that open within `ahead`, the soonest first, with the time on the wall. */
  maintenanceAhead(ahead: DurationMs): readonly { readonly window: MaintenanceWindow; readonly opensAt: EpochMs }[] {
    const { wall, calendar } = this.parts;
    const now = wall.now();
    return this.settings.maintenance
      .map((window) => ({ window, opensAt: calendar.nextFire(window.cron, now) ?? Infinity }))
      .filter(({ opensAt }) => opensAt <= now + ahead)
      .sort((one, other) => one.opensAt - other.opensAt);
  }

  /** Up, unless the targets do not answer, or several gateways at different places are unreachable at the same time. */
  get networkUp(): boolean {
    // Read for every unanswered probe, and computed again only when an account begins or ceases to answer.
    this.noneAnswers ??= this.findNoGatewayAnswers();
    return this.ownNetwork.up && !this.noneAnswers;
  }

  /** Resolves with the reason when the check of our own network changes its result. */
  async networkChecked(): Promise<string> {
    return (await this.networkChanges.take()).at(-1) ?? 'checked';
  }

  /** Whether our own network went up or down since the last call; null: neither. Both causes are one incident. */
  networkTransition(): 'up' | 'down' | null {
    const up = this.networkUp;
    if (up === this.publishedUp) return null;
    this.publishedUp = up;
    return up ? 'up' : 'down';
  }

  /** A reload may replace the targets during a check. */
  private async waitForChecks(since: EpochMs): Promise<void> {
    for (let check = this.ownNetwork.checkSince(since); check !== null; check = this.ownNetwork.checkSince(since)) {
      await check;
    }
  }

  private findNoGatewayAnswers(): boolean {
    const origins = new Set<string>();
    for (const { group, origin } of this.accounts.values()) {
      const reached = isReached(group);
      if (reached === true) return false;
      if (reached === false) origins.add(origin);
    }
    return origins.size > 1;
  }

  /** Composed when the settings or the limits have changed: every probe needs it. */
  private policyOf(group: Account | SharedGateway): GroupPolicy {
    const ofGateway = group.group.elsewhere?.limits ?? this.settings.guard.perGateway;
    const restartLimits = group instanceof SharedGateway ? ofGateway : group.restartLimits;
    let policy = this.policies.get(restartLimits);
    if (policy === undefined) {
      policy = { ...this.settings.guard, ...restartLimits };
      this.policies.set(restartLimits, policy);
    }
    return policy;
  }

  private ownNetworkOf(policy: ConnectivityPolicy): OwnNetwork {
    const { clock, reach } = this.parts;
    return new OwnNetwork({ clock, reach, policy, changes: this.networkChanges });
  }
}

/** Blindness, silence and refusals are published for each account, and so is a release of what held nothing. */
function isOfGateway(effect: GroupEffect, isHarmful: boolean): boolean {
  if (effect.type !== 'publish') return true;
  const { type } = effect.event;
  return type.startsWith('storm_') || type.startsWith('gateway_outage_') || (isHarmful && type.startsWith('harmful_'));
}
