import { describe, expect, it } from 'vitest';
import { FOUR, LEASE, world, worldOf } from './replicas.ts';

/** Twelve accounts. */
const MANY = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`n${index}`, 10]));

const count = (events: readonly string[], type: string): number => events.filter((each) => each === type).length;

describe('an account that moves', () => {
  it('waits until its new owner has looked, which could not know that it would come', async () => {
    const { clock, one, two } = world('one', 'two');
    await one.start();
    await clock.run(2_300);
    await two.start();
    await clock.run(4 * LEASE + 4_600);
    const before = one.events.length;
    // The first looks soon, and the second a third of a lease later.
    for (const each of [one, two]) each.host.weights = new Map(Object.entries({ ...FOUR, c: 30, d: 20 }));
    await clock.run(4 * LEASE);
    expect(one.events.slice(before)).toEqual(['accounts_released']);
    expect([one.watches(), two.watches()]).toEqual(['c', 'a b d']);
  });

  it.each([4_000, 4_900])(
    'does not move again and again to one that never takes it in time, because its statements take %i ms',
    async (slow) => {
      const { clock, one, two, three } = worldOf(MANY, 'one', 'two', 'three');
      three.process.slow = slow;
      for (const [index, each] of [one, two, three].entries()) {
        void each.start();
        await clock.run(1_700 * (index + 1));
      }
      await clock.run(20 * LEASE);
      const released = () => [one, two].reduce((sum, { events }) => sum + count(events, 'accounts_released'), 0);
      const before = released();
      await clock.run(40 * LEASE);
      expect(released() - before).toBeLessThanOrEqual(2 * 5);
      three.process.slow = 0;
      await clock.run(20 * LEASE);
      expect(three.coordinator.owned).toHaveLength(4);
    },
  );

  it('is not left to a replica that is late', async () => {
    const { clock, one, two, three } = world('one', 'two', 'three');
    for (const each of [one, two, three]) await each.start();
    await clock.run(4 * LEASE);
    expect([one, two, three].map((each) => each.watches().length)).toEqual([3, 1, 1]);
    two.process.frozen = true;
    await clock.run(6_000);
    const left = three.watches();
    await three.coordinator.settle();
    await three.coordinator.end();
    await three.store.close();
    // It owns as little as the first.
    while (!one.coordinator.replicas.some(({ isLate }) => isLate)) await clock.run(100);
    expect([one.coordinator.owned.includes(left), one.coordinator.shares.takeovers]).toEqual([true, 0]);
  });
});
