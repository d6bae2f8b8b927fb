import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLevelStore } from '../../src/store/level/level.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { openAloneStore } from '../postgres/open-store.ts';
import { hasPgBouncer, startPgBouncer } from '../postgres/pgbouncer.ts';
import { hasPostgres, sharedPostgres } from '../postgres/server.ts';
import { UnavailableStore } from '../../src/store/unavailable-store.ts';
import { stateKey, StoreError, type Store } from '../../src/store/store.ts';
import { anyInstanceState, stateAt, storedAt } from './instance-states.ts';

async function foundAtLast(folder: string): Promise<Store> {
  const unavailable = new UnavailableStore(new StoreError('unavailable', 'not yet'));
  await unavailable.found(await openLevelStore({ path: join(folder, 'state') }));
  return unavailable;
}

async function inNewDatabase(): Promise<Store> {
  const server = await sharedPostgres();
  return await openAloneStore(await server.database());
}

/** In a pool with fewer sessions than a daemon has connections. */
let pooler: Promise<number> | null = null;
async function behindPgBouncer(): Promise<Store> {
  const server = await sharedPostgres();
  const port = await (pooler ??= startPgBouncer(server, 'transaction', 1));
  const { pathname } = new URL(await server.database());
  return await openAloneStore(server.url(pathname.slice(1), port));
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** What every store owes, whatever it keeps the states in. */
describe.each([
  { name: 'memory', durable: false, open: () => Promise.resolve(memoryStore()) },
  { name: 'LevelDB', durable: true, open: (folder: string) => openLevelStore({ path: join(folder, 'state') }) },
  ...(hasPostgres() ? [{ name: 'PostgreSQL', durable: true, open: inNewDatabase }] : []),
  ...(hasPgBouncer() ? [{ name: 'PostgreSQL behind PgBouncer', durable: true, open: behindPgBouncer }] : []),
  { name: 'the place of one that was found at last', durable: true, open: foundAtLast },
])('a state store in $name', ({ durable, open }) => {
  const key = stateKey('acme', '5511987654321');
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchdog-store-'));
    store = await open(folder);
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const revisions = async (): Promise<Record<string, number>> =>
    Object.fromEntries([...(await store.load())].map(([each, { revision }]) => [each, revision]));

  it('says whether it survives the process', () => {
    expect(store.durable).toBe(durable);
  });

  it('gives back exactly what was saved', async () => {
    const states = fc.sample(anyInstanceState, 30);
    const saved = await Promise.all(states.map((state, index) => store.save(`key ${index}`, state, 0)));
    expect(new Set(saved)).toEqual(new Set([1]));
    expect(await store.load()).toEqual(new Map(states.map((state, index) => [`key ${index}`, { revision: 1, state }])));
  });

  it('keeps instances apart, however strange their keys', async () => {
    const keys = ['a/b', 'a', 'a/', '', ' ', '!', '~', '__proto__', 'ação/☎', 'a\u0000b', 'a\nb'];
    for (const each of keys) await store.save(each, stateAt(1), 0);
    await store.save('a', stateAt(2), 1);
    expect([...(await store.load()).keys()].sort()).toEqual([...keys].sort());
    expect((await store.load()).get('a/b')).toEqual(storedAt(1));
  });

  it('gives back the history that was written, in the order of the keys', async () => {
    const { history } = store;
    await history.write(
      new Map([
        ['a/1', bytes(1)],
        ['a\u0000', bytes(2, 0, 255)],
        ['a/3', bytes(3)],
      ]),
    );
    await history.write(
      new Map([
        ['a/1', bytes(9)],
        ['a/3', null],
        ['never', null],
      ]),
    );
    const found = await history.read(['a/3', 'a\u0000', 'never', 'a/1']);
    expect(found.map((record) => record && [...record])).toEqual([null, [2, 0, 255], null, [9]]);
    expect(await store.load()).toEqual(new Map());
  });

  it('forgets the history of an instance with its state', async () => {
    await store.save(key, stateAt(1), 0);
    await store.history.write(
      new Map([
        [key, bytes(1)],
        ['other', bytes(2)],
      ]),
    );
    await store.remove(key);
    expect((await store.history.read([key, 'other'])).map((record) => record?.length)).toEqual([undefined, 1]);
  });

  it.each([0, 2, 7])('refuses revision %i of an instance that it does not know', async (revision) => {
    await expect(store.save(key, stateAt(revision), revision - 1)).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'conflict',
    });
    expect(await store.load()).toEqual(new Map());
  });

  it.each([1, 2, 4])('refuses revision %i after revision 2 and keeps what it has', async (revision) => {
    await store.save(key, stateAt(1), 0);
    await store.save(key, stateAt(2), 1);
    const refused = store.save(key, { ...stateAt(revision), failures: 99 }, revision - 1);
    await expect(refused).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining(key) as string });
    expect((await store.load()).get(key)).toEqual(storedAt(2));
  });

  it('takes a save that follows one which is still being written', async () => {
    await Promise.all([1, 2, 3, 4].map((revision) => store.save(key, stateAt(revision), revision - 1)));
    expect((await store.load()).get(key)).toEqual(storedAt(4));
  });

  it('lets only the first of two competing saves win', async () => {
    const [first, second] = await Promise.allSettled([
      store.save(key, stateAt(1), 0),
      store.save(key, { ...stateAt(1), failures: 99 }, 0),
    ]);
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(second).toMatchObject({ status: 'rejected', reason: { kind: 'conflict' } });
    expect((await store.load()).get(key)).toEqual(storedAt(1));
  });

  it('forgets an instance that is removed, and only that one', async () => {
    await store.save(key, stateAt(1), 0);
    await store.save('other', stateAt(1), 0);
    await store.remove(key);
    expect(await revisions()).toEqual({ other: 1 });
  });

  it('starts a removed instance at revision 1 again', async () => {
    await store.save(key, stateAt(1), 0);
    await store.save(key, stateAt(2), 1);
    await Promise.all([store.remove(key), store.save(key, stateAt(1), 0)]);
    expect(await revisions()).toEqual({ [key]: 1 });
    await expect(store.save(key, stateAt(3), 2)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('does not mind the removal of an instance that it does not know', async () => {
    await store.remove('never seen');
    expect(await store.load()).toEqual(new Map());
  });

  it('refuses a state that it could not read back, and says which field is to blame', async () => {
    const save = store.save(key, { ...stateAt(1), since: Number.NaN }, 0);
    await expect(save).rejects.toThrow(/since/);
    expect(await store.load()).toEqual(new Map());
    await store.save(key, stateAt(1), 0);
  });

  it('does not change what it gave out before', async () => {
    await store.save(key, stateAt(1), 0);
    const before = await store.load();
    await store.save(key, stateAt(2), 1);
    await store.remove(key);
    expect(before).toEqual(new Map([[key, storedAt(1)]]));
  });

  it('settles every save that was made before it is closed', async () => {
    const saves = [store.save(key, stateAt(1), 0), store.save('other', stateAt(1), 0), store.save(key, stateAt(2), 1)];
    await store.close();
    await expect(Promise.all(saves)).resolves.toHaveLength(3);
  });

  it('answers nothing but "closed" once it is closed, and can be closed again', async () => {
    await store.close();
    await store.close();
    await expect(store.load()).rejects.toMatchObject({ kind: 'closed' });
    await expect(store.save(key, stateAt(1), 0)).rejects.toMatchObject({ kind: 'closed' });
    await expect(store.remove(key)).rejects.toMatchObject({ kind: 'closed' });
  });
});
