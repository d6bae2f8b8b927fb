import { describe, expect, it } from 'vitest';
import { AccountWeights } from './account-weights.ts';

/** What another replica publishes, of accounts that it owns and others. */
const replica = (owner: string, found?: Record<string, number>) => ({
  ...{ owner, replica: owner, advertise: null, config: 'c', gateways: {}, isLate: false },
  ...(found !== undefined && { found }),
});
const lease = (account: string, owner: string | null) => ({ account, owner, freeIn: 9 });

const counts = (of: Record<string, number>) => new Map(Object.entries(of));
const shown = ({ all }: AccountWeights) => Object.fromEntries(all);

describe('the weight of an account', () => {
  it('is what the config names and what its owner has found', () => {
    const weights = new AccountWeights(counts({ a: 2, b: 0, c: 1 }));
    expect(shown(weights)).toEqual({ a: 2, b: 0, c: 1 });
    weights.count(counts({ a: 5 }));
    weights.see({ replicas: [replica('two', { b: 7 })], foreign: [lease('b', 'two'), lease('c', 'two')] });
    expect(shown(weights)).toEqual({ a: 7, b: 7, c: 1 });
  });

  it('is known from its owner alone, and stays as it was while it has none, or none that has looked', () => {
    const weights = new AccountWeights(counts({ a: 0, b: 0 }));
    weights.see({ replicas: [replica('two', { a: 3, b: 9 })], foreign: [lease('a', 'two'), lease('b', 'three')] });
    expect(shown(weights)).toEqual({ a: 3, b: 0 });
    weights.see({ replicas: [replica('two')], foreign: [lease('a', null)] });
    weights.see({ replicas: [replica('two'), replica('three', {})], foreign: [lease('a', 'three')] });
    expect(shown(weights)).toEqual({ a: 3, b: 0 });
    weights.see({ replicas: [replica('three', { a: 0 })], foreign: [lease('a', 'three')] });
    expect(shown(weights)).toEqual({ a: 0, b: 0 });
  });

  it('is no number that nobody could have found', () => {
    const weights = new AccountWeights(counts({ a: 1 }));
    for (const a of [-1, 1.5, Number.NaN, '7' as unknown as number])
      weights.see({ replicas: [replica('two', { a, gone: 4 })], foreign: [lease('a', 'two'), lease('gone', 'two')] });
    expect(shown(weights)).toEqual({ a: 1 });
  });

  it('goes with its account when the config no longer has it', () => {
    const weights = new AccountWeights(counts({ a: 1, b: 1 }));
    weights.count(counts({ a: 4, b: 5 }));
    expect(Object.fromEntries(weights.under(counts({ a: 2 })))).toEqual({ a: 6 });
    weights.configure(counts({ a: 2 }));
    expect(shown(weights)).toEqual({ a: 6 });
    weights.configure(counts({ a: 2, b: 1 }));
    expect(shown(weights)).toEqual({ a: 6, b: 1 });
  });

  it('is published of own accounts, as soon as anybody has looked', () => {
    const weights = new AccountWeights(counts({ a: 1, b: 1, c: 1 }));
    weights.count(counts({ a: 0 }));
    weights.see({ replicas: [replica('two', { b: 5 })], foreign: [lease('b', 'two')] });
    expect(weights.foundIn(['a', 'b', 'c'])).toEqual({ a: 0, b: 5 });
  });
});
