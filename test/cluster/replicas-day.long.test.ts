import { describe, expect, it } from 'vitest';
import { volume } from '../volume.ts';
import { replicasDay } from './replicas-day.ts';

const SEEDS = Array.from({ length: volume(2, 30) }, (_, index) => index + 1);

describe('one to five replicas over one database', () => {
  it.each(SEEDS)('break no rule in the hours of seed %i', { timeout: 240_000 }, async (seed) => {
    const { breach, restarts } = await replicasDay(seed, volume(0.5, 1.5));
    expect(breach ?? 'every rule held').toBe('every rule held');
    expect(restarts).toBeGreaterThan(0);
  });

  it.each(['far', 'slow', 'deadly'] as const)(
    'break no rule in a world that is %s',
    { timeout: 240_000 },
    async (world) => {
      for (let seed = 1; seed <= volume(1, 10); seed += 1) {
        const { breach, restarts } = await replicasDay(seed, volume(0.5, 1.5), undefined, [], world);
        expect(breach ?? 'every rule held').toBe('every rule held');
        expect(restarts).toBeGreaterThan(0);
      }
    },
  );
});
