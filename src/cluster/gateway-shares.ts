import { sumOf } from '../collections/sum.ts';
import type { Elsewhere, GatewayNews } from '../core/group/elsewhere.ts';
import type { Release } from '../core/group/harm.ts';
import type { RestartLimits } from '../core/settings.ts';
import type { ClusterView } from '../store/ownership.ts';
import { MINUTE, type DurationMs, type EpochMs } from '../core/time.ts';

/** How long the same replica comes first, where there is less to share out than there are replicas. */
const TURN: DurationMs = 2 * MINUTE;

/** A replica with accounts at a gateway. News are null until it has published some. */
export interface Neighbour {
  readonly owner: string;
  readonly news: GatewayNews | null;
}

/** One gateway at one look. */
export interface GatewayLook {
  readonly self: Neighbour;
  /** The others with accounts there. */
  readonly others: readonly Neighbour[];
  /** Nobody owns some of its accounts: their former owner may have restarted something right before. */
  readonly hasUnowned: boolean;
  /**
   * Every account there is owned by a replica that has published since it knows its states. So every restart of the last
   * minute counts in the news of somebody.
   */
  readonly isCounted: boolean;
}

export interface SharesLook {
  readonly gateways: ReadonlyMap<string, GatewayLook>;
  /** Of all replicas together. */
  readonly limits: RestartLimits;
  /** By the clock of the database, so that all agree whose turn it is. */
  readonly at: EpochMs;
  /** By this process's clock. */
  readonly now: EpochMs;
}

interface Sample {
  readonly at: EpochMs;
  readonly limits: RestartLimits;
}

/** What this replica knows of a gateway where it has accounts. */
interface Standing {
  readonly joinedAt: EpochMs;
  lookedAt: EpochMs;
  /** It knows of every restart there within the last minute. */
  knows: boolean;
  samples: readonly Sample[];
  /** What each other replica may have begun of the limit of a minute, and when it was last there. */
  readonly used: Map<string, { readonly begun: number; readonly at: EpochMs }>;
}

const NOTHING: RestartLimits = { concurrentRestarts: 0, restartsPerMinute: 0 };

/**
 * Shares the limits of gateways out between the replicas with accounts there. All compute the same from the same view; because
 * views differ for a while, a share that grows is used only after the time of a lease: by then every other replica has seen
 * the same, or may restart nothing. A replica that comes to a gateway, or has not looked for the time of a lease, does not
 * know what was begun there within the minute of the limit. It restarts nothing until every account has an owner that
 * counts what was begun in it. Where nobody else is, nothing is shared out.
 */
export class GatewayShares {
  readonly #wait: DurationMs;
  readonly #standings = new Map<string, Standing>();

  /** @param wait the time of a lease */
  constructor(wait: DurationMs) {
    this.#wait = wait;
  }

  /** What is elsewhere, by gateway. */
  look({ gateways, limits, at, now }: SharesLook): ReadonlyMap<string, Elsewhere> {
    for (const origin of this.#standings.keys()) if (!gateways.has(origin)) this.#standings.delete(origin);
    const result = new Map<string, Elsewhere>();
    for (const [origin, gateway] of gateways) {
      const standing = this.#standing(origin, gateway, now);
      const { taken, ...left } = leftFor(gateway, limits, Math.floor(at / TURN));
      const gone = this.#usedByGone(standing, taken, gateway, now);
      const restartsPerMinute = Math.max(0, left.restartsPerMinute - gone);
      const usable = this.#usable(standing, standing.knows ? { ...left, restartsPerMinute } : NOTHING, now);
      if (gateway.others.length === 0 && gone === 0 && standing.knows) continue;
      result.set(origin, { ...together(gateway.others), limits: usable, notifies: isFirst(gateway) });
    }
    return result;
  }

  #standing(origin: string, { others, hasUnowned, isCounted }: GatewayLook, now: EpochMs): Standing {
    const known = this.#standings.get(origin);
    if (known !== undefined && now - known.lookedAt <= this.#wait) {
      // What was begun before it came is no longer within the minute.
      known.knows ||= isCounted || now >= known.joinedAt + MINUTE + this.#wait;
      known.lookedAt = now;
      return known;
    }
    // Who owns all accounts of a gateway loads all their states before anything is restarted.
    const knows = others.length === 0 && !hasUnowned;
    const samples = knows ? [] : [{ at: now, limits: NOTHING }];
    const standing = { joinedAt: now, lookedAt: now, knows, samples, used: new Map() } satisfies Standing;
    this.#standings.set(origin, standing);
    return standing;
  }

  /**
   * What replicas that are no longer there may have begun within the last minute, as long as it does not count where their
   * accounts are now.
   */
  #usedByGone(
    { used }: Standing,
    taken: ReadonlyMap<string, number>,
    { isCounted }: GatewayLook,
    now: EpochMs,
  ): number {
    for (const [owner, begun] of taken) used.set(owner, { begun, at: now });
    let gone = 0;
    for (const [owner, { begun, at }] of used) {
      if (taken.has(owner)) continue;
      // It may have gone right after the last look, and begun more until its lease ended.
      if (isCounted || at <= now - MINUTE - this.#wait) used.delete(owner);
      else gone += begun;
    }
    return gone;
  }

  #usable(standing: Standing, limits: RestartLimits, now: EpochMs): RestartLimits {
    const samples = [...standing.samples, { at: now, limits }];
    // The last one from before was in force when the time began.
    const first = samples.findLastIndex((sample) => sample.at <= now - this.#wait);
    standing.samples = samples.slice(Math.max(0, first));
    return {
      concurrentRestarts: Math.min(...standing.samples.map((sample) => sample.limits.concurrentRestarts)),
      restartsPerMinute: Math.min(...standing.samples.map((sample) => sample.limits.restartsPerMinute)),
    };
  }
}

/**
 * What this replica may use of the limits: what is left beside the shares of the others, beside what they exceed, and beside
 * what they may still use, because they have not seen the same yet.
 */
function leftFor(
  { self, others }: GatewayLook,
  limits: RestartLimits,
  turn: number,
): RestartLimits & { readonly taken: ReadonlyMap<string, number> } {
  const all = [self, ...others].toSorted((one, other) => (one.owner < other.owner ? -1 : 1));
  const order = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
  const wanting = order.filter(({ news }) => news !== null && news.waiting + news.restarting > 0);
  const ranked = [...wanting, ...order.filter((each) => !wanting.includes(each))];
  const isStorm = all.some(({ news }) => news?.canary === true);
  const shares = (total: number, used: (news: GatewayNews) => number): { left: number; taken: Map<string, number> } => {
    const even = Math.floor(total / ranked.length);
    const shareOf = (each: Neighbour): number => {
      const hasMore = ranked.indexOf(each) < total - even * ranked.length && wanting.includes(each);
      return even + (hasMore ? 1 : 0);
    };
    const taken = new Map(
      others.map((each) => [each.owner, Math.max(shareOf(each), each.news === null ? 0 : used(each.news))]),
    );
    const sum = [...taken.values()].reduce((all, one) => all + one, 0);
    return { left: Math.max(0, Math.min(total - sum, shareOf(self))), taken };
  };
  const minute = shares(limits.restartsPerMinute, ({ begun, allowed }) => Math.max(begun, allowed.restartsPerMinute));
  const atOnce = shares(isStorm ? 1 : limits.concurrentRestarts, ({ restarting, allowed }) =>
    Math.max(restarting, isStorm ? 0 : allowed.concurrentRestarts),
  );
  return {
    concurrentRestarts: atOnce.left,
    restartsPerMinute: minute.left,
    taken: minute.taken,
  };
}

function together(others: readonly Neighbour[]): Omit<Elsewhere, 'limits' | 'notifies'> {
  const sum = (count: (news: GatewayNews) => number): number =>
    sumOf(others, ({ news }) => (news === null ? 0 : count(news)));
  return {
    watched: sum(({ watched }) => watched),
    sick: sum(({ sick }) => sick),
    fresh: sum(({ fresh }) => fresh),
    unreachable: sum(({ unreachable }) => unreachable),
    unanswered: sum(({ unanswered }) => unanswered),
    harms: others.flatMap(({ news }) => news?.harms ?? []),
    released: others.flatMap(({ news }) => news?.released ?? []).reduce(newest, null),
  };
}

function newest(one: Release | null, other: Release): Release {
  return one === null || other.at > one.at ? other : one;
}

function isFirst({ self, others }: GatewayLook): boolean {
  return others.every(({ owner }) => self.owner < owner);
}

/** Who has accounts at the gateways of this replica's own ones: by the leases, because news come later than those. */
export function neighbours({
  owner,
  owned,
  published,
  view,
  originOf,
}: {
  readonly owner: string;
  readonly owned: readonly string[];
  /** What this replica published last. */
  readonly published: Readonly<Record<string, GatewayNews>>;
  readonly view: Pick<ClusterView, 'replicas' | 'foreign'>;
  /** The gateway of an account; null: it is not in the config. */
  readonly originOf: (account: string) => string | null;
}): ReadonlyMap<string, GatewayLook> {
  const byOwner = new Map(view.replicas.map((replica) => [replica.owner, replica.gateways]));
  const gateways = new Map<string, { accounts: Map<string, number>; hasUnowned: boolean }>();
  const count = (accounts: Map<string, number>, of: string): void => void accounts.set(of, (accounts.get(of) ?? 0) + 1);
  for (const account of owned) {
    const origin = originOf(account);
    if (origin === null) continue;
    const gateway = gateways.get(origin) ?? { accounts: new Map<string, number>(), hasUnowned: false };
    count(gateway.accounts, owner);
    gateways.set(origin, gateway);
  }
  for (const { account, owner: other, freeIn } of view.foreign) {
    const origin = originOf(account);
    const gateway = origin === null ? undefined : gateways.get(origin);
    if (gateway === undefined) continue;
    if (other === null || freeIn <= 0) gateway.hasUnowned = true;
    else count(gateway.accounts, other);
  }
  const looks = new Map<string, GatewayLook>();
  for (const [origin, { accounts, hasUnowned }] of gateways) {
    const newsOf = (each: string): GatewayNews | null =>
      (each === owner ? published[origin] : byOwner.get(each)?.[origin]) ?? null;
    const isCounted = !hasUnowned && [...accounts].every(([each, leases]) => (newsOf(each)?.accounts ?? 0) >= leases);
    const others = [...accounts.keys()].filter((each) => each !== owner);
    const neighbour = (each: string): Neighbour => ({ owner: each, news: newsOf(each) });
    looks.set(origin, { self: neighbour(owner), others: others.map(neighbour), hasUnowned, isCounted });
  }
  return looks;
}
