import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { WallClock } from './wall-clock.ts';

describe('the wall clock', () => {
  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('is followed at once when it is set %s', (_where, by) => {
    const clock = new SimulatedClock();
    const wall = new WallClock(clock);
    const seven = wall.now() + 7 * HOUR;
    expect(wall.momentOf(seven)).toBe(clock.now() + 7 * HOUR);
    clock.step = by;
    expect(wall.now()).toBe(clock.wall());
    expect(wall.momentOf(seven)).toBe(clock.now() + 7 * HOUR - by);
    expect(wall.at(wall.momentOf(seven))).toBe(seven);
  });

  it('reports once that it was set, and never that it drifts by less than a second', () => {
    const clock = new SimulatedClock();
    const wall = new WallClock(clock);
    const before = wall.now();
    clock.step = 1_000;
    expect(wall.now()).toBe(before);
    expect(wall.wasSet()).toBe(false);
    clock.step = 1_001;
    expect([wall.wasSet(), wall.wasSet()]).toEqual([true, false]);
    expect(wall.now()).toBe(before + 1_001);
  });

  it('is never more than a second off, however long it is slewed', async () => {
    const clock = new SimulatedClock();
    const wall = new WallClock(clock);
    let settings = 0;
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await clock.run(MINUTE);
      // As fast as the kernel slews: 500 parts per million.
      clock.step -= 30;
      if (wall.wasSet()) settings += 1;
      expect(Math.abs(wall.now() - clock.wall())).toBeLessThanOrEqual(SECOND);
    }
    expect(settings).toBe(42);
  });
});
