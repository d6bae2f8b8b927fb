import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { volume } from '../volume.ts';
import { broken, REPLICA_MUTANTS } from './mutants.ts';
import { replicasDay } from './replicas-day.ts';

/** Each takes one rule out of a copy of the program, or of what its statements say; the hours must notice. */
const MUTANTS = REPLICA_MUTANTS.map((mutant, index) => ({ ...mutant, index }));
/** The first one is the sample. */
const CHOSEN = MUTANTS.slice(0, volume(1, MUTANTS.length));

const folder = join(import.meta.dirname, '.mutants');
const MOST_SEEDS = 200;

describe('the hours of several replicas', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rows = CHOSEN.map((mutant) => [mutant.gone, mutant] as const);
  it.each(rows)('notice the loss of this: %s', { timeout: 1_200_000 }, async (_gone, mutant) => {
    const { index, rule, mutations = [], slips = [], world } = mutant;
    const product = await broken(join(folder, String(index)), mutations);
    let breach: string | null = null;
    for (let seed = 1; breach === null && seed <= MOST_SEEDS; seed += 1) {
      ({ breach } = await replicasDay(seed, 1.5, product, slips, world));
    }
    expect(breach ?? 'no rule broke').toMatch(new RegExp(`^${rule}:`));
  });
});
