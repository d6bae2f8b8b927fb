import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { RequestLimiter } from './request-limiter.ts';

describe('the lane to an account', () => {
  it('lets at most so many in at a time, first come, first served', async () => {
    const clock = new SimulatedClock();
    const lane = new RequestLimiter(clock, { requestsPerSecond: 1000, concurrency: 2 });
    const went: number[] = [];
    for (const who of [1, 2, 3, 4]) lane.enter(() => went.push(who));
    expect(went).toEqual([1, 2]);
    expect(lane.queued).toBe(2);
    lane.leave();
    await clock.run(SECOND);
    expect(went).toEqual([1, 2, 3]);
  });

  it('lets restarts go before probes', () => {
    const lane = new RequestLimiter(new SimulatedClock(), { requestsPerSecond: 1000, concurrency: 1 });
    const went: string[] = [];
    lane.enter(() => went.push('first'));
    lane.enter(() => went.push('probe'));
    lane.enter(() => went.push('restart'), true);
    lane.leave();
    expect(went).toEqual(['first', 'restart']);
  });

  it('begins at most so many per second, with no burst after a quiet time', async () => {
    const clock = new SimulatedClock();
    const lane = new RequestLimiter(clock, { requestsPerSecond: 20, concurrency: 1000 });
    await clock.run(MINUTE);
    let went = 0;
    for (let who = 0; who < 100; who += 1) lane.enter(() => (went += 1));
    expect(went).toBe(2);
    await clock.run(SECOND);
    expect(went).toBe(22);
    await clock.run(4 * SECOND);
    expect(went).toBe(100);
  });

  it('also serves a limit below one per second', async () => {
    const clock = new SimulatedClock();
    const lane = new RequestLimiter(clock, { requestsPerSecond: 0.5, concurrency: 10 });
    let went = 0;
    for (let who = 0; who < 5; who += 1) lane.enter(() => (went += 1));
    expect(went).toBe(1);
    await clock.run(4 * SECOND);
    expect(went).toBe(3);
  });
});
