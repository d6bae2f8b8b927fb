import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../core/time.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { NoWayToNotify, ServiceNotes } from './service-notes.ts';

/** Notes to a service manager that writes down what it is told, and when. */
function listening(watchdog: number | null) {
  const clock = new SimulatedClock();
  const told: string[] = [];
  const troubles: unknown[] = [];
  const world = { late: [] as string[], status: 'all well', send: (): Promise<void> => Promise.resolve(), at: 0 };
  const signals: AbortSignal[] = [];
  const began = clock.now();
  const notes = new ServiceNotes({
    clock,
    manager: {
      watchdog,
      monotonicMicroseconds: () => 12_345n,
      send: (assignments, signal) => {
        told.push(`${(clock.now() - began) / SECOND} ${assignments.join(' ')}`);
        signals.push(signal);
        return world.send();
      },
    },
    late: () => world.late,
    status: () => world.status,
    onTrouble: (error) => troubles.push(error),
  });
  return { clock, told, troubles, signals, world, notes };
}

/** A program that never ends unless it is killed. */
const hanging = (signals: readonly AbortSignal[]) => (): Promise<void> =>
  new Promise((_, reject) => signals.at(-1)?.addEventListener('abort', () => reject(new Error('killed'))));

describe('the notes to the service manager', () => {
  it('say ready, then alive at half of the time, then stopping, and nothing after it', async () => {
    const { clock, told, notes } = listening(MINUTE);
    notes.ready();
    await clock.run(65 * SECOND);
    notes.stopping();
    notes.ready();
    await notes.ended();
    await clock.run(MINUTE);
    expect(told).toEqual([
      '0 READY=1 STATUS=all well',
      '30 WATCHDOG=1 STATUS=all well',
      '60 WATCHDOG=1 STATUS=all well',
      '65 STOPPING=1 STATUS=stopping',
    ]);
  });

  it('give no sign of life while something is late, and say what it is', async () => {
    const { clock, told, world, notes } = listening(MINUTE);
    notes.ready();
    await clock.run(SECOND);
    world.late = ['the scheduler is 11 s behind', 'and more'];
    await clock.run(MINUTE);
    world.late = [];
    await clock.run(30 * SECOND);
    expect(told.slice(1)).toEqual(['30 STATUS=late: the scheduler is 11 s behind', '90 WATCHDOG=1 STATUS=all well']);
  });

  it('surround a reload, with the time at which it began', async () => {
    const { clock, told, notes } = listening(null);
    notes.ready();
    await clock.run(SECOND);
    notes.reloading();
    await clock.run(SECOND);
    notes.ready();
    await clock.run(SECOND);
    expect(told.slice(1)).toEqual(['1 RELOADING=1 MONOTONIC_USEC=12345', '2 READY=1 STATUS=all well']);
  });

  it('tell a status that has changed, and no sign of life, to who asks for none', async () => {
    const { clock, told, world, notes } = listening(null);
    notes.ready();
    await clock.run(2 * MINUTE);
    world.status = 'one\nis down';
    await clock.run(3 * MINUTE);
    expect(told.slice(1)).toEqual(['180 STATUS=one is down']);
  });

  it('are sent one at a time, each in its time, and what waits is no more than the newest of each kind', async () => {
    const { clock, told, signals, troubles, world, notes } = listening(null);
    world.send = hanging(signals);
    notes.ready();
    for (let times = 0; times < 100; times += 1) {
      notes.reloading();
      notes.ready();
    }
    await clock.run(4 * SECOND);
    expect(told).toHaveLength(1);
    world.send = () => Promise.resolve();
    await clock.run(2 * SECOND);
    expect(told.slice(1)).toEqual(['5 RELOADING=1 MONOTONIC_USEC=12345', '5 READY=1 STATUS=all well']);
    expect(troubles).toHaveLength(1);
  });

  it('fail with one word per trouble, and go on', async () => {
    const { clock, told, troubles, world, notes } = listening(MINUTE);
    world.send = () => Promise.reject(new Error('no such socket'));
    notes.ready();
    await clock.run(3 * MINUTE);
    expect(told.length).toBeGreaterThan(5);
    expect(troubles).toEqual([new Error('no such socket')]);
    world.send = () => Promise.resolve();
    await clock.run(MINUTE);
    world.send = () => Promise.reject(new Error('gone again'));
    await clock.run(MINUTE);
    expect(troubles).toHaveLength(2);
  });

  it('end with one word when there is no way to tell anything', async () => {
    const { clock, told, troubles, world, notes } = listening(MINUTE);
    world.send = () => Promise.reject(new NoWayToNotify('no program'));
    notes.ready();
    await clock.run(5 * MINUTE);
    notes.stopping();
    await notes.ended();
    expect(told).toHaveLength(1);
    expect(troubles).toHaveLength(1);
  });
});
