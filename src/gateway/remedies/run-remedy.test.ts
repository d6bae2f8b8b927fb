import { describe, expect, it } from 'vitest';
import { HandClock, IDLE } from '../../../test/gateway/wire.ts';
import type { Outcome } from '../../core/instance/instance.ts';
import { NOT_SENT, runRemedy } from './run-remedy.ts';

type Ends = readonly [outcome: Outcome, mayFail?: 'may fail'];

/** The outcome of a remedy whose calls end like that, and how many of them were made. */
async function run(...ends: readonly Ends[]): Promise<[outcome: Outcome, calls: number, detail: string | null]> {
  let calls = 0;
  const steps = ends.map(([outcome, mayFail]) => ({
    mayFail: mayFail !== undefined,
    wait: 0,
    call: () => {
      calls += 1;
      return Promise.resolve({ ...NOT_SENT, outcome, detail: outcome === 'accepted' ? null : 'why' });
    },
  }));
  const { outcome, detail } = await runRemedy(steps, ({ call }) => call(), { signal: IDLE }, new HandClock());
  return [outcome, calls, detail];
}

describe('a remedy of several calls', () => {
  it.each<[ends: readonly Ends[], outcome: Outcome, calls: number, detail: string | null]>([
    [[['accepted']], 'accepted', 1, null],
    [[['rejected']], 'rejected', 1, 'why'],
    [[['accepted'], ['accepted']], 'accepted', 2, null],
    [[['rejected'], ['accepted']], 'rejected', 1, 'call 1 of 2: why'],
    [[['rejected', 'may fail'], ['accepted']], 'accepted', 2, null],
    [[['unknown', 'may fail'], ['accepted']], 'accepted', 2, null],
    [[['unknown'], ['accepted']], 'unknown', 1, 'why'],
    [[['accepted'], ['rejected']], 'rejected', 2, 'call 2 of 2: why'],
    // What the first call did is not undone, so the restart counts.
    [[['accepted'], ['unreachable']], 'unknown', 2, 'call 2 of 2: why'],
    [[['unknown', 'may fail'], ['unreachable']], 'unknown', 2, 'call 2 of 2: why'],
    [[['unreachable', 'may fail'], ['unreachable']], 'unreachable', 2, 'call 2 of 2: why'],
  ])('%j ends as %s after %i', async (ends, ...result) => expect(await run(...ends)).toEqual(result));

  it('waits between them, and is given up during the wait as something that may have happened', async () => {
    const clock = new HandClock();
    const stop = new AbortController();
    let calls = 0;
    const call = () => {
      calls += 1;
      return Promise.resolve({ ...NOT_SENT, outcome: 'accepted' as const });
    };
    const step = { mayFail: false, wait: 2_000 };
    const waiting = clock.waitFor(2_000);
    const running = runRemedy([step, step, step], call, { signal: stop.signal }, clock);
    await waiting;
    const again = clock.waitFor(2_000);
    clock.pass(2_000);
    await again;
    expect(calls).toBe(2);
    stop.abort();
    expect((await running).outcome).toBe('unknown');
    expect(calls).toBe(2);
  });
});
