import type { Elsewhere, GatewayNews } from '../core/group/elsewhere.ts';
import type { RestartLimits } from '../core/settings.ts';
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

  /** @param wait the time of a lease */
  constructor(wait: DurationMs) {
    this.#wait = wait;
  }

  /** What is elsewhere, by gateway. */
  look({ gateways, limits, at, now }: SharesLook): ReadonlyMap<string, Elsewhere> {
    for (const origin of this.#samples.keys()) if (!gateways.has(origin)) this.#samples.delete(origin);
    const result = new Map<string, Elsewhere>();
    for (const [origin, gateway] of gateways) {
      const usable = this.#usable(origin, leftFor(gateway, limits, Math.floor(at / TURN)), gateway, now);
      if (gateway.others.length === 0) continue;
      result.set(origin, { ...sumOf(gateway.others), limits: usable, notifies: isFirst(gateway) });
    }
    return result;
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
function leftFor({ self, others }: GatewayLook, limits: RestartLimits, turn: number): RestartLimits {
  const all = [self, ...others].toSorted((one, other) => (one.owner < other.owner ? -1 : 1));
  const order = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
  const wanting = order.filter(({ news }) => news !== null && news.waiting + news.restarting > 0);
  const ranked = [...wanting, ...order.filter((each) => !wanting.includes(each))];
  const isStorm = all.some(({ news }) => news?.canary === true);
  const left = (total: number, used: (news: GatewayNews) => number): number => {
    const even = Math.floor(total / ranked.length);
    const shareOf = (each: Neighbour): number => {
      const hasMore = ranked.indexOf(each) < total - even * ranked.length && wanting.includes(each);
      return even + (hasMore ? 1 : 0);
    };
    const taken = others.reduce(
      (sum, each) => sum + Math.max(shareOf(each), each.news === null ? 0 : used(each.news)),
      0,
    );
    return Math.max(0, Math.min(total - taken, shareOf(self)));
  };
  return {
    concurrentRestarts: left(isStorm ? 1 : limits.concurrentRestarts, ({ restarting }) => restarting),
    restartsPerMinute: left(limits.restartsPerMinute, ({ begun }) => begun),
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
