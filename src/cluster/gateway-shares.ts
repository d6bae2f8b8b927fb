import type { Elsewhere, GatewayNews } from '../core/group/elsewhere.ts';
import type { RestartLimits } from '../core/settings.ts';
import type { ClusterView } from '../store/ownership.ts';
import { MINUTE, type DurationMs, type EpochMs } from '../core/time.ts';

/** For so long the same replica comes first, where there is less to share out than there are replicas. */
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

const NOTHING: RestartLimits = { concurrentRestarts: 0, restartsPerMinute: 0 };

/**
 * Shares the limits of gateways out between the replicas with accounts there. All compute the same from the same view; because
 * views differ for a while, a share that grows is used only after the time of a lease: by then every other replica has seen
 * the same, or may restart nothing. Where nobody else is, nothing is shared out.
 */
export class GatewayShares {
  readonly #wait: DurationMs;
  readonly #samples = new Map<string, Sample[]>();
  readonly #joined = new Map<string, EpochMs>();
  /** What each other replica may have begun of the limit of a minute, by gateway and owner, and when it was last there. */
  readonly #used = new Map<string, Map<string, { readonly begun: number; readonly at: EpochMs }>>();

  /** @param wait the time of a lease */
  constructor(wait: DurationMs) {
    this.#wait = wait;
  }

  /** What is elsewhere, by gateway. */
  look({ gateways, limits, at, now }: SharesLook): ReadonlyMap<string, Elsewhere> {
    for (const origin of this.#samples.keys()) if (!gateways.has(origin)) this.#samples.delete(origin);
    const result = new Map<string, Elsewhere>();
    for (const origin of this.#used.keys()) if (!gateways.has(origin)) this.#used.delete(origin);
    for (const [origin, gateway] of gateways) {
      const { taken, ...left } = leftFor(gateway, limits, Math.floor(at / TURN));
      const gone = this.#usedByGone(origin, taken, now);
      const perMinute = this.#mayNotKnow(origin, gateway, now) ? 0 : Math.max(0, left.restartsPerMinute - gone);
      const rest = { ...left, restartsPerMinute: perMinute };
      const usable = this.#usable(origin, rest, gateway, now);
      if (gateway.others.length === 0 && gone === 0) continue;
      result.set(origin, { ...sumOf(gateway.others), limits: usable, notifies: isFirst(gateway) });
    }
    return result;
  }

  /** What replicas that are no longer there may have begun within the last minute. */
  #usedByGone(origin: string, taken: ReadonlyMap<string, number>, now: EpochMs): number {
    const used = this.#used.get(origin) ?? new Map<string, { begun: number; at: EpochMs }>();
    this.#used.set(origin, used);
    for (const [owner, begun] of taken) used.set(owner, { begun, at: now });
    let gone = 0;
    for (const [owner, { begun, at }] of used) {
      // It may have gone right after the last look, and begun more until its lease ended.
      if (at <= now - MINUTE - this.#wait) used.delete(owner);
      else if (!taken.has(owner)) gone += begun;
    }
    return gone;
  }

  /** Who comes to a gateway where others are does not know who has just left it, so it waits for the minute of the limit. */
  #mayNotKnow(origin: string, { others }: GatewayLook, now: EpochMs): boolean {
    if (!this.#samples.has(origin)) this.#joined.set(origin, others.length === 0 ? Number.NEGATIVE_INFINITY : now);
    return now < (this.#joined.get(origin) ?? now) + MINUTE + this.#wait;
  }

  #usable(origin: string, limits: RestartLimits, { others }: GatewayLook, now: EpochMs): RestartLimits {
    const known = this.#samples.get(origin);
    // Who comes to a gateway where others are already waits until they have seen it.
    const before = known ?? (others.length === 0 ? [] : [{ at: now - this.#wait, limits: NOTHING }]);
    const samples = [...before, { at: now, limits }];
    // The last one from before was in force when the time began.
    const first = samples.findLastIndex((sample) => sample.at <= now - this.#wait);
    const lasting = samples.slice(Math.max(0, known === undefined ? 0 : first));
    this.#samples.set(origin, lasting);
    return {
      concurrentRestarts: Math.min(...lasting.map((sample) => sample.limits.concurrentRestarts)),
      restartsPerMinute: Math.min(...lasting.map((sample) => sample.limits.restartsPerMinute)),
    };
  }
}

/** What this replica may use of the limits: what is left beside the shares of the others, and beside what they exceed. */
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
  const minute = shares(limits.restartsPerMinute, ({ begun }) => begun);
  return {
    concurrentRestarts: shares(isStorm ? 1 : limits.concurrentRestarts, ({ restarting }) => restarting).left,
    restartsPerMinute: minute.left,
    taken: minute.taken,
  };
}

function sumOf(others: readonly Neighbour[]): Omit<Elsewhere, 'limits' | 'notifies'> {
  const sum = (count: (news: GatewayNews) => number): number =>
    others.reduce((total, { news }) => total + (news === null ? 0 : count(news)), 0);
  return {
    watched: sum(({ watched }) => watched),
    sick: sum(({ sick }) => sick),
    fresh: sum(({ fresh }) => fresh),
    unreachable: sum(({ unreachable }) => unreachable),
    unanswered: sum(({ unanswered }) => unanswered),
  };
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
  const byOwner = new Map(view.replicas.map((replica) => [replica.owner, replica]));
  const gateways = new Map<string, { self: Neighbour; others: Neighbour[] }>();
  for (const account of owned) {
    const origin = originOf(account);
    if (origin !== null) gateways.set(origin, { self: { owner, news: published[origin] ?? null }, others: [] });
  }
  for (const { account, owner: other, freeIn } of view.foreign) {
    const origin = originOf(account);
    const others = origin === null ? undefined : gateways.get(origin)?.others;
    if (others === undefined || origin === null || other === null || freeIn <= 0) continue;
    if (others.some((each) => each.owner === other)) continue;
    others.push({ owner: other, news: byOwner.get(other)?.gateways[origin] ?? null });
  }
  return gateways;
}
