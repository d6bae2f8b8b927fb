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

it('probes again within an interval and a quarter after a start', async () => {
  const clock = new SimulatedClock();
  const policy = testPolicy({ every: 60 });
  const definitions = Array.from({ length: 200 }, (_, index) => {
    return { name: `n${index}`, phoneNumberId: String(index), policy, state: { seed: index * 21_474_836 } };
  });
  const scheduler = new Scheduler({ clock, wall: new WallClock(clock), calendar: new Calendar() });
  scheduler.start(handMadeFleet(definitions, clock).instances.values());
  const probed = new Map<string, number[]>();
  void (async () => {
    for (;;) {
      for (const instance of await scheduler.due()) {
        probed.set(instance.name, [...(probed.get(instance.name) ?? []), clock.now()]);
        instance.seen.record(clock.now(), 'connected', null, 0);
        scheduler.ended(instance);
      }
    }
  })();
  await clock.run(5 * MINUTE);
  const waits = [...probed.values()].map(([first = 0, second = 0]) => second - first);
  expect(waits).toHaveLength(200);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(15 * SECOND);
  expect(Math.max(...waits)).toBeLessThanOrEqual(75 * SECOND);
});

it('leaves no instance unprobed for longer than an interval where the owner changes again and again', async () => {
  const clock = new SimulatedClock();
  const every = 60;
  const definitions = Array.from({ length: 600 }, (_, index) => {
    const state = { seed: Math.imul(index, 2_654_435_761) >>> 0 };
    return { name: `n${index}`, phoneNumberId: String(index), policy: testPolicy({ every }), state };
  });
  const probed = new Map(definitions.map(({ name }) => [name, [clock.now()]]));
  // The account allows 20 in a second, so that a start takes half a minute.
  for (let owner = 0; owner < 20; owner += 1) {
    const scheduler = new Scheduler({ clock, wall: new WallClock(clock), calendar: new Calendar() });
    scheduler.start(handMadeFleet(definitions, clock).instances.values());
    void (async () => {
      for (;;) {
        for (const instance of await scheduler.due()) {
          probed.get(instance.name)?.push(clock.now());
          scheduler.ended(instance);
        }
      }
    })();
    await clock.run(20 * SECOND);
    scheduler.stop();
  }
  const gaps = [...probed.values()].flatMap((times) => times.slice(1).map((at, index) => at - (times[index] ?? 0)));
  expect(Math.min(...[...probed.values()].map(({ length }) => length))).toBeGreaterThan(4);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(every * SECOND);
});
