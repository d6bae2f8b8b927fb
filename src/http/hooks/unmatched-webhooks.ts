import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { HttpParts } from '../http-parts.ts';

/** Why nothing came of the webhook of a gateway. */
export type Mismatch = 'unknown_instance' | 'unreadable' | 'ambiguous';

/** A gateway that sends what nobody watches sends it again and again. */
const GAP: DurationMs = 10 * MINUTE;
/** At most this many accounts, times reasons, are remembered. */
const MOST_REMEMBERED = 1_000;
/** In one event. */
const MOST_ACCOUNTS = 5;

/**
 * Publishes webhooks of which nothing came, at most one event every ten minutes for the same accounts and reason. Of their
 * bodies it says nothing: they hold secrets.
 *
 * @returns notes one; `readers` of the accounts that it may have been for
 */
export function unmatchedWebhooks({ clock, publish }: Pick<HttpParts, 'clock' | 'publish'>) {
  const noted = new Map<string, { readonly at: EpochMs; count: number }>();
  return (why: Mismatch, readers: ReadonlyMap<string, { readonly idAt: readonly string[] }>): void => {
    const at = clock.now();
    const names = [...readers.keys()];
    const key = `${why} ${names.length > 1 ? '' : names.join('')}`;
    const before = noted.get(key);
    if (before !== undefined && at - before.at < GAP) {
      before.count += 1;
      return;
    }
    if (noted.size >= MOST_REMEMBERED) noted.clear();
    noted.set(key, { at, count: 0 });
    publish({
      at,
      type: 'webhooks_unmatched',
      why,
      webhooks: (before?.count ?? 0) + 1,
      accounts: names.slice(0, MOST_ACCOUNTS),
      places: [...new Set([...readers.values()].flatMap(({ idAt }) => idAt))].slice(0, MOST_ACCOUNTS),
    });
  };
}
