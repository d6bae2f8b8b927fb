import { describe, expect, it } from 'vitest';
import { followList, type WatchedList } from './watched-list.ts';

const NOBODY = (): boolean => false;
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index + 1}`);
const watched = (ids: readonly string[], misses = 0): WatchedList<null> =>
  new Map(ids.map((id) => [id, { found: null, misses }]));
const found = (ids: readonly string[]): ReadonlyMap<string, null> => new Map(ids.map((id) => [id, null]));

function follow(
  before: WatchedList<null>,
  ids: readonly string[],
  stays = NOBODY as (id: string) => boolean,
  force = false,
) {
  const change = followList(before, found(ids), stays, force);
  return typeof change === 'string' ? change : [...change.keys()];
}

describe('what follows from a list', () => {
  it('is that instances come at once, and go when they are missing twice', () => {
    expect(follow(watched([]), ['n1', 'n2'])).toEqual(['n1', 'n2']);
    expect(follow(watched(['n1', 'n2']), ['n1'])).toEqual(['n1', 'n2']);
    expect(follow(watched(['n1', 'n2'], 1), ['n1'])).toEqual(['n1']);
  });

  it('begins from zero for one that was missing and is back', () => {
    const once = followList(watched(['n1', 'n2']), found(['n1']), NOBODY, false);
    if (typeof once === 'string') throw new Error(once);
    const back = followList(once, found(['n1', 'n2']), NOBODY, false);
    if (typeof back === 'string') throw new Error(back);
    expect(back.get('n2')?.misses).toBe(0);
    expect(once.get('n2')?.misses).toBe(1);
  });

  it('is nothing when it names nobody, or half of ten or more are gone', () => {
    expect(follow(watched(names(3)), [])).toBe('empty');
    expect(follow(watched([]), [])).toBe('empty');
    expect(follow(watched(names(10)), names(4))).toBe('shrunk');
    expect(follow(watched(names(10)), names(5))).toHaveLength(10);
    expect(follow(watched(names(9)), ['n1'])).toHaveLength(9);
    // Others in their place do not make it better.
    expect(follow(watched(names(10)), ['x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'n1'])).toBe('shrunk');
  });

  it('is all of it when somebody says that it is right', () => {
    expect(follow(watched(names(10)), ['n1'], NOBODY, true)).toEqual(['n1']);
    expect(follow(watched(names(2)), [], NOBODY, true)).toEqual([]);
  });

  it('keeps what may only be lost, however often it is missing', () => {
    const stays = (id: string): boolean => id !== 'n1';
    expect(follow(watched(names(12), 1), ['n1'], stays)).toHaveLength(12);
    expect(follow(watched(names(2), 1), ['n3'], stays)).toEqual(['n2', 'n3']);
  });
});
