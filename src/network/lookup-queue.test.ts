import { describe, expect, it } from 'vitest';
import { LookupQueue } from './lookup-queue.ts';

/** Lookups that end when the test says so, and which of them have begun. */
function lookups(slots: number) {
  const queue = new LookupQueue(slots);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (name: string, isDoubtful: boolean) =>
    queue.run(() => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    }, isDoubtful);
  const end = async (name: string, ended: Promise<void>) => {
    ends.get(name)?.();
    await ended;
    await Promise.resolve();
  };
  return { begun, add, end };
}

describe('lookups', () => {
  it('run a few at a time, in the order of arrival', async () => {
    const { begun, add, end } = lookups(2);
    const [a] = [add('a', false), add('b', false), add('c', false), add('d', false)];
    expect(begun).toEqual(['a', 'b']);
    await end('a', a);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('of names without an answer never take the last place', async () => {
    const { begun, add, end } = lookups(2);
    const [dead] = [add('dead 1', true), add('dead 2', true), add('good', false)];
    expect(begun).toEqual(['dead 1', 'good']);
    await end('dead 1', dead);
    expect(begun).toEqual(['dead 1', 'good', 'dead 2']);
  });

  it('go on after one that fails, and with a single place', async () => {
    const queue = new LookupQueue(1);
    const failing = queue.run(() => Promise.reject(new Error('no such name')), true);
    const next = queue.run(() => Promise.resolve('found'), true);
    await expect(failing).rejects.toThrow('no such name');
    expect(await next).toBe('found');
  });
});
