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

  it('looks at no more characters than a gateway may make it, whatever it writes', () => {
    const pattern = `${'*a'.repeat(120)}*b`;
    // Each character once for each of the pattern, and as often whether it is the last.
    let left = 2 * 256 * pattern.length;
    const counted = new Proxy(Object('a'.repeat(256)) as object, {
      get: (text, key) => {
        if ((left -= 1) === 0) throw new Error('it looks too often');
        return Reflect.get(text, key) as unknown;
      },
    });
    expect(matchesPattern(counted as unknown as string, pattern)).toBe(false);
  });

  it('chooses what matches and is not ignored', () => {
    const choice = { match: 'shop-*', ignore: ['shop-test*', 'shop-9'] };
    expect(['shop-1', 'shop-9', 'shop-test-2', 'bar-1'].filter((id) => isChosen(id, choice))).toEqual(['shop-1']);
  });
});
