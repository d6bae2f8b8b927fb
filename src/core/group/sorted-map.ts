import { stableHash } from '../instance/instance.ts';

/**
 * An immutable map, sorted by rank and then by key; null is the empty one. A change costs O(log n) and shares all but a
 * few nodes with the map before, so a plain value can hold a hundred thousand entries. It is a treap (Seidel and
 * Aragon, "Randomized Search Trees", 1996) whose priorities are hashes of the keys: the same entries always make the
 * same tree.
 */
export type SortedMap<V> = Node<V> | null;

interface Node<V> {
  readonly rank: number;
  readonly key: string;
  readonly value: V;
  readonly priority: number;
  readonly size: number;
  readonly before: SortedMap<V>;
  readonly after: SortedMap<V>;
}

/** How many entries there are. */
export function sizeOf(map: SortedMap<unknown>): number {
  return map?.size ?? 0;
}

/** The value under `key`; undefined: there is none. */
export function valueOf<V>(map: SortedMap<V>, key: string, rank = 0): V | undefined {
  let node = map;
  while (node !== null) {
    const order = compare(rank, key, node);
    if (order === 0) return node.value;
    node = order < 0 ? node.before : node.after;
  }
  return undefined;
}

/** The first entry; null: the map is empty. */
export function firstOf<V>(map: SortedMap<V>): Node<V> | null {
  if (map === null) return null;
  let node = map;
  while (node.before !== null) node = node.before;
  return node;
}

/** Every entry, first to last. */
export function* entriesOf<V>(map: SortedMap<V>): Generator<Node<V>> {
  if (map === null) return;
  yield* entriesOf(map.before);
  yield map;
  yield* entriesOf(map.after);
}

/** The map with `value` under `key`, in place of an earlier value. */
export function withEntry<V>(map: SortedMap<V>, key: string, value: V, rank = 0): Node<V> {
  return insert(map, { rank, key, value, priority: stableHash(key), size: 1, before: null, after: null });
}

/** The map without `key`; the same object when it was not there. */
export function withoutEntry<V>(map: SortedMap<V>, key: string, rank = 0): SortedMap<V> {
  if (map === null) return null;
  const order = compare(rank, key, map);
  if (order === 0) return joined(map.before, map.after);
  if (order < 0) {
    const before = withoutEntry(map.before, key, rank);
    return before === map.before ? map : over(map, before, map.after);
  }
  const after = withoutEntry(map.after, key, rank);
  return after === map.after ? map : over(map, map.before, after);
}

function insert<V>(map: SortedMap<V>, entry: Node<V>): Node<V> {
  if (map === null) return entry;
  const order = compare(entry.rank, entry.key, map);
  if (order === 0) return over(entry, map.before, map.after);
  if (order < 0) {
    const before = insert(map.before, entry);
    return isAbove(before, map)
      ? over(before, before.before, over(map, before.after, map.after))
      : over(map, before, map.after);
  }
  const after = insert(map.after, entry);
  return isAbove(after, map)
    ? over(after, over(map, map.before, after.before), after.after)
    : over(map, map.before, after);
}

/** Joins two trees; every entry of the first comes before every entry of the second. */
function joined<V>(before: SortedMap<V>, after: SortedMap<V>): SortedMap<V> {
  if (before === null) return after;
  if (after === null) return before;
  return isAbove(before, after)
    ? over(before, before.before, joined(before.after, after))
    : over(after, joined(before, after.before), after.after);
}

/** An entry with other subtrees. */
function over<V>(entry: Node<V>, before: SortedMap<V>, after: SortedMap<V>): Node<V> {
  const { rank, key, value, priority } = entry;
  return { rank, key, value, priority, size: sizeOf(before) + sizeOf(after) + 1, before, after };
}

function isAbove(one: Node<unknown>, other: Node<unknown>): boolean {
  return one.priority > other.priority;
}

function compare(rank: number, key: string, node: Node<unknown>): number {
  if (rank !== node.rank) return rank - node.rank;
  if (key === node.key) return 0;
  return key < node.key ? -1 : 1;
}
