import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requirePlaces } from '../mutation/mutation.ts';
import { volume } from '../volume.ts';
import { broken, MUTATED, REPLICA_MUTANTS } from './mutants.ts';
import { replicasDay } from './replicas-day.ts';

/** Each takes one rule out of a copy of the program, or of what its statements say; the hours must notice. The first is the sample. */
const CHOSEN = REPLICA_MUTANTS.slice(0, volume(1, REPLICA_MUTANTS.length));

const folder = join(import.meta.dirname, '.mutants');
const MOST_SEEDS = 200;

describe('the hours of several replicas', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('have a place for each mutation', () => {
    const mutations = REPLICA_MUTANTS.flatMap(([, , each]) => each);
    requirePlaces(MUTATED, mutations);
  });

  const rows = CHOSEN.map(([rule, gone, mutations, more = {}], index) => [gone, rule, index, mutations, more] as const);
  it.each(rows)('notice the loss of this: %s', { timeout: 1_200_000 }, async (_gone, rule, index, mutations, more) => {
    const { slips = [], world } = more;
    const product = await broken(join(folder, String(index)), mutations);
    let breach: string | null = null;
    for (let seed = 1; breach === null && seed <= MOST_SEEDS; seed += 1) {
      ({ breach } = await replicasDay(seed, 1.5, product, slips, world));
    }
    expect(breach ?? 'no rule broke').toMatch(new RegExp(`^${rule}:`));
  });
});
