import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { MINUTE } from '../core/time.ts';
import { Lifecycle } from './lifecycle.ts';

describe('closing', () => {
  it('goes backwards, runs every closer although some fail, and says at the end what failed', async () => {
    const lifecycle = new Lifecycle(new SimulatedClock());
    const closed: string[] = [];
    lifecycle.onClose('first', () => void closed.push('first'));
    lifecycle.onClose('second', () => Promise.reject(new Error('second failed')));
    lifecycle.onClose('third', () => void closed.push('third'));
    await expect(lifecycle.close()).rejects.toThrow(AggregateError);
    expect(closed).toEqual(['third', 'first']);
  });

  it('does not wait for ever', async () => {
    const clock = new SimulatedClock();
    const lifecycle = new Lifecycle(clock);
    const closed: string[] = [];
    lifecycle.onClose('first', () => void closed.push('first'));
    lifecycle.onClose('stuck', () => new Promise(() => undefined));
    const closing = lifecycle.close().catch((error: unknown) => (error as { errors: readonly Error[] }).errors);
    await clock.run(MINUTE);
    expect(await closing).toEqual([new Error('stuck did not close within 12 s')]);
    expect(closed).toEqual(['first']);
  });

  it('happens once, however often it is requested', async () => {
    const lifecycle = new Lifecycle(new SimulatedClock());
    let times = 0;
    lifecycle.onClose('it', () => void (times += 1));
    await Promise.all([lifecycle.close(), lifecycle.close()]);
    await lifecycle.close();
    expect(times).toBe(1);
  });
});
