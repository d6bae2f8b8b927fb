import { expect, it } from 'vitest';
import { handMadeFleet } from '../../../test/fleet/fleet.ts';
import { testPolicy } from '../../../test/fleet/policy.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { Calendar } from '../../time/calendar.ts';
import type { Instance } from '../fleet/instance.ts';
import { Scheduler } from './scheduler.ts';
import { WallClock } from '../../time/wall-clock.ts';

it('queues a large fleet again in portions, spread as a whole, and does not delay due instances meanwhile', async () => {
  const clock = new SimulatedClock();
  const policy = testPolicy({ every: 3600 });
  const fleet = handMadeFleet(
    Array.from({ length: 5_000 }, (_, index) => {
      return { name: `n${index}`, phoneNumberId: String(index), policy, state: { seed: index * 858_993 } };
    }),
    clock,
  );
  const probed: Instance[] = [];
  const scheduler = new Scheduler({ clock, wall: new WallClock(clock), calendar: new Calendar() });
  const all = [...fleet.instances.values()];
  scheduler.start(all);
  void (async () => {
    for (;;) {
      for (const instance of await scheduler.due()) {
        probed.push(instance);
        scheduler.ended(instance);
      }
    }
  })();
  await clock.run(10 * MINUTE);
  expect(probed.splice(0)).toHaveLength(5_000);
  // The account allows 20 in a second.
  const soon = () => all.filter(({ schedule }) => schedule.dueAt <= clock.now() + 250 * SECOND).length;
  expect(soon()).toBe(0);
  const queued = scheduler.hasten(all);
  expect(soon()).toBe(2_000);
  await clock.run(10 * SECOND);
  await queued;
  expect(probed.length).toBeGreaterThan(150);
  expect(probed.length).toBeLessThan(250);
  await clock.run(250 * SECOND);
  expect(new Set(probed).size).toBe(5_000);
});
