import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { RequestLimiter } from './request-limiter.ts';

describe('the request limiter of an account', () => {
  it('lets at most `concurrency` calls in, first come, first served', async () => {
    const clock = new SimulatedClock();
    const limiter = new RequestLimiter(clock, { requestsPerSecond: 1000, concurrency: 2 });
    const went: number[] = [];
    for (const call of [1, 2, 3, 4]) limiter.enter(() => went.push(call));
    expect(went).toEqual([1, 2]);
    expect(limiter.queued).toBe(2);
    limiter.leave();
    await clock.run(SECOND);
    expect(went).toEqual([1, 2, 3]);
  });

  it('lets restarts go before probes', () => {
    const limiter = new RequestLimiter(new SimulatedClock(), { requestsPerSecond: 1000, concurrency: 1 });
    const went: string[] = [];
    limiter.enter(() => went.push('first'));
    limiter.enter(() => went.push('probe'));
    limiter.enter(() => went.push('restart'), true);
    limiter.leave();
    expect(went).toEqual(['first', 'restart']);
  });

  it('begins at most `requestsPerSecond` calls per second, with no burst after a quiet time', async () => {
    const clock = new SimulatedClock();
    const limiter = new RequestLimiter(clock, { requestsPerSecond: 20, concurrency: 1000 });
    await clock.run(MINUTE);
    let went = 0;
    for (let call = 0; call < 100; call += 1) limiter.enter(() => (went += 1));
    expect(went).toBe(2);
    await clock.run(SECOND);
    expect(went).toBe(22);
    await clock.run(4 * SECOND);
    expect(went).toBe(100);
  });

  it('makes up for further requests of a call before the next one begins', async () => {
    const clock = new SimulatedClock();
    const limiter = new RequestLimiter(clock, { requestsPerSecond: 10, concurrency: 1000 });
    let went = 0;
    for (let call = 0; call < 30; call += 1) {
      limiter.enter(() => {
        went += 1;
        limiter.leave(1);
      });
    }
    await clock.run(2 * SECOND);
    // Each is two requests, so half as many begin.
    expect([went >= 10, went <= 11]).toEqual([true, true]);
  });

  it('also serves a limit below one per second', async () => {
    const clock = new SimulatedClock();
    const limiter = new RequestLimiter(clock, { requestsPerSecond: 0.5, concurrency: 10 });
    let went = 0;
    for (let call = 0; call < 5; call += 1) limiter.enter(() => (went += 1));
    expect(went).toBe(1);
    await clock.run(4 * SECOND);
    expect(went).toBe(3);
  });
});
