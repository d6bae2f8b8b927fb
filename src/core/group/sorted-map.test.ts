import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf, firstOf, sizeOf, valueOf, withEntry, withoutEntry, type SortedMap } from './sorted-map.ts';

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  rank: fc.integer({ min: 0, max: 3 }),
  value: fc.constantFrom(1, 2, null),
});

describe('a sorted map', () => {
  it('is what a plain map with its entries sorted would be, whatever is put in and taken out', () => {
    const property = fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
      let map: SortedMap<number> = null;
      const plain = new Map<string, { rank: number; key: string; value: number }>();
      for (const { key, rank, value } of changes) {
        const earlier: SortedMap<number> = map;
        const before = [...entriesOf(earlier)];
        map = value === null ? withoutEntry(map, key, rank) : withEntry(map, key, value, rank);
        if (value === null && !plain.has(`${rank}${key}`)) expect(map).toBe(earlier);
        if (value === null) plain.delete(`${rank}${key}`);
        else plain.set(`${rank}${key}`, { rank, key, value });
        expect([...entriesOf(earlier)]).toEqual(before);
        expect(valueOf(map, key, rank)).toBe(value ?? undefined);
      }
      const sorted = [...plain.keys()].sort().map((name) => plain.get(name));
      expect([...entriesOf(map)].map(({ key, rank, value }) => ({ rank, key, value }))).toEqual(sorted);
      expect(firstOf(map)?.key).toBe(sorted[0]?.key);
      expect(sizeOf(map)).toBe(sorted.length);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('is the same tree however its entries came into it, and not a deep one', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => String(index));
    const treeOf = (all: readonly string[]): SortedMap<null> =>
      all.reduce<SortedMap<null>>((map, key) => withEntry(map, key, null), null);
    const depth = (map: SortedMap<null>): number =>
      map === null ? 0 : 1 + Math.max(depth(map.before), depth(map.after));
    expect(treeOf(keys)).toEqual(treeOf(keys.toReversed()));
    expect(depth(treeOf(keys))).toBeLessThan(40);
  });
});
