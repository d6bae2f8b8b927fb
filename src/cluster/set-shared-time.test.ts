import { expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { StoreError } from '../store/store.ts';
import { sharedTime } from '../time/shared-time.ts';
import { setSharedTime } from './set-shared-time.ts';

it.each([
  { what: 'at once', failures: 0, ahead: 180_000 },
  { what: 'after an answer that was lost', failures: 1, ahead: 180_000 },
  { what: 'not at all when the database is away', failures: 3, ahead: 0 },
])('the clock is set to that of the database $what', async ({ failures, ahead }) => {
  const machine = new SimulatedClock();
  const clock = sharedTime(machine);
  let calls = 0;
  const time = (): Promise<number> => {
    calls += 1;
    return calls > failures
      ? Promise.resolve(machine.now() + 180_000)
      : Promise.reject(new StoreError('unavailable', ''));
  };
  await setSharedTime(clock, { time });
  expect(clock.now() - machine.now()).toBe(ahead);
});
