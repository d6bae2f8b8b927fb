import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handMadeFleet, type HandMadeInstance } from '../../../test/fleet/fleet.ts';
import { findInstances, InstanceQuery } from './instance-query.ts';

function find(instances: readonly HandMadeInstance[], parameters: Record<string, string> = {}) {
  const found = findInstances(handMadeFleet(instances).instances, InstanceQuery.parse(parameters));
  const names: string[] = [];
  for (;;) {
    const { done, value } = found.next();
    if (done === true) return { names, ...value };
    if (value !== null) names.push(value.name);
  }
}

const THREE: readonly HandMadeInstance[] = [
  { name: 'sales', phoneNumberId: '551', state: { phase: 'down' } },
  { name: 'support', phoneNumberId: '552', labels: { team: 'Blue' }, state: { phase: 'healthy' } },
  { name: 'billing', phoneNumberId: '553', account: 'other', state: { phase: 'down' } },
];

describe('a query', () => {
  test('without parameters finds all instances, in the order of the configuration', () => {
    expect(find(THREE)).toEqual({
      ...{ names: ['sales', 'support', 'billing'], total: 3, nextCursor: null },
      byAccount: new Map([
        ['acme', 2],
        ['other', 1],
      ]),
    });
  });

  test('finds by phase, by account, and by both', () => {
    expect(find(THREE, { phase: 'down' }).names).toEqual(['sales', 'billing']);
    expect(find(THREE, { account: 'acme' }).names).toEqual(['sales', 'support']);
    expect(find(THREE, { phase: 'down', account: 'acme' })).toMatchObject({ names: ['sales'], total: 1 });
    expect(find(THREE, { account: 'nobody' })).toMatchObject({ names: [], total: 0, nextCursor: null });
  });

  test('finds text in names, numbers and labels, whatever its case', () => {
    expect(find(THREE, { q: 'SAL' }).names).toEqual(['sales']);
    expect(find(THREE, { q: '553' }).names).toEqual(['billing']);
    expect(find(THREE, { q: 'blue' }).names).toEqual(['support']);
  });

  test.each([
    ['phase', 'sick', /phase: must be one of unknown, healthy/],
    ['limit', '0', /limit: must be a whole number from 1 to 1000/],
    ['limit', '1001', /limit/],
    ['limit', '-1', /limit/],
    ['limit', '1e2', /limit/],
    ['limit', '', /limit/],
    ['cursor', '', /cursor/],
    ['cursor', '%%%', /cursor: take it from nextCursor/],
  ])('with %s=%s is refused in words', (parameter, value, words) => {
    const { error } = InstanceQuery.safeParse({ [parameter]: value });
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join()).toMatch(words);
  });
});

describe('pages', () => {
  test('count everything that matches, and lead to the next page', () => {
    const first = find(THREE, { limit: '2' });
    expect(first).toMatchObject({ names: ['sales', 'support'], total: 3 });
    const second = find(THREE, { limit: '2', cursor: first.nextCursor! });
    expect(second).toMatchObject({ names: ['billing'], total: 3, nextCursor: null });
  });

  test('end without an empty one', () => {
    expect(find(THREE, { limit: '3' }).nextCursor).toBeNull();
    expect(find(THREE, { limit: '2', phase: 'down' }).nextCursor).toBeNull();
  });

  test('go on behind an instance that has ceased to match in between', () => {
    const { nextCursor } = find(THREE, { limit: '1', phase: 'down' });
    const later = THREE.map((made) => (made.name === 'sales' ? { ...made, state: {} } : made));
    expect(find(later, { phase: 'down', cursor: nextCursor! }).names).toEqual(['billing']);
  });

  test('say so when the instance they would go on behind is gone', () => {
    const { nextCursor } = find(THREE, { limit: '1' });
    expect(() => find(THREE.slice(1), { cursor: nextCursor! })).toThrow(/no longer watched; start again/);
  });

  test('together show every match once, whatever the limit', () => {
    const phases = fc.array(fc.constantFrom('down', 'healthy'), { maxLength: 30 });
    fc.assert(
      fc.property(phases, fc.integer({ min: 1, max: 7 }), (fleet, limit) => {
        const instances = fleet.map((phase, index) => ({ name: `n${index}`, state: { phase } }));
        const shown: string[] = [];
        let cursor: string | null = null;
        do {
          const query = { phase: 'down', limit: `${limit}`, ...(cursor !== null && { cursor }) };
          const page = find(instances, query);
          shown.push(...page.names);
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(shown).toEqual(instances.filter(({ state }) => state.phase === 'down').map(({ name }) => name));
      }),
    );
  });
});
