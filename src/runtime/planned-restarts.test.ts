import { expect, it } from 'vitest';
import { handMadeFleet } from '../../test/hand-made-fleet.ts';
import { testPolicy } from '../../test/policy.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { parseCron } from '../config/cron.ts';
import { Calendar } from './calendar.ts';
import type { Watched } from './fleet.ts';
import { PlannedRestarts } from './planned-restarts.ts';

function scheduled(...names: string[]): Watched[] {
  const reading = parseCron('0 * * * *', 'UTC');
  if (!('cron' in reading)) throw new Error(reading.mistake);
  const policy = testPolicy();
  const restart = { ...policy.restart, schedule: reading.cron };
  const fleet = handMadeFleet(names.map((name) => ({ name, policy: { ...policy, restart } })));
  return [...fleet.instances.values()];
}

it('marks each instance once per firing, however often the instances are replaced in between', async () => {
  const clock = new SimulatedClock();
  const marked: string[] = [];
  const planned = new PlannedRestarts({
    clock,
    calendar: new Calendar(),
    plan: ({ name }) => marked.push(name),
  });
  const [support, sales, billing] = scheduled('support', 'sales', 'billing') as [Watched, Watched, Watched];
  planned.start([support, sales]);
  await clock.run(10 * 60_000);
  planned.replace([support, billing]);
  planned.replace([billing, support]);
  await clock.run(50 * 60_000);
  expect(marked).toEqual(['billing', 'support']);
  planned.replace([]);
  await clock.run(120 * 60_000);
  expect(marked).toHaveLength(2);
});
