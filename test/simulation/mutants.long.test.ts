import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type * as AccountModule from '../../src/runtime/fleet/account.ts';
import type * as RequestLimiterModule from '../../src/runtime/fleet/request-limiter.ts';
import type * as WatchdogModule from '../../src/runtime/watchdog.ts';
import { breakCopy, requirePlaces, type Mutation } from '../mutation/mutation.ts';
import { volume } from '../volume.ts';
import { simulate, type Product } from './day.ts';
import { FLEET_MUTANTS } from './mutants-of-the-fleet.ts';
import { INSTANCE_MUTANTS } from './mutants-of-instances.ts';
import { RULES } from './rules.ts';

/** Each takes one rule out of a copy of core and runtime; the simulated days must notice, and say which. */
const MUTANTS = [...INSTANCE_MUTANTS, ...FLEET_MUTANTS];
/** The first one is the sample. */
const CHOSEN = MUTANTS.slice(0, volume(1, MUTANTS.length));

const folder = join(import.meta.dirname, '.mutants');
const MOST_SEEDS = 250;
/** What is copied. */
const PARTS = ['core', 'runtime', 'time', 'collections', 'store/store.ts', 'gateway/gateway.ts'];

describe('the simulated days', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('have a mutant for every rule', () => {
    expect(new Set(MUTANTS.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  it('have a place for each of them', () => {
    const mutations = MUTANTS.flatMap(([, , each]) => each);
    requirePlaces(PARTS, mutations);
  });

  const rows = CHOSEN.map(([rule, gone, mutations, seen = {}], index) => [gone, rule, index, mutations, seen] as const);
  // Some rules are missed on a few days only, and a busy machine takes long for so many of them.
  it.each(rows)('notice the loss of this: %s', { timeout: 1_200_000 }, async (_gone, rule, index, mutations, seen) => {
    const { forgive = [], says = '' } = seen;
    const product = await broken(join(folder, String(index)), mutations);
    let firstLine = 'no rule broke';
    for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
      const { failure } = await simulate(product, { seed, days: 1, instances: 30, forgive });
      firstLine = failure?.split('\n')[0] ?? firstLine;
      // One that takes several holds away may first be seen by another one of them.
      const isAnotherHold = firstLine.includes(RULES[rule]) && !firstLine.includes(says);
      if (failure !== null && !isAnotherHold) break;
    }
    expect(firstLine).toContain(RULES[rule]);
    expect(firstLine).toContain(says);
  });
});

/** The product with some of its source changed. */
async function broken(copy: string, mutations: readonly Mutation[]): Promise<Product> {
  breakCopy(copy, PARTS, mutations);
  const { Watchdog } = (await import(join(copy, 'runtime/watchdog.ts'))) as typeof WatchdogModule;
  const fleet = join(copy, 'runtime/fleet');
  const { Account } = (await import(join(fleet, 'account.ts'))) as typeof AccountModule;
  const { RequestLimiter } = (await import(join(fleet, 'request-limiter.ts'))) as typeof RequestLimiterModule;
  return { Watchdog, Account, RequestLimiter };
}
