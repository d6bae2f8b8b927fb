import { expect, it } from 'vitest';
import { ANSWERS } from './answers.ts';
import { PRESETS } from './behaviour.ts';
import { RESTART_TIMES_LIMIT } from '../simulator.ts';
import { SimulatedInstance } from './simulated-instance.ts';

it('an instance remembers its newest restarts only, and counts them all', () => {
  const instance = new SimulatedInstance('55', PRESETS.dead, 0, ANSWERS);
  for (let now = 1; now <= RESTART_TIMES_LIMIT + 2; now += 1) instance.restart(now, [], { method: 'POST', path: '/' });
  const { restarts, restartTimes } = instance.counts();
  expect(restarts).toBe(RESTART_TIMES_LIMIT + 2);
  expect(restartTimes).toHaveLength(RESTART_TIMES_LIMIT);
  expect([restartTimes[0], restartTimes.at(-1)]).toEqual([3, RESTART_TIMES_LIMIT + 2]);
});
