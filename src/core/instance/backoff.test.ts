import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceOf, cooldownAfter, longestCooldown } from './backoff.ts';
import { budgetFreesAt, spend, spentWithin } from './budget.ts';
import { MINUTE } from '../time.ts';

const policy = { cooldown: 5 * MINUTE, backoff: { factor: 2, max: 60 * MINUTE, jitter: 0.2 } };

describe('the cooldown', () => {
  it('doubles with each attempt up to its maximum', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 100].map((attempt) => cooldownAfter(attempt, policy, 0) / MINUTE);
    expect(minutes).toEqual([5, 10, 20, 40, 60, 60, 60]);
  });

  it('is lengthened by chance, also at its maximum, and never shortened', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (attempt, chance) => {
          const bare = cooldownAfter(attempt, policy, 0);
          const jittered = cooldownAfter(attempt, policy, chance);
          expect(jittered).toBeGreaterThanOrEqual(bare);
          expect(jittered).toBeLessThanOrEqual(bare * 1.2 + 1);
          expect(jittered).toBeLessThanOrEqual(longestCooldown(policy));
        },
      ),
    );
    expect(cooldownAfter(9, policy, 0.5)).toBeGreaterThan(cooldownAfter(9, policy, 0));
  });

  it('draws an even chance that differs between instances and times', () => {
    const chances = Array.from({ length: 1000 }, (_, seed) => chanceOf(seed, 1_700_000_000_000));
    expect(new Set(chances).size).toBeGreaterThan(990);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const within = chances.filter((chance) => Math.floor(chance * 10) === tenth);
      expect(within.length).toBeGreaterThan(60);
      expect(within.length).toBeLessThan(140);
    }
    expect(chanceOf(1, 1)).not.toBe(chanceOf(1, 2));
  });
});

describe('the budget', () => {
  const budget = { restarts: 2, per: 100 };

  it('frees when the oldest restart that blocks leaves the window', () => {
    expect(budgetFreesAt([], budget, 0)).toBeNull();
    expect(budgetFreesAt([10], budget, 20)).toBeNull();
    expect(budgetFreesAt([10, 20], budget, 30)).toBe(110);
    expect(budgetFreesAt([10, 20], budget, 109)).toBe(110);
    expect(budgetFreesAt([10, 20], budget, 110)).toBeNull();
    expect(budgetFreesAt([10, 20, 30], budget, 40)).toBe(120);
  });

  it('forgets what has left the window', () => {
    expect(spentWithin([10, 20, 30], budget, 120)).toEqual([30]);
    expect(spend([10, 20], budget, 115)).toEqual([20, 115]);
  });
});
