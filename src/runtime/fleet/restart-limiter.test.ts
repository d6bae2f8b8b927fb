import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../core/time.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { RestartLimiter } from './restart-limiter.ts';

describe('the gate of restarts', () => {
  it('tells when the minute gives room for one more than has been promised', async () => {
    const clock = new SimulatedClock();
    const began = clock.now();
    const gate = new RestartLimiter(clock, { concurrentRestarts: 10, restartsPerMinute: 2 });
    for (let restart = 0; restart < 2; restart += 1) {
      gate.begin();
      gate.end();
      await clock.run(SECOND);
    }
    expect(gate.free).toBe(0);
    expect(gate.freesAt(0)).toBe(began + MINUTE);
    expect(gate.freesAt(1)).toBe(began + MINUTE + SECOND);
    expect(gate.freesAt(2)).toBeNull();

    await clock.run(began + MINUTE - clock.now());
    expect(gate.free).toBe(1);
    expect(gate.freesAt(0)).toBeNull();
    // The second place comes a second later, while whoever was promised the first has not taken it yet.
    expect(gate.freesAt(1)).toBe(began + MINUTE + SECOND);
  });
});
