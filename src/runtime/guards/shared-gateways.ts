import { isDeepStrictEqual } from 'node:util';
import type { Elsewhere, GatewayNews } from '../../core/group/elsewhere.ts';
import { forgotten, type GroupState } from '../../core/group/group.ts';
import { MOST_PUBLISHED, type Release } from '../../core/group/harm.ts';
import { freshlySick } from '../../core/group/long-dead.ts';
import { restartsOfMinute, restartsRecalled, restartsTogether } from '../../core/group/restart-limits.ts';
import { invitations, queueLength } from '../../core/group/restart-queue.ts';
import type { GatewayLimits } from '../../core/settings.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import { SharedGateway, type Account } from '../fleet/account.ts';
import { RequestLimiter } from '../fleet/request-limiter.ts';

/** The gateways with several accounts, here or at other replicas: which accounts belong together, and their limits. */
export class SharedGateways {
  private readonly clock: Clock;
  private readonly gateways = new Map<string, SharedGateway>();
  private perGateway: GatewayLimits;
  /** What other replicas see, by gateway. */
  private elsewhere: ReadonlyMap<string, Elsewhere> = new Map();

  constructor(clock: Clock, perGateway: GatewayLimits) {
    this.clock = clock;
    this.perGateway = perGateway;
  }

  /** Whether this is one of them still. */
  has(gateway: SharedGateway): boolean {
    return this.gateways.get(gateway.origin) === gateway;
  }

  /** Adopts these limits. */
  change(perGateway: GatewayLimits): void {
    this.perGateway = perGateway;
    for (const gateway of this.gateways.values()) this.limit(gateway);
  }

  /** Drops every call that waits for the limits of a gateway. */
  close(): void {
    for (const { requests } of this.gateways.values()) requests?.close();
  }

  /**
   * Brings the accounts of each gateway together, where it has several. A gateway keeps its group as long as its
   * accounts stay the same. Its limits go on counting in any case: the restarts of its accounts, and the requests that
   * are on their way to it.
   *
   * @returns the gateways whose instances must join their group, because it begins again, and those that no longer exist
   */
  share(all: Iterable<Account>): {
    readonly begun: ReadonlySet<SharedGateway>;
    readonly over: readonly SharedGateway[];
  } {
    const begun = new Set<SharedGateway>();
    const before = new Map(this.gateways);
    this.gateways.clear();
    for (const [origin, accounts] of byOrigin(all)) {
      const known = before.get(origin);
      const elsewhere = this.elsewhere.get(origin) ?? null;
      const isAlone = accounts.size === 1 && elsewhere === null;
      const shared = isAlone ? null : known?.isOf(accounts) ? known : new SharedGateway(origin, accounts);
      for (const account of accounts) account.shared = shared;
      if (shared === null) continue;
      this.gateways.set(origin, shared);
      if (shared === known) continue;
      begun.add(shared);
      shared.group = { ...forgotten([...accounts].map(({ group }) => group)), elsewhere };
      if (known !== undefined) {
        // What an account began that has left since counts on; an account that came brings what it began.
        const came = [...accounts].filter((account) => !known.accounts.has(account));
        const left = [...known.accounts].filter((account) => !accounts.has(account));
        const { ended } = restartsTogether([known, ...came].map(({ group }) => group.restarts));
        const { inFlight } = shared.group.restarts;
        const { inFlight: gone } = restartsTogether(left.map(({ group }) => group.restarts));
        const restarts = restartsRecalled({ inFlight, ended }, gone, this.clock.now());
        // What waits for a canary, or for a person, waits on: another customer is no reason to try again.
        const { storm, harms, harmful, released } = known.group;
        shared.group = { ...shared.group, restarts, storm, harms, harmful, released };
      }
      shared.requests = known?.requests ?? null;
      this.limit(shared);
    }
    const over = [...before.values()].filter((gateway) => !this.has(gateway));
    for (const { origin, requests } of over) {
      // What waits there goes on to where its account is now.
      if (this.gateways.get(origin)?.requests !== requests) requests?.adoptLimits(this.limiter(null, null));
    }
    return { begun, over };
  }

  /**
   * Adopts what other replicas see of gateways; `share` follows.
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

  /** Those that a person has released by way of another replica since anybody released them here. */
  releasedElsewhere(): readonly (readonly [SharedGateway, Release])[] {
    return [...this.gateways.values()].flatMap((gateway) => {
      const { elsewhere, released } = gateway.group;
      const there = elsewhere?.released ?? null;
      return there !== null && there.at > (released?.at ?? 0) ? [[gateway, there] as const] : [];
    });
  }

  /** Renews its limits, which depend on the part of its instances that is watched here. */
  limit(gateway: SharedGateway): void {
    const { perGateway } = this;
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
    return new RequestLimiter(this.clock, limits);
  }
}

export function newsOf(group: GroupState, now: EpochMs): Omit<GatewayNews, 'accounts' | 'allowed'> {
  const { census, restarts, queue, storm, harms, released } = group;
  return {
    ...census.tally,
    fresh: freshlySick(census),
    restarting: Math.max(0, restarts.inFlight),
    begun: restartsOfMinute(restarts, now),
    waiting: queueLength(queue) + invitations(queue),
    canary: storm.storm.mode === 'canary',
    harms: harms.slice(-MOST_PUBLISHED),
    released,
  };
}

/** The part of a gateway's instances that this replica watches. */
function partOf({ census, elsewhere }: GroupState): number {
  const own = census.tally.watched;
  return elsewhere === null || own === 0 ? 1 : own / (own + elsewhere.watched);
}

export function byOrigin(accounts: Iterable<Account>): ReadonlyMap<string, ReadonlySet<Account>> {
  const origins = new Map<string, Set<Account>>();
  for (const account of accounts) {
    origins.set(account.origin, (origins.get(account.origin) ?? new Set()).add(account));
  }
  return origins;
}
