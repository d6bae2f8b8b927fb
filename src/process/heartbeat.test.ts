import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { MINUTE } from '../core/time.ts';
import { sendHeartbeats } from './heartbeat.ts';

describe('the dead-man switch', () => {
  it('is called regularly, and only while nothing is late', async () => {
    const clock = new SimulatedClock();
    const asked: number[] = [];
    let late: string[] = [];
    const reach = (): Promise<boolean> => Promise.resolve(asked.push(clock.now()) > 0);
    const stop = sendHeartbeats({ clock, url: 'https://x', every: MINUTE, reach, late: () => late });
    await clock.run(3 * MINUTE);
    expect(asked).toHaveLength(4);
    late = ['the scheduler is 11 s behind'];
    await clock.run(3 * MINUTE);
    expect(asked).toHaveLength(4);
    late = [];
    await clock.run(MINUTE);
    expect(asked).toHaveLength(5);
    stop();
    await clock.run(3 * MINUTE);
    expect(asked).toHaveLength(5);
  });

  it('does not wait for an answer for ever', async () => {
    const clock = new SimulatedClock();
    const signals: AbortSignal[] = [];
    const reach = (_: string, signal: AbortSignal): Promise<boolean> => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    sendHeartbeats({ clock, url: 'https://x', every: MINUTE, reach, late: () => [] });
    await clock.run(10_000);
    expect(signals[0]?.aborted).toBe(true);
  });
});
