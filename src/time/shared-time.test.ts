import { expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { sharedTime } from './shared-time.ts';

it('goes on from the time that it was set to, and leaves the wall clock as it is', async () => {
  const clock = new SimulatedClock();
  const start = clock.now();
  const shared = sharedTime(clock);
  shared.shift(-90_000.4);
  await clock.run(1_000);
  expect([shared.now(), shared.wall()]).toEqual([start - 89_000, start + 1_000]);
});
