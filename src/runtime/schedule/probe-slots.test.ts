import { describe, expect, it } from 'vitest';
import { SECOND } from '../../core/time.ts';
import { slotWithin, slotOf, type SharedLimits } from './probe-slots.ts';

const limits = (size: number, atOnce = 50): SharedLimits => ({ size, requests: { atOnce } });
const SEEDS = Array.from({ length: 2_000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 0);

describe('the slots of an account', () => {
  it.each([
    [100, 30 * SECOND, 6_400],
    [1_000, 30 * SECOND, 400],
    [10_000, 30 * SECOND, 50],
    [100, SECOND, 200],
  ])('lie so far apart that up to 25 share one: %i instances every %i ms, %i ms', (size, every, slot) => {
    expect(slotOf(limits(size), every)).toBe(slot);
    expect((size * slot) / every).toBeLessThanOrEqual(25);
  });

  it('are shared by at most as many probes as the limits let go at once', () => {
    expect(slotOf(limits(100, 2), 30 * SECOND)).toBe(400);
    expect(slotOf(limits(100, 1), 30 * SECOND)).toBe(200);
  });

  it('lie 50 ms apart where the fleet is large or the interval short', () => {
    expect(slotOf(limits(100_000), 30 * SECOND)).toBe(50);
    expect(slotOf(limits(1), 100)).toBe(50);
  });

  it('are at least four in an interval, even if few instances share them', () => {
    for (const size of [0, 1, 3]) expect(slotOf(limits(size), 60 * SECOND)).toBe(12_800);
  });

  it('stay where they are when the fleet grows a little', () => {
    expect(slotOf(limits(1_010), 30 * SECOND)).toBe(slotOf(limits(1_000), 30 * SECOND));
  });

  it('are all taken, and evenly', () => {
    const taken = new Map<number, number>();
    for (const seed of SEEDS) {
      const place = slotWithin(seed, 8 * SECOND, 400);
      taken.set(place, (taken.get(place) ?? 0) + 1);
    }
    expect([...taken.keys()].sort((one, other) => one - other)).toEqual(
      Array.from({ length: 20 }, (_, index) => index * 400),
    );
    expect(Math.max(...taken.values())).toBeLessThan(2 * (SEEDS.length / 20));
  });
});
