import { z } from 'zod';
import type { GatewayNews } from '../../core/group/elsewhere.ts';
import type { DurationMs } from '../../core/time.ts';
import type { ReplicaNews } from '../ownership.ts';

/** The news as they are published: `leaseFor` is how long this replica counts as living after each renewal. */
export type PublishedNews = ReplicaNews & { readonly leaseFor?: DurationMs };

const count = z.number().min(0);
const at = z.number();

const gatewayNews = z.looseObject({
  ...{ watched: count, sick: count, unreachable: count, unanswered: count },
  ...{ accounts: count, fresh: count, restarting: count, begun: count, waiting: count },
  allowed: z.looseObject({ concurrentRestarts: count, restartsPerMinute: count }),
  canary: z.boolean(),
  harms: z.array(z.looseObject({ key: z.string(), at })).optional(),
  released: z.looseObject({ at, by: z.string() }).nullish(),
});

const replicaNews = z.looseObject({
  replica: z.string(),
  advertise: z.string().nullable(),
  config: z.string(),
  gateways: z.record(z.string(), z.unknown()),
  found: z.record(z.string(), z.unknown()).optional(),
  leaseFor: z.number().positive().optional(),
});

/**
 * What another replica published. A later version of the program may publish more, an earlier one less, and anything that
 * may write to the table anything. What is said of a gateway in another way is left out: it then counts as a replica that
 * has published nothing of it yet.
 *
 * @returns null: it is no news of a replica
 */
export function readNews(text: string | null): PublishedNews | null {
  const news: unknown = JSON.parse(text ?? 'null');
  if (!replicaNews.safeParse(news).success) return null;
  const published = news as PublishedNews;
  const gateways = Object.entries(published.gateways).filter(
    (each): each is [string, GatewayNews] => gatewayNews.safeParse(each[1]).success,
  );
  return { ...published, gateways: Object.fromEntries(gateways) };
}
