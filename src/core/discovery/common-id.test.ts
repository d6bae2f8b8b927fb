import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonId } from './common-id.ts';
import { isChosen } from './patterns.ts';

describe('an id that two choices have in common', () => {
  it.each<[string, string, readonly string[], string | null]>([
    ['shop-*', 'shop-*', [], 'shop-'],
    ['*', '*', [], '1'],
    ['shop-*', '*-test', [], 'shop-test'],
    ['shop-*', 's*1', [], 'shop-1'],
    ['a-*', 'b-*', [], null],
    ['shop-?', 'shop-??', [], null],
    ['shop-1?', 'shop-?2', [], 'shop-12'],
    ['shop-*', '*', ['shop-*'], null],
    ['*', '*', ['?*'], null],
    ['shop-*', '*', ['shop-', 'shop-1*', 'shop-2'], 'shop-3'],
    ['s*', '*p', ['s?p', 's??p', 'sp'], 'spppp'],
    ['*', '*', Array.from('1234567890abcdefghijklmnopqrstuvwxyz', (each) => `${each}*`), null],
  ])('of %s and %s, without %j, is %j', (one, other, ignore, id) => {
    expect(commonId({ match: one, ignore }, { match: other, ignore: [] })).toBe(id);
    expect(commonId({ match: one, ignore: [] }, { match: other, ignore })).toBe(id);
  });

  it('is one that both choose, and there is none where all short ids are chosen by one at most', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 4 })
      .map((all) => all.join(''));
    const choice = fc.record({ match: pattern, ignore: fc.array(pattern, { maxLength: 2 }) });
    const short = ['', 'a', 'b', '1'];
    const ids = short.flatMap((a) => short.flatMap((b) => short.flatMap((c) => short.map((d) => a + b + c + d))));
    fc.assert(
      fc.property(choice, choice, (one, other) => {
        const areBoth = (id: string): boolean => id !== '' && isChosen(id, one) && isChosen(id, other);
        const id = commonId(one, other);
        if (id === null) expect(ids.filter(areBoth)).toEqual([]);
        else {
          expect(areBoth(id)).toBe(true);
          expect(ids.filter((each) => areBoth(each) && each.length < id.length)).toEqual([]);
        }
      }),
    );
  });

  it('is found soon, or not at all', () => {
    const began = performance.now();
    const long = { match: `${'x'.repeat(250)}*`, ignore: [] };
    expect(commonId(long, { match: '*y', ignore: [] })).toBe(`${'x'.repeat(250)}y`);
    const ignore = Array.from({ length: 1_000 }, (_, index) => `*${'ab'.repeat(60)}*${index}`);
    expect(commonId({ match: '*a*b*a*b*c', ignore }, { match: '*c*a*c*b', ignore })).toBeNull();
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
