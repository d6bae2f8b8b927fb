import type { Context } from 'hono';
import { describe, expect, it, vi } from 'vitest';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import type { HttpEnv } from '../http-parts.ts';
import { Load } from './load.ts';
import { Slots } from './slots.ts';
import { StreamPlaces } from './stream-places.ts';
import { inTurns, isForNobody } from './turns.ts';
import { UnreadAnswers } from './unread-answers.ts';

const MIB = 1024 * 1024;

describe('places for long answers', () => {
  const crowd = (limits: { most: number; waiting: number }) => {
    const slots = new Slots(limits);
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const work = (client: string) =>
      slots.run(client, () => {
        begun.push(client);
        return new Promise<void>((end) => ends.push(end));
      });
    return { begun, ends, work };
  };

  it('are shared: one client has at most half, and others do not wait for it', async () => {
    const { begun, ends, work } = crowd({ most: 4, waiting: 8 });
    const all = ['a', 'a', 'a', 'b', 'c'].map((client) => work(client));
    expect(begun).toEqual(['a', 'a', 'b', 'c']);
    while (ends.length > 0) {
      ends.shift()?.();
      await Promise.race([...all, Promise.resolve()]);
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect(begun).toEqual(['a', 'a', 'b', 'c', 'a']);
  });

  it('are refused with 503 to a client that waits for half of them already', async () => {
    const { work } = crowd({ most: 2, waiting: 4 });
    for (let request = 0; request < 3; request += 1) void work('a');
    void work('a').catch(() => undefined);
    await expect(work('a')).rejects.toMatchObject({ response: { status: 503 } });
    void work('b');
    void work('b');
    void work('b');
    await expect(work('c')).rejects.toMatchObject({ response: { status: 503 } });
  });

  it('are free again after a failure', async () => {
    const slots = new Slots({ most: 1, waiting: 0 });
    await expect(slots.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(slots.run('a', () => Promise.resolve('done'))).resolves.toBe('done');
  });
});

describe('answers that are not read', () => {
  const answer = (writableLength: number, ended: number[]) => ({
    writableLength,
    destroy: () => void ended.push(writableLength),
  });

  it('are broken off beyond the common budget, those with the most unread text first', () => {
    const ended: number[] = [];
    const unread = new UnreadAnswers(100);
    for (const length of [0, 10, 60, 30]) unread.add(answer(length, ended));
    expect(ended).toEqual([]);
    unread.add(answer(50, ended));
    expect(ended).toEqual([60]);
  });

  it('no longer count once they are read or closed', () => {
    const ended: number[] = [];
    const unread = new UnreadAnswers(100);
    const first = answer(80, ended);
    unread.add(first);
    unread.remove(first);
    unread.add(answer(80, ended));
    expect(ended).toEqual([]);
  });
});

describe('a client that has left', () => {
  /** What Node.js answers a client with, which has left or has not. */
  const outgoing = (destroyed: boolean) => ({ destroyed, writableLength: 40 * MIB, once: vi.fn(), destroy: vi.fn() });
  const answered = async (response: ReturnType<typeof outgoing>): Promise<Load> => {
    const load = new Load(new SimulatedClock());
    const c = { env: { outgoing: response }, body: (text: string) => text } as unknown as Context<HttpEnv>;
    await load.longAnswer(c, 'a', ['{}']);
    return load;
  };

  it('is not counted among those that do not read', async () => {
    const [gone, there] = [outgoing(true), outgoing(false)];
    await Promise.all([answered(gone), answered(there)]);
    expect(there.destroy).toHaveBeenCalledOnce();
    expect(gone.destroy).not.toHaveBeenCalled();
  });
});

describe('places for streams', () => {
  it('go from the client with the most to a newcomer, oldest first, but never below its share', () => {
    const ended: string[] = [];
    const places = new StreamPlaces(14);
    const enter = (client: string, id = client) => places.enter({ client, end: () => void ended.push(id) });
    for (let id = 0; id < 12; id += 1) enter('many', `many-${id}`);
    for (const client of ['a', 'b', 'c', 'd']) expect(enter(client)).toBe(true);
    expect(ended).toEqual(['many-0', 'many-1']);
    expect(enter('e')).toBe(false);
  });
});

describe('turns', () => {
  it('let one request begin in each turn of the event loop', async () => {
    const clock = new SimulatedClock();
    const inTurn = inTurns(clock);
    const begun: number[] = [];
    for (const id of [1, 2, 3]) inTurn(() => begun.push(id) > 0);
    expect(begun).toEqual([1]);
    for (const expected of [
      [1, 2],
      [1, 2, 3],
    ]) {
      await clock.run(1);
      expect(begun).toEqual(expected);
    }
    await clock.run(1);
    inTurn(() => begun.push(4) > 0);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('are not spent on clients that have left', async () => {
    const clock = new SimulatedClock();
    const inTurn = inTurns(clock);
    const begun: number[] = [];
    inTurn(() => begun.push(1) > 0);
    for (let left = 0; left < 1_000; left += 1) inTurn(() => false);
    inTurn(() => begun.push(2) > 0);
    await clock.run(1);
    expect(begun).toEqual([1, 2]);
  });

  it.each([
    ['a question whose client has left', 'GET', true, true, true],
    ['a question whose client is there', 'GET', true, false, false],
    ['a call that came whole before its client left', 'POST', true, true, false],
    ['a call of which only a part came', 'POST', false, true, true],
  ])('of %s', (_, method, complete, left, expected) => {
    expect(isForNobody({ method, complete, destroyed: left }, { destroyed: left })).toBe(expected);
  });
});
