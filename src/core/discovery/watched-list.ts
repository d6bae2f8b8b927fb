import { isLikelyAccident } from './shrinkage.ts';

/** A list without an instance must be followed by another one: some gateways leave out what they are just starting. */
const MISSES = 2;

/** Why a list is not followed. */
export type ListRefusal = 'empty' | 'shrunk';

/** The instances that lists have named, and for how many lists in a row each has been missing. */
export type WatchedList<T> = ReadonlyMap<string, { readonly found: T; readonly misses: number }>;

/**
 * What follows from a list. An empty one, and one without more than half of ten or more, are mostly accidents.
 *
 * @param found by id, what is to be watched of the list
 * @param stays whether an instance is kept although it is missing, for it may only be lost, or is being restarted
 * @param force follows it, whatever it looks like
 */
export function followList<T>(
  before: WatchedList<T>,
  found: ReadonlyMap<string, T>,
  stays: (id: string) => boolean,
  force: boolean,
): WatchedList<T> | ListRefusal {
  const missing = [...before.keys()].filter((id) => !found.has(id) && !stays(id));
  if (!force) {
    if (found.size === 0) return 'empty';
    if (isLikelyAccident(missing.length, before.size)) return 'shrunk';
  }
  const list = new Map<string, { readonly found: T; readonly misses: number }>();
  for (const [id, { found: known, misses }] of before) {
    const now = found.get(id);
    if (now !== undefined) list.set(id, { found: now, misses: 0 });
    else if (stays(id)) list.set(id, { found: known, misses: 0 });
    else if (!force && misses + 1 < MISSES) list.set(id, { found: known, misses: misses + 1 });
  }
  for (const [id, each] of found) if (!list.has(id)) list.set(id, { found: each, misses: 0 });
  return list;
}
