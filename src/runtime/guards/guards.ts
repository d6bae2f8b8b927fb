import { isDeepStrictEqual } from 'node:util';
import { Mailbox } from '../../collections/mailbox.ts';
import {
  forgotten,
  forgottenTogether,
  isReached,
  type GroupEffect,
  type GroupObservation,
  type GroupPolicy,
  type GroupState,
} from '../../core/group/group.ts';
import type { Elsewhere, GatewayNews } from '../../core/group/elsewhere.ts';
import { freshlySick } from '../../core/group/long-dead.ts';
import { invitations, queueLength } from '../../core/group/restart-queue.ts';
import { groupHolds, groupStep } from '../../core/group/group-step.ts';
import { isPlannedNow } from '../../core/instance/holds.ts';
import type { Hold, Trigger } from '../../core/instance/instance.ts';
import type { ConnectivityPolicy, GuardSettings, MaintenanceWindow, RestartLimits } from '../../core/settings.ts';
import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import { wasAnswered, type Cause } from '../../core/verdict.ts';
import type { Reach } from '../../gateway/gateway.ts';
import type { Calendar } from '../../time/calendar.ts';
import type { Clock } from '../../time/clock.ts';
import type { WallClock } from '../../time/wall-clock.ts';
import { SharedGateway, type Account, type Fleet, type Instance } from '../fleet/fleet.ts';
import { RequestLimiter } from '../fleet/request-limiter.ts';
import { covers, inMaintenance, isOpen } from './maintenance.ts';
import { OwnNetwork } from './own-network.ts';

export interface GuardsParts {
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly calendar: Calendar;
  readonly settings: GuardSettings;
  readonly reach: Reach;
}

const NO_EFFECTS: readonly GroupEffect[] = [];
const NO_HOLDS: readonly Hold[] = [];

/**
 * All guards of a fleet behind one question: what holds a restart of this instance now? They receive observations and
 * return effects; they perform nothing themselves.
 */
export class Guards {
  private readonly parts: GuardsParts;
  private readonly networkChanges = new Mailbox<string>();
  private settings: GuardSettings;
  private policies = new WeakMap<RestartLimits, GroupPolicy>();
  private ownNetwork: OwnNetwork;
  private accounts: Fleet['accounts'] = new Map();
  private readonly gateways = new Map<string, SharedGateway>();
  /** What other replicas see, by gateway. */
  private elsewhere: ReadonlyMap<string, Elsewhere> = new Map();
  private startedAt: EpochMs;
  private running = false;
  private publishedUp = true;
  /** The result of `findNoGatewayAnswers`; null: an account has begun or ceased to answer since. */
  private noneAnswers: boolean | null = null;

  constructor(parts: GuardsParts) {
    this.parts = parts;
    this.settings = parts.settings;
    this.startedAt = parts.clock.now();
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

  /** Drops every call that waits for the limits of a gateway. */
  close(): void {
    for (const { requests } of this.gateways.values()) requests?.close();
  }

  /** Adopts these settings. Storms, outages and their waits go on. */
  change(settings: GuardSettings): void {
    const before = this.settings;
    this.settings = settings;
    this.policies = new WeakMap();
    for (const gateway of this.gateways.values()) this.limit(gateway);
    if (isDeepStrictEqual(before.connectivity, settings.connectivity)) return;
    this.ownNetwork.stop();
    this.ownNetwork = this.ownNetworkOf(settings.connectivity);
    this.networkChanges.put('other targets');
    if (this.running) this.ownNetwork.start();
  }

  /** Watches these accounts from now on. A new one begins from zero, except for its limits. */
  adopt(accounts: Fleet['accounts']): void {
    for (const [name, account] of accounts) if (!this.accounts.has(name)) account.group = forgotten(account.group);
    this.accounts = accounts;
    this.noneAnswers = null;
  }

  /**
   * Brings the accounts of each gateway together, where it has several. A gateway keeps its group as long as its
   * accounts stay the same. Its limits go on counting in any case: the restarts of its accounts, and the requests that
   * are on their way to it.
   *
   * @returns the gateways whose instances must join their group, because it begins anew, and those that are no more
   */
  shareGateways(): { readonly begun: ReadonlySet<SharedGateway>; readonly over: readonly SharedGateway[] } {
    const begun = new Set<SharedGateway>();
    const before = new Map(this.gateways);
    this.gateways.clear();
    for (const [origin, accounts] of byOrigin(this.accounts.values())) {
      const known = before.get(origin);
      const elsewhere = this.elsewhere.get(origin) ?? null;
      const isAlone = accounts.size === 1 && elsewhere === null;
      const shared = isAlone ? null : known?.isOf(accounts) ? known : new SharedGateway(origin, accounts);
      for (const account of accounts) account.shared = shared;
      if (shared === null) continue;
      this.gateways.set(origin, shared);
      if (shared === known) continue;
      begun.add(shared);
      shared.group = { ...forgottenTogether([...accounts].map(({ group }) => group)), elsewhere };
      if (known !== undefined) {
        // What an account began that has left since counts on; an account that came brings what it began.
        const came = [...accounts].filter((account) => !known.accounts.has(account));
        const begun = [known.group, ...came.map(({ group }) => group)].flatMap(({ restarts }) => restarts.begun);
        const { inFlight } = shared.group.restarts;
        shared.group = { ...shared.group, restarts: { inFlight, begun: begun.toSorted((one, other) => one - other) } };
      }
      shared.requests = known?.requests ?? null;
      this.limit(shared);
    }
    const over = [...before.values()].filter((gateway) => this.gateways.get(gateway.origin) !== gateway);
    for (const { origin, requests } of over) {
      // What waits there goes on to where its account is now.
      if (this.gateways.get(origin)?.requests !== requests) requests?.adoptLimits(this.limiter(null, null));
    }
    return { begun, over };
  }

  /**
   * Adopts what other replicas see of gateways; `shareGateways` follows.
   *
   * @returns the gateways of which they see something else now
   */
  see(elsewhere: ReadonlyMap<string, Elsewhere>): readonly (readonly [SharedGateway, Elsewhere | null])[] {
    this.elsewhere = elsewhere;
    const changed: (readonly [SharedGateway, Elsewhere | null])[] = [];
    for (const gateway of this.gateways.values()) {
      const seen = elsewhere.get(gateway.origin) ?? null;
      if (!isDeepStrictEqual(seen, gateway.group.elsewhere)) changed.push([gateway, seen]);
    }
    return changed;
  }

  /**
   * What this replica sees of each gateway.
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
    const before = group.group;
    const { state, effects } = groupStep(before, observation, this.policyOf(group), this.parts.clock.now());
    group.group = state;
    if (group instanceof SharedGateway) {
      if (before.elsewhere !== state.elsewhere) this.limit(group);
      const isOver = this.gateways.get(group.origin) !== group;
      return isOver || effects.length === 0 ? NO_EFFECTS : effects.filter(isOfGateway);
    }
    if (isReached(before) !== isReached(state)) this.noneAnswers = null;
    return this.accounts.has(group.name) ? effects : NO_EFFECTS;
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
    const ofGateway = shared === null ? NO_HOLDS : groupHolds(shared.group, key, state, this.policyOf(shared), now);
    const byPerson = requestedBy === 'api' || requestedBy === 'cli';
    const holds: Hold[] = [...new Set([...ofAccount, ...ofGateway])].filter((hold) => hold !== 'harmful' || !byPerson);
    if (!this.networkUp) holds.push('own_network');
    // A restart that is planned inside of a window is what the window is for.
    const about = { account: account.name, name: definition.name };
    const planned = isPlannedNow(state, shown);
    if (!planned && inMaintenance(about, settings.maintenance, calendar, shown)) holds.push('maintenance');
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
  maintenanceOf({ account, name }: Pick<Instance, 'account' | 'name'>): readonly MaintenanceWindow[] {
    return this.settings.maintenance.filter((window) => covers(window, { account: account.name, name }));
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
    return this.ownNetwork.up && !this.noGatewayAnswers;
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

  /** Read for every unanswered probe, and computed again only when an account begins or ceases to answer. */
  private get noGatewayAnswers(): boolean {
    this.noneAnswers ??= this.findNoGatewayAnswers();
    return this.noneAnswers;
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

  private limit(gateway: SharedGateway): void {
    const { perGateway } = this.settings.guard;
    const part = partOf(gateway.group);
    const requestsPerSecond = perGateway.requestsPerSecond === null ? null : perGateway.requestsPerSecond * part;
    const concurrency = perGateway.concurrency === null ? null : Math.max(1, Math.floor(perGateway.concurrency * part));
    // Once there are limits they are only lifted, because calls wait for them.
    if (gateway.requests === null && requestsPerSecond === null && concurrency === null) return;
    const limiter = this.limiter(requestsPerSecond, concurrency);
    if (gateway.requests === null) gateway.requests = limiter;
    else gateway.requests.adoptLimits(limiter);
  }

  /** Null: no limit. */
  private limiter(requestsPerSecond: number | null, concurrency: number | null): RequestLimiter {
    const most = Number.MAX_SAFE_INTEGER;
    const limits = { requestsPerSecond: requestsPerSecond ?? most, concurrency: concurrency ?? most };
    return new RequestLimiter(this.parts.clock, limits);
  }

  private ownNetworkOf(policy: ConnectivityPolicy): OwnNetwork {
    const { clock, reach } = this.parts;
    return new OwnNetwork({ clock, reach, policy, changes: this.networkChanges });
  }
}

function newsOf(group: GroupState, now: EpochMs): Omit<GatewayNews, 'accounts' | 'allowed'> {
  const { census, restarts, queue, storm } = group;
  return {
    ...census.tally,
    fresh: freshlySick(census),
    restarting: Math.max(0, restarts.inFlight),
    begun: restarts.begun.filter((at) => at > now - MINUTE).length,
    waiting: queueLength(queue) + invitations(queue),
    canary: storm.storm.mode === 'canary',
  };
}

/** The part of a gateway's instances that this replica watches. */
function partOf({ census, elsewhere }: GroupState): number {
  const own = census.tally.watched;
  return elsewhere === null || own === 0 ? 1 : own / (own + elsewhere.watched);
}

/** Harm, blindness and refusals are told of each account. */
function isOfGateway(effect: GroupEffect): boolean {
  if (effect.type !== 'publish') return true;
  const { type } = effect.event;
  return type.startsWith('storm_') || type.startsWith('gateway_outage_');
}

function byOrigin(accounts: Iterable<Account>): ReadonlyMap<string, ReadonlySet<Account>> {
  const origins = new Map<string, Set<Account>>();
  for (const account of accounts) {
    const others = origins.get(account.origin);
    if (others === undefined) origins.set(account.origin, new Set([account]));
    else others.add(account);
  }
  return origins;
}
