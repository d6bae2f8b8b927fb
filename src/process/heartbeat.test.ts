import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { MINUTE } from '../core/time.ts';
import { sendHeartbeats, type HeartbeatParts } from './heartbeat.ts';

function beating(parts: Partial<HeartbeatParts> = {}) {
  const clock = new SimulatedClock();
  const seen = { calls: 0, lines: [] as string[], received: 0, failed: 0 };
  const line = (_: object, message: string): void => void seen.lines.push(message.split('.')[0] ?? '');
  const stop = sendHeartbeats({
    clock,
    every: MINUTE,
    call: () => Promise.resolve(200),
    late: () => [],
    log: { info: line, warn: line },
    onEnd: (received) => (received ? (seen.received += 1) : (seen.failed += 1)),
    ...parts,
  });
  return { clock, seen, stop };
}

describe('the dead-man switch', () => {
  it('is called regularly, and only while nothing is late', async () => {
    let late: string[] = [];
    const { clock, seen, stop } = beating({ late: () => late });
    await clock.run(3 * MINUTE);
    expect(seen.received).toBe(4);
    late = ['the scheduler is 11 s behind'];
    await clock.run(3 * MINUTE);
    expect(seen.received).toBe(4);
    late = [];
    await clock.run(MINUTE);
    expect(seen.received).toBe(5);
    stop();
    await clock.run(3 * MINUTE);
    expect(seen).toEqual({ calls: 0, lines: [], received: 5, failed: 0 });
  });

  it('logs once that it receives nothing, when the reason changes, and when it does again', async () => {
    const answers: (number | Error)[] = [405, 405, new Error('no answer: ECONNREFUSED'), 302, 204, 204];
    const { clock, seen } = beating({
      call() {
        const answer = answers.shift() ?? 204;
        return typeof answer === 'number' ? Promise.resolve(answer) : Promise.reject(answer);
      },
    });
    await clock.run(5 * MINUTE);
    expect(seen.lines).toEqual([
      'the heartbeat is not received: HTTP 405',
      'the heartbeat is not received: no answer: ECONNREFUSED',
      'the heartbeat is not received: HTTP 302',
      'heartbeats are received again',
    ]);
    expect([seen.received, seen.failed]).toEqual([2, 4]);
  });

  it('does not wait for an answer for ever', async () => {
    const call = (signal: AbortSignal): Promise<number> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    const { clock, seen } = beating({ call });
    await clock.run(10_001);
    expect(seen.lines).toEqual(['the heartbeat is not received: no answer within 10 s']);
  });
});
