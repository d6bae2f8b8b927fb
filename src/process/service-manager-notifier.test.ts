import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../core/time.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { NoWayToNotify, ServiceManagerNotifier } from './service-manager-notifier.ts';

/** A notifier, and a service manager that writes down what it is sent, and when. */
function startNotifier(watchdog: number | null) {
  const clock = new SimulatedClock();
  const sent: string[] = [];
  const troubles: unknown[] = [];
  const world = { late: [] as string[], status: 'all well', send: (): Promise<void> => Promise.resolve(), at: 0 };
  const signals: AbortSignal[] = [];
  const began = clock.now();
  const notifier = new ServiceManagerNotifier({
    clock,
    manager: {
      watchdog,
      monotonicMicroseconds: () => 12_345n,
      send: (assignments, signal) => {
        sent.push(`${(clock.now() - began) / SECOND} ${assignments.join(' ')}`);
        signals.push(signal);
        return world.send();
      },
    },
    late: () => world.late,
    status: () => world.status,
    onTrouble: (error) => troubles.push(error),
  });
  return { clock, sent, troubles, signals, world, notifier };
}

/** A program that never ends unless it is killed. */
const hanging = (signals: readonly AbortSignal[]) => (): Promise<void> =>
  new Promise((_, reject) => signals.at(-1)?.addEventListener('abort', () => reject(new Error('killed'))));

describe('the notifier of the service manager', () => {
  it('sends ready, then alive at half of the time, then stopping, and nothing after it', async () => {
    const { clock, sent, notifier } = startNotifier(MINUTE);
    notifier.ready();
    await clock.run(65 * SECOND);
    notifier.stopping();
    notifier.ready();
    await notifier.ended();
    await clock.run(MINUTE);
    expect(sent).toEqual([
      '0 READY=1 STATUS=all well',
      '30 WATCHDOG=1 STATUS=all well',
      '60 WATCHDOG=1 STATUS=all well',
      '65 STOPPING=1 STATUS=stopping',
    ]);
  });

  it('gives no sign of life while something is late, and says what it is', async () => {
    const { clock, sent, world, notifier } = startNotifier(MINUTE);
    notifier.ready();
    await clock.run(SECOND);
    world.late = ['the scheduler is 11 s behind', 'and more'];
    await clock.run(MINUTE);
    world.late = [];
    await clock.run(30 * SECOND);
    expect(sent.slice(1)).toEqual(['30 STATUS=late: the scheduler is 11 s behind', '90 WATCHDOG=1 STATUS=all well']);
  });

  it('announces a reload with the time at which it began, and ready after it', async () => {
    const { clock, sent, notifier } = startNotifier(null);
    notifier.ready();
    await clock.run(SECOND);
    notifier.reloading();
    await clock.run(SECOND);
    notifier.ready();
    await clock.run(SECOND);
    expect(sent.slice(1)).toEqual(['1 RELOADING=1 MONOTONIC_USEC=12345', '2 READY=1 STATUS=all well']);
  });

  it('sends a status that has changed, and no sign of life, where none is required', async () => {
    const { clock, sent, world, notifier } = startNotifier(null);
    notifier.ready();
    await clock.run(2 * MINUTE);
    world.status = 'one\nis down';
    await clock.run(3 * MINUTE);
    expect(sent.slice(1)).toEqual(['180 STATUS=one is down']);
  });

  it('sends one at a time, each within its time limit, and keeps only the newest of each kind waiting', async () => {
    const { clock, sent, signals, troubles, world, notifier } = startNotifier(null);
    world.send = hanging(signals);
    notifier.ready();
    await clock.run(0);
    for (let times = 0; times < 100; times += 1) {
      notifier.reloading();
      notifier.ready();
    }
    await clock.run(4 * SECOND);
    expect(sent).toHaveLength(1);
    world.send = () => Promise.resolve();
    await clock.run(2 * SECOND);
    expect(sent.slice(1)).toEqual(['5 RELOADING=1 MONOTONIC_USEC=12345', '5 READY=1 STATUS=all well']);
    expect(troubles).toHaveLength(1);
  });

  it('reports a failure once until it works again, and goes on', async () => {
    const { clock, sent, troubles, world, notifier } = startNotifier(MINUTE);
    world.send = () => Promise.reject(new Error('no such socket'));
    notifier.ready();
    await clock.run(3 * MINUTE);
    expect(sent.length).toBeGreaterThan(5);
    expect(troubles).toEqual([new Error('no such socket')]);
    world.send = () => Promise.resolve();
    await clock.run(MINUTE);
    world.send = () => Promise.reject(new Error('gone again'));
    await clock.run(MINUTE);
    expect(troubles).toHaveLength(2);
  });

  it('reports once that there is no way to notify, and sends nothing further', async () => {
    const { clock, sent, troubles, world, notifier } = startNotifier(MINUTE);
    world.send = () => Promise.reject(new NoWayToNotify('no program'));
    notifier.ready();
    await clock.run(5 * MINUTE);
    notifier.stopping();
    await notifier.ended();
    expect(sent).toHaveLength(1);
    expect(troubles).toHaveLength(1);
  });
});
