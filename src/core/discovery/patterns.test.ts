import { describe, expect, it } from 'vitest';
import { isChosen, matchesPattern } from './patterns.ts';

describe('a pattern of ids', () => {
  it.each([
    ['shop-1', 'shop-*', true],
    ['shop-', 'shop-*', true],
    ['shop', 'shop-*', false],
    ['my-shop-1', 'shop-*', false],
    ['my-shop-1', '*shop*', true],
    ['shop-12', 'shop-?', false],
    ['shop-1', 'shop-?', true],
    ['anything', '*', true],
    ['', '*', true],
    ['', '?', false],
    ['a.b', 'a?b', true],
    ['axb', 'a.b', false],
    ['a*b', 'a*b', true],
    ['aab', '*ab', true],
    ['Shop-1', 'shop-*', false],
  ])('%s is of the form %s: %s', (text, pattern, expected) => {
    expect(matchesPattern(text, pattern)).toBe(expected);
  });

  it('takes no time that a gateway could make long', () => {
    const began = performance.now();
    expect(matchesPattern('a'.repeat(256), `${'*a'.repeat(120)}*b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('chooses what matches and is not ignored', () => {
    const choice = { match: 'shop-*', ignore: ['shop-test*', 'shop-9'] };
    expect(['shop-1', 'shop-9', 'shop-test-2', 'bar-1'].filter((id) => isChosen(id, choice))).toEqual(['shop-1']);
  });
});
