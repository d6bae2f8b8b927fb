import { describe, expect, it } from 'vitest';
import { CommitQueue, NONE_REFUSED, type PendingChanges, type Refused } from './commit-queue.ts';

/** A disk whose every write waits until the test lets it end. */
function slowDisk() {
  const batches: string[][] = [];
  const open: { done: (refused: Refused) => void; fail: (error: Error) => void }[] = [];
  return {
    batches,
    write: (changes: PendingChanges): Promise<Refused> => {
      batches.push([...changes].map(([key, { revision, stored }]) => `${key}:${stored}>${revision}`));
      return new Promise((done, fail) => open.push({ done, fail }));
    },
    async finish(refused = NONE_REFUSED): Promise<void> {
      open.shift()!.done(refused);
      await breath();
    },
    async fail(message: string): Promise<void> {
      open.shift()!.fail(new Error(message));
      await breath();
    },
  };
}

/** Lets all promises settle that can. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function save(revision: number) {
  return { revision, record: `record ${revision}` };
}

/** A queue before a slow disk, where some revisions are stored already. */
function start(...stored: readonly (readonly [key: string, revision: number])[]) {
  const disk = slowDisk();
  return { disk, queue: new CommitQueue(new Map(stored), disk.write, 3) };
}

const OVERTAKEN = (): Error => new Error('overtaken');
const FORGET = { revision: 0, record: null };

describe('group commit', () => {
  it('writes what is committed in one breath in one batch', async () => {
    const { disk, queue } = start();
    const saves = [queue.commit('a', save(1)), queue.commit('b', save(1)), queue.commit('c', save(1))];
    await breath();
    expect(disk.batches).toEqual([['a:0>1', 'b:0>1', 'c:0>1']]);
    await disk.finish();
    await Promise.all(saves);
  });

  it('gathers what comes while a batch is written, and writes it next', async () => {
    const { disk, queue } = start();
    const first = queue.commit('a', save(1));
    await breath();
    const later = ['b', 'c', 'd'].map((key) => queue.commit(key, save(1)));
    await breath();
    expect(disk.batches).toEqual([['a:0>1']]);
    await disk.finish();
    await first;
    expect(disk.batches).toEqual([['a:0>1'], ['b:0>1', 'c:0>1', 'd:0>1']]);
    await disk.finish();
    await Promise.all(later);
  });

  it('writes in the next batch what comes first, and the others in the order in which they came', async () => {
    const { disk, queue } = start(['e', 1]);
    const saves = [queue.commit('a', save(1))];
    await breath();
    for (const key of ['b', 'c', 'd', 'e']) saves.push(queue.commit(key, save(key === 'e' ? 2 : 1)));
    // One that waits already, and one that is new.
    saves.push(queue.commit('e', save(3), true), queue.commit('f', save(1), true));
    await disk.finish();
    await disk.finish();
    await disk.finish();
    await Promise.all(saves);
    expect(disk.batches).toEqual([['a:0>1'], ['e:1>3', 'f:0>1', 'b:0>1'], ['c:0>1', 'd:0>1']]);
  });

  it('forgets what came first with a batch that failed', async () => {
    const { disk, queue } = start();
    const saves = Promise.allSettled([queue.commit('a', save(1))]);
    await breath();
    const second = Promise.allSettled([queue.commit('b', save(1), true)]);
    await disk.fail('full');
    await Promise.all([saves, second]);
    const again = ['x', 'y', 'z', 'b'].map((key) => queue.commit(key, save(1)));
    await breath();
    await disk.finish();
    await disk.finish();
    await Promise.all(again);
    expect(disk.batches.slice(1)).toEqual([['x:0>1', 'y:0>1', 'z:0>1'], ['b:0>1']]);
  });

  it('resolves no save before it is stored', async () => {
    const { disk, queue } = start();
    let stored = false;
    const saving = queue.commit('a', save(1)).then(() => (stored = true));
    await breath();
    expect(stored).toBe(false);
    await disk.finish();
    await saving;
    expect(stored).toBe(true);
  });

  it('keeps one change per key, the latest, however often it was saved meanwhile', async () => {
    const { disk, queue } = start();
    const first = queue.commit('a', save(1));
    await breath();
    const later = Array.from({ length: 100 }, (_, index) => queue.commit('a', save(index + 2)));
    await disk.finish();
    expect(disk.batches).toEqual([['a:0>1'], ['a:1>101']]);
    await disk.finish();
    await Promise.all([first, ...later]);
  });

  it('counts what waits and what is being written into the revision of a key', async () => {
    const { disk, queue } = start(['a', 4]);
    expect(queue.revision('a')).toBe(4);
    const saves = [queue.commit('a', save(5))];
    expect(queue.revision('a')).toBe(5);
    await breath();
    saves.push(queue.commit('a', save(6)), queue.commit('b', FORGET));
    expect(queue.revision('a')).toBe(6);
    await disk.finish();
    expect(queue.revision('a')).toBe(6);
    await disk.finish();
    await Promise.all(saves);
    expect([queue.revision('a'), queue.revision('b')]).toEqual([6, 0]);
  });

  it('knows nothing of a key any more from the moment it is to be forgotten', async () => {
    const { disk, queue } = start(['a', 4]);
    const forgetting = queue.commit('a', FORGET);
    expect(queue.revision('a')).toBe(0);
    await breath();
    expect(queue.revision('a')).toBe(0);
    await disk.finish();
    await forgetting;
    expect(queue.revision('a')).toBe(0);
  });

  it('rejects every change that was in a failed batch, or waited behind it, and takes their revisions back', async () => {
    const { disk, queue } = start(['a', 1]);
    const failing = [queue.commit('a', save(2)), queue.commit('b', save(1))];
    const ends = Promise.allSettled(failing);
    await breath();
    const waiting = Promise.allSettled([queue.commit('a', save(3))]);
    await disk.fail('disk full');
    for (const end of [...(await ends), ...(await waiting)]) {
      expect(end).toMatchObject({ status: 'rejected', reason: { message: 'disk full' } });
    }
    expect([queue.revision('a'), queue.revision('b')]).toEqual([1, 0]);
    expect(disk.batches).toHaveLength(1);
  });

  it('rejects only what was refused of a batch, and what waits behind that', async () => {
    const { disk, queue } = start(['a', 1]);
    const ends = Promise.allSettled([queue.commit('a', save(2)), queue.commit('b', save(1))]);
    await breath();
    const behind = Promise.allSettled([queue.commit('a', save(3)), queue.commit('b', save(2))]);
    await disk.finish(new Map([['a', new Error('taken')]]));
    await disk.finish();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await behind).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(disk.batches).toEqual([['a:1>2', 'b:0>1'], ['b:1>2']]);
    expect([queue.revision('a'), queue.revision('b')]).toEqual([1, 2]);
  });

  it('writes a limited number of keys in one batch, in the order they came', async () => {
    const { disk, queue } = start();
    const saves = ['a', 'b', 'c', 'd'].map((key) => queue.commit(key, save(1)));
    await breath();
    await disk.finish();
    await disk.finish();
    await Promise.all(saves);
    expect(disk.batches).toEqual([['a:0>1', 'b:0>1', 'c:0>1'], ['d:0>1']]);
  });

  it('goes on from the revision that somebody else wrote', async () => {
    const { disk, queue } = start(['a', 1]);
    queue.replace((key) => key === 'a', new Map([['a', { revision: 7 }]]), OVERTAKEN);
    const saving = queue.commit('a', save(8));
    await breath();
    await disk.finish();
    await saving;
    expect(disk.batches).toEqual([['a:7>8']]);
  });

  it('gives up what waits of a key that somebody else wrote meanwhile', async () => {
    const { disk, queue } = start(['a', 1], ['b', 1]);
    const saves = Promise.allSettled([
      queue.commit('a', save(2)),
      ...['b', 'c'].map(async (key) => queue.commit(key, save(key === 'b' ? 2 : 1))),
    ]);
    await breath();
    const waiting = Promise.allSettled([queue.commit('a', save(3), true), queue.commit('b', save(3))]);
    queue.replace((key) => key === 'a', new Map([['a', { revision: 7 }]]), OVERTAKEN);
    await disk.finish();
    await disk.finish();
    await saves;
    expect(await waiting).toMatchObject([{ status: 'rejected', reason: OVERTAKEN() }, { status: 'fulfilled' }]);
    expect(disk.batches.slice(1)).toEqual([['b:2>3']]);
  });

  it('goes on after a failed batch', async () => {
    const { disk, queue } = start();
    const failing = Promise.allSettled([queue.commit('a', save(1))]);
    await breath();
    await disk.fail('disk full');
    await failing;
    const again = queue.commit('a', save(1));
    await breath();
    await disk.finish();
    await again;
    expect(queue.revision('a')).toBe(1);
  });

  it('is idle only when nothing waits any more', async () => {
    const { disk, queue } = start();
    await queue.idle();
    const saves = [queue.commit('a', save(1))];
    await breath();
    saves.push(queue.commit('b', save(1)));
    let idle = false;
    const waiting = queue.idle().then(() => (idle = true));
    await disk.finish();
    expect(idle).toBe(false);
    await disk.finish();
    await waiting;
    await Promise.all(saves);
  });

  it('is idle after a failure too', async () => {
    const { disk, queue } = start();
    const failing = Promise.allSettled([queue.commit('a', save(1))]);
    await breath();
    await disk.fail('disk full');
    await queue.idle();
    await failing;
  });
});
