import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysOf, Places, valueAt } from './places.ts';

const KEYS = Array.from({ length: 40 }, (_, index) => `key${index}`);
const key = fc.constantFrom(...KEYS, '__proto__', '0');
const paths = fc.uniqueArray(fc.array(key, { maxLength: 3 }), { minLength: 1, maxLength: 60, selector: String });
const answers = fc.array(
  fc.oneof(
    fc.dictionary(key, fc.oneof(fc.boolean(), fc.dictionary(key, fc.string(), { maxKeys: 3 })), { maxKeys: 6 }),
    fc.array(fc.dictionary(key, fc.boolean(), { maxKeys: 3 }), { maxLength: 3 }),
    fc.constantFrom('open', 7, true, null),
  ),
  { minLength: 1, maxLength: 6 },
);

describe('places of answers', () => {
  it('are looked at wherever an answer has something there, in their order, whatever the answer before it had', () => {
    fc.assert(
      fc.property(paths, answers, (keys, bodies) => {
        const items = keys.map((each) => ({ keys: each }));
        const places = new Places(items);
        for (const body of bodies) {
          const json: unknown = JSON.parse(JSON.stringify(body));
          const found = places.in(json);
          expect(found).toEqual(items.filter((item) => found.includes(item)));
          for (const item of items) if (valueAt(json, item.keys) !== undefined) expect(found).toContain(item);
        }
      }),
    );
  });

  it('are passed over where an answer does not have their first key', () => {
    const items = ['status', 'instance.state', 'instance.status', 'data.state'].map((path) => ({ keys: keysOf(path) }));
    const places = new Places(items);
    expect(places.in({ instance: {}, name: 'data' })).toEqual(items.slice(1, 3));
    expect(places.in({ status: 200 })).toEqual(items.slice(0, 1));
    expect(places.in({})).toEqual([]);
  });
});
