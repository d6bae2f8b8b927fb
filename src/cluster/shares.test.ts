import { describe, expect, it } from 'vitest';
import { assigned, nextMove, type Holder } from './shares.ts';

const WEIGHTS: Readonly<Record<string, number>> = { a: 10, b: 10, c: 10, d: 10, big: 40, half: 20, empty: 0 };
const weightOf = (account: string): number => WEIGHTS[account] ?? 0;

/** `one: a b` owns a and b; `one!: a` has an old config. */
function holders(...texts: readonly string[]): Holder[] {
  return texts.map((text) => {
    const [name = '', accounts = ''] = text.split(':');
    return {
      owner: name.replace('!', ''),
      current: !name.endsWith('!'),
      accounts: accounts.split(' ').filter((each) => each !== ''),
    };
  });
}

describe('free accounts', () => {
  it.each([
    { what: 'all of them, to one alone', free: 'a b', among: ['one:'], to: 'a→one b→one' },
    { what: 'by turns, to equals', free: 'a b c d', among: ['one:', 'two:'], to: 'a→one b→two c→one d→two' },
    { what: 'the largest first', free: 'a b big', among: ['one:', 'two:'], to: 'big→one a→two b→two' },
    { what: 'to the one with least to do', free: 'a b', among: ['one:half', 'two:'], to: 'a→two b→two' },
    { what: 'not to one with an old config', free: 'a b', among: ['one!:', 'two:c d'], to: 'a→two b→two' },
    { what: 'without instances, by number', free: 'empty', among: ['one:empty', 'two:'], to: 'empty→two' },
    { what: 'to nobody, when nobody is there', free: 'a', among: [], to: '' },
  ])('$what', ({ free, among, to }) => {
    const result = assigned(free.split(' '), holders(...among), weightOf);
    expect([...result].map(([account, owner]) => `${account}→${owner}`).join(' ')).toBe(to);
  });
});

describe('the next move', () => {
  it.each([
    { what: 'from the fullest to the emptiest', among: ['one:a b c d', 'two:half', 'three:'], move: 'one→three' },
    { what: 'to a newcomer', among: ['one:a b', 'two:'], move: 'one→two' },
    { what: 'none, when it would not be more even', among: ['one:a b', 'two:c'], move: null },
    { what: 'none of an account that is all there is', among: ['one:big', 'two:'], move: null },
    { what: 'none, when one is alone', among: ['one:a b c'], move: null },
    { what: 'from an old config, however even', among: ['one:a', 'two!:b'], move: 'two→one' },
    { what: 'none, when only an old config is there', among: ['one!:a', 'two!:'], move: null },
  ])('$what', ({ among, move }) => {
    const next = nextMove(holders(...among), weightOf);
    expect(next && `${next.from}→${next.to}`).toBe(move);
  });

  it('offers first what makes the shares most even', () => {
    const next = nextMove(holders('one:a half big', 'two:'), weightOf);
    expect(next?.accounts).toEqual(['big', 'half', 'a']);
  });

  it('offers first, of equals, what its owner has had for longest', () => {
    expect(nextMove(holders('one:c a d b', 'two:'), weightOf)?.accounts).toEqual(['c', 'a', 'd', 'b']);
  });

  it('leads to even shares, and then ends', () => {
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
    const owned = new Map<string, string[]>([
      ['one', names],
      ['two', []],
      ['three', []],
    ]);
    let moves = 0;
    for (; moves < 100; moves += 1) {
      const now = [...owned].map(([owner, accounts]) => ({ owner, current: true, accounts }));
      const move = nextMove(now, () => 1);
      const account = move?.accounts[0];
      if (move === null || account === undefined) break;
      owned.set(
        move.from,
        owned.get(move.from)!.filter((each) => each !== account),
      );
      owned.set(move.to, [...owned.get(move.to)!, account]);
    }
    expect([moves, ...[...owned.values()].map(({ length }) => length)]).toEqual([20, 10, 10, 10]);
  });
});
