import { expect, it } from 'vitest';
import { handMadeFleet } from '../../../test/fleet/fleet.ts';
import { testPolicy } from '../../../test/fleet/policy.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { Calendar } from '../../time/calendar.ts';
import type { Instance } from '../fleet/instance.ts';
import { PlannedRestarts } from './planned-restarts.ts';
import { WallClock } from '../../time/wall-clock.ts';

/** Instances that are to be restarted at each full hour, of these names. */
function scheduled<const Names extends readonly string[]>(...names: Names): { [Each in keyof Names]: Instance } {
  const policy = testPolicy({ schedule: '0 * * * *' });
  const fleet = handMadeFleet(names.map((name) => ({ name, policy })));
  return [...fleet.instances.values()] as { [Each in keyof Names]: Instance };
}

/** Planned restarts that write down whom they mark: its name, how long until it is due, and whether that was missed. */
function plannedOnPaper() {
  const clock = new SimulatedClock();
  const marks: [name: string, left: number, missed: boolean][] = [];
  const planned = new PlannedRestarts({ clock, wall: new WallClock(clock), calendar: new Calendar() });
  void (async () => {
    for (;;) {
      for (const { instance, firing } of await planned.due()) {
        marks.push([instance.name, firing.dueAt - clock.wall(), firing.missed]);
      }
    }
  })();
  return { clock, planned, marks, marked: () => marks.map(([name]) => name).toSorted() };
}

it('marks each instance once per firing, however often the instances change in between', async () => {
  const { clock, planned, marked } = plannedOnPaper();
  const [support, sales, billing] = scheduled('support', 'sales', 'billing');
  planned.follow([support, sales]);
  await clock.run(10 * 60_000);
  sales.removed = true;
  planned.follow([support, sales, billing]);
  planned.follow([billing, sales, support]);
  await clock.run(50 * 60_000);
  expect(marked()).toEqual(['billing', 'support']);
  for (const instance of [support, billing]) instance.removed = true;
  planned.follow([support, billing]);
  await clock.run(120 * 60_000);
  expect(marked()).toHaveLength(2);
});

it('follows only changed instances: one that is removed or disabled is not marked, and a new one is', async () => {
  const { clock, planned, marked } = plannedOnPaper();
  const [stays, goes, sleeps, comes] = scheduled('stays', 'goes', 'sleeps', 'comes');
  planned.follow([stays, goes, sleeps]);
  goes.removed = true;
  sleeps.definition = { ...sleeps.definition, enabled: false };
  planned.follow([goes, sleeps, comes]);
  await clock.run(60 * 60_000);
  expect(marked()).toEqual(['comes', 'stays']);
});

it('marks no instance before the clock shows the time, although its timer fires, and every instance then', async () => {
  const { clock, planned, marks } = plannedOnPaper();
  planned.follow(scheduled('support'));
  await clock.run(30 * 60_000);
  clock.step = -20 * 60_000;
  await clock.run(49 * 60_000);
  expect(marks).toEqual([]);
  await clock.run(2 * 60_000);
  expect(marks).toEqual([['support', 0, false]]);
});
