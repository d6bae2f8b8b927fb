import { expect, it } from 'vitest';
import { Lane } from '../../src/runtime/lane.ts';
import { RestartGate } from '../../src/runtime/restart-gate.ts';
import { Watch } from '../../src/runtime/watch.ts';
import { simulate } from './day.ts';

/** The seeds are spread over several files, because test files run side by side and tests in one file do not. */
const SEEDS_PER_FILE = 50;

/** Declares one test per seed: a simulated day of 30 instances in which no rule may break. */
export function itHoldsEveryRule(file: number): void {
  const seeds = Array.from({ length: SEEDS_PER_FILE }, (_, index) => file * SEEDS_PER_FILE + index + 1);
  it.each(seeds)('on the day of seed %i', { timeout: 120_000 }, async (seed) => {
    const { failure, probes } = await simulate({ Watch, Lane, RestartGate }, { seed, days: 1, instances: 30 });
    expect(failure ?? 'every rule held').toBe('every rule held');
    expect(probes).toBeGreaterThan(0);
  });
}
