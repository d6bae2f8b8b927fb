import { expect, it } from 'vitest';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { RunningExchanges } from './running-exchanges.ts';

function setUp() {
  const clock = new SimulatedClock();
  const running = new RunningExchanges(clock);
  const startedAt = clock.now();
  const ended: string[] = [];
  let timers = 0;
  const after = clock.after.bind(clock);
  clock.after = (delay, callback) => {
    timers += 1;
    return after(delay, callback);
  };
  const begin = (name: string, signal: AbortSignal, timeout: number) => {
    const end = (how: string) => {
      ended.push(`${name} ${how} after ${clock.now() - startedAt}`);
      running.delete(signal, exchange);
    };
    const exchange = {
      slotIndex: -1,
      deadline: clock.now() + timeout,
      abort: () => end('aborted'),
      timeOut: () => end('timed out'),
    };
    running.add(signal, exchange);
    return exchange;
  };
  return { clock, running, ended, begin, timers: () => timers };
}

const { signal } = new AbortController();

it('each call ends exactly at its deadline, whichever came first', async () => {
  const { clock, ended, begin } = setUp();
  begin('patient', signal, 10_000);
  begin('hasty', new AbortController().signal, 3_000);
  await clock.run(5_000);
  begin('late', signal, 10_000);
  await clock.run(60_000);
  expect(ended).toEqual(['hasty timed out after 3000', 'patient timed out after 10000', 'late timed out after 15000']);
});

it('calls that end in time share one timer', async () => {
  const { clock, running, ended, begin, timers } = setUp();
  for (let call = 0; call < 100; call += 1) {
    const exchange = begin('quick', signal, 10_000);
    await clock.run(1);
    running.delete(signal, exchange);
  }
  expect(timers()).toBe(1);
  await clock.run(60_000);
  expect(timers()).toBe(1);
  expect(ended).toEqual([]);
});

it('a signal ends its own calls only; closing ends the others', () => {
  const { running, ended, begin } = setUp();
  const controller = new AbortController();
  begin('mine', controller.signal, 10_000);
  begin('yours', signal, 10_000);
  controller.abort();
  expect(ended).toEqual(['mine aborted after 0']);
  running.close();
  expect(ended).toEqual(['mine aborted after 0', 'yours aborted after 0']);
});
