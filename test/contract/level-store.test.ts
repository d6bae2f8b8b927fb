import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLevelStore } from '../../src/store/level/level.ts';
import type { Store } from '../../src/store/store.ts';
import { sealed, stateAt } from './instance-states.ts';

let folder: string;
let path: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchdog-level-'));
  path = join(folder, 'deep', 'state');
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map(kill));
  await rm(folder, { recursive: true, force: true });
});

/** LevelDB's lock and diary hold no data, and reading LOCK in the process that holds it would lose the lock. */
const WITHOUT_DATA = ['LOCK', 'LOG', 'LOG.old'];

/** Every file below the state folder, byte for byte. */
async function everyByte(): Promise<Record<string, string>> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && !WITHOUT_DATA.includes(entry.name));
  const contents = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
    const file = join(parentPath, name);
    return [file, await readFile(file, 'base64')];
  });
  return Object.fromEntries(await Promise.all(contents));
}

/** Does `work` on a store that is closed again afterwards. */
async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openLevelStore({ path });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

async function save(keys: readonly string[], revision: number): Promise<void> {
  await withStore(async (store) => {
    await Promise.all(keys.map((key) => store.save(key, stateAt(revision), revision - 1)));
  });
}

async function storedRevisions(): Promise<Record<string, number>> {
  const store = await openLevelStore({ path });
  const states = await store.load();
  await store.close();
  return Object.fromEntries([...states].map(([key, { revision }]) => [key, revision]));
}

/** The one file of the database whose name matches. */
async function databaseFile(name: RegExp): Promise<string> {
  const names = (await readdir(join(path, 'db'))).filter((each) => name.test(each));
  expect(names).toHaveLength(1);
  return join(path, 'db', names[0]!);
}

function format(): string {
  return join(path, 'FORMAT');
}

/** Starts a second process on the state folder; `lines` are what it says. */
function start(mode: 'hold' | 'save'): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const script = join(import.meta.dirname, 'saving-child.mjs');
  const child = spawn(process.execPath, [script, path, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function firstLine(lines: AsyncIterableIterator<string>): Promise<string | undefined> {
  return (await lines.next()).value as string | undefined;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

describe('a state folder', () => {
  it('gives back everything after it was closed and opened again', async () => {
    await withStore(async (store) => {
      await Promise.all(['a', 'b', 'c'].map((key) => store.save(key, stateAt(1), 0)));
      await store.save('a', stateAt(2), 1);
      await store.remove('b');
    });
    expect(await storedRevisions()).toEqual({ a: 2, c: 1 });
    await save(['a'], 3);
    expect(await storedRevisions()).toEqual({ a: 3, c: 1 });
  });

  it('is made with its parents, for the eyes of its owner only', async () => {
    await save(['a'], 1);
    for (const made of [join(folder, 'deep'), path, join(path, 'db')]) {
      expect((await stat(made)).mode & 0o077).toBe(0);
    }
  });

  it('holds FORMAT and db, and nothing else', async () => {
    await save(['a'], 1);
    await mkdir(join(path, '.scratch-gone42'));
    await writeFile(join(path, '.scratch-gone42', 'copy'), 'left over by a killed process');
    await save(['a'], 2);
    expect((await readdir(path)).sort()).toEqual(['FORMAT', 'db']);
    expect(await readFile(join(path, 'FORMAT'), 'utf8')).toBe('smileapi-watchdog state, format 8\n');
  });

  it('a folder of an older format is marked with this one, so that older versions refuse it from now on', async () => {
    await save(['a'], 1);
    await writeFile(format(), 'smileapi-watchdog state, format 0\n');
    expect(await storedRevisions()).toEqual({ a: 1 });
    expect(await readFile(format(), 'utf8')).toBe('smileapi-watchdog state, format 8\n');
  });

  it('may be the root of a new volume', async () => {
    await mkdir(join(path, 'lost+found'), { recursive: true });
    await writeFile(join(path, '.gitkeep'), '');
    await save(['a'], 1);
    expect(await storedRevisions()).toEqual({ a: 1 });
  });
});

describe('a process that is killed while it saves', () => {
  it('loses no save that was acknowledged, and invents none', async () => {
    const acknowledged: Record<string, number> = {};
    for (const round of [1, 2, 3]) {
      const { child, lines } = start('save');
      expect(await firstLine(lines)).toBe('open');
      let left = 100 * round;
      for await (const line of lines) {
        const [key, revision] = line.split(' ');
        acknowledged[key!] = Number(revision);
        if ((left -= 1) === 0) child.kill('SIGKILL');
      }
      await kill(child);
      const stored = await storedRevisions();
      expect(Object.keys(stored).sort()).toEqual(Object.keys(acknowledged).sort());
      for (const [key, revision] of Object.entries(acknowledged)) {
        expect([revision, revision + 1]).toContain(stored[key]);
      }
    }
  });
});

describe('a second copy', () => {
  it('is refused while another process is at work, and changes nothing', async () => {
    await save(['a', 'b'], 1);
    const { child, lines } = start('hold');
    expect(await firstLine(lines)).toBe('open');
    // What the first one is working with, or left over, is its own; so is the mark of an older format.
    await mkdir(join(path, '.scratch-theirs'));
    await writeFile(join(path, '.scratch-theirs', 'draft'), 'half of it');
    await writeFile(format(), 'smileapi-watchdog state, format 1\n');
    const before = await everyByte();
    await expect(openLevelStore({ path })).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'locked',
      message: expect.stringMatching(`${path} is in use by another running copy.*stop that one`) as string,
    });
    expect(await everyByte()).toEqual(before);
    await kill(child);
    expect(await storedRevisions()).toEqual({ a: 1, b: 1 });
  });

  it('finds no damage when it reads the files of the first one in between', async () => {
    await save(['a', 'b'], 1);
    const { lines } = start('hold');
    expect(await firstLine(lines)).toBe('open');
    await truncate(await databaseFile(/^MANIFEST/));
    await expect(openLevelStore({ path })).rejects.toMatchObject({ kind: 'locked' });
  });

  it('is refused within one process as well, and that does not let others in', async () => {
    const store = await openLevelStore({ path });
    await expect(openLevelStore({ path })).rejects.toMatchObject({ kind: 'locked' });
    expect(await firstLine(start('hold').lines)).toBe('locked');
    await store.save('a', stateAt(1), 0);
    await store.close();
    expect(await storedRevisions()).toEqual({ a: 1 });
  });

  it('is refused even when both start on a new folder at the same moment', async () => {
    const opened = await Promise.allSettled([openLevelStore({ path }), openLevelStore({ path })]);
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const each of opened) {
      if (each.status === 'fulfilled') await each.value.close();
      else expect(each.reason).toMatchObject({ kind: 'locked' });
    }
  });
});

/** Puts a record past the store. */
async function smuggle(key: string, record: string): Promise<void> {
  const database = new ClassicLevel(join(path, 'db'));
  await database.put(key, record);
  await database.close();
}

async function garble(file: string): Promise<void> {
  const { length } = await readFile(file);
  await writeFile(file, Buffer.alloc(length, 0xa5));
}

async function flipByte(file: string, place: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[place]! ^= 0xff;
  await writeFile(file, bytes);
}

describe('a state folder that cannot be trusted is refused and left as it is, byte for byte', () => {
  beforeEach(async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `acme/${index}`);
    // After these two the first saves are in a table, the second ones in the log, as in any folder that lived a while.
    await save(keys, 1);
    await save(keys, 2);
  });

  async function expectRefusal(kind: string, words: string): Promise<void> {
    const before = await everyByte();
    const error: unknown = await openLevelStore({ path }).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'StoreError', kind });
    const { message } = error as Error;
    expect(message).toContain(path);
    expect(message).toContain(words);
    expect(message).not.toContain('.scratch');
    expect(await everyByte()).toEqual(before);
  }

  const olderWithGarbage = async () => {
    await writeFile(format(), 'smileapi-watchdog state, format 1\n');
    await smuggle('acme/x', 'hello');
  };
  const emptyDatabase = async () => {
    await rm(join(path, 'db'), { recursive: true });
    await mkdir(join(path, 'db'));
  };
  const manifest = () => databaseFile(/^MANIFEST/);
  const table = () => databaseFile(/\.ldb$/);
  const log = () => databaseFile(/\.log$/);
  const current = () => join(path, 'db', 'CURRENT');
  const newer = sealed({ format: 9, state: { mood: 'new' } });
  const sleepy = sealed({ format: 4, state: { revision: 1, ...stateAt(1), phase: 'sleepy' } });
  const cutShort = sealed({ format: 4, state: { revision: 1, ...stateAt(1) } }).slice(0, -1);
  const ofX = 'the record of "acme/x": ';
  const remedy = '(format 9, this one knows 8): run that version, or move the folder away. Nothing was changed.';

  it.each<[kind: string, damage: string, words: string, inflict: () => Promise<void>]>([
    [
      'newer_version',
      'FORMAT names a newer version',
      remedy,
      () => writeFile(format(), 'smileapi-watchdog state, format 9\n'),
    ],
    [
      'newer_version',
      'one record has a newer format',
      'record of "acme/x": it has format 9',
      () => smuggle('acme/x', newer),
    ],
    ['corrupt', 'FORMAT is missing', 'FORMAT is missing', () => rm(format())],
    ['corrupt', 'FORMAT is not a line of ours', 'FORMAT does not name a format', () => writeFile(format(), '2')],
    ['corrupt', 'CURRENT is missing', 'db/CURRENT is missing', () => rm(current())],
    ['corrupt', 'the database is an empty folder', 'db/CURRENT is missing', emptyDatabase],
    ['corrupt', 'CURRENT is garbled', 'CURRENT', () => garble(current())],
    ['corrupt', 'the manifest is missing', 'MANIFEST', async () => rm(await manifest())],
    ['corrupt', 'the manifest is garbled', 'Corruption', async () => garble(await manifest())],
    ['corrupt', 'the manifest is empty', 'Corruption', async () => truncate(await manifest())],
    ['corrupt', 'the manifest is cut short', 'Corruption', async () => truncate(await manifest(), 60)],
    ['corrupt', 'a table is missing', 'missing files', async () => rm(await table())],
    ['corrupt', 'a table is cut short', '.ldb', async () => truncate(await table(), 200)],
    ['corrupt', 'a table is garbled', 'Corruption', async () => garble(await table())],
    [
      'corrupt',
      'one byte of a table has flipped',
      '.ldb is damaged (its checksums do not fit from byte 0 on)',
      async () => flipByte(await table(), 20),
    ],
    ['corrupt', 'the log is garbled', '.log is damaged', async () => garble(await log())],
    [
      'corrupt',
      'one byte of the log has flipped',
      '.log is damaged (Corruption: checksum mismatch)',
      async () => flipByte(await log(), 100),
    ],
    ['corrupt', 'a record is cut short', `${ofX}its checksum does not match`, () => smuggle('acme/x', cutShort)],
    ['corrupt', 'a record holds an unknown phase', `${ofX}phase: `, () => smuggle('acme/x', sleepy)],
    ['corrupt', 'a record is something else', ofX, () => smuggle('acme/x', 'hello')],
    ['corrupt', 'a record of an older format is something else', ofX, olderWithGarbage],
  ])('as %s, because %s', async (kind, _damage, words, inflict) => {
    await inflict();
    await expectRefusal(kind, words);
  });

  it('a last save that was cut off is no reason to refuse: it counts as never made', async () => {
    const log = await databaseFile(/\.log$/);
    await truncate(log, (await stat(log)).size - 5);
    expect(Object.values(await storedRevisions())).toEqual(Array.from({ length: 20 }, () => 1));
  });

  it('a copy of a damaged folder can be put back', async () => {
    const current = await readFile(join(path, 'db', 'CURRENT'));
    await rm(join(path, 'db', 'CURRENT'));
    await expectRefusal('corrupt', 'Restore a copy of the folder, or move it away');
    await writeFile(join(path, 'db', 'CURRENT'), current);
    expect(Object.values(await storedRevisions())).toEqual(Array.from({ length: 20 }, () => 2));
  });
});

describe('a folder that cannot be used', () => {
  it('a folder that holds something else is refused, and nothing is added to it', async () => {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'notes.txt'), 'mine');
    await expect(openLevelStore({ path })).rejects.toMatchObject({
      kind: 'misplaced',
      message: expect.stringMatching('already holds something else \\("notes.txt"\\); set state.path') as string,
    });
    expect(await readdir(path)).toEqual(['notes.txt']);
  });

  it.each([
    { trouble: 'it is a file', below: [] },
    { trouble: 'it lies below a file', below: ['deeper', 'state'] },
  ])('because $trouble is refused with a remedy', async ({ below }) => {
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    await expect(openLevelStore({ path: join(file, ...below) })).rejects.toMatchObject({
      kind: 'misplaced',
      message: expect.stringMatching('a part of the path is a file: set state.path to a folder') as string,
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});

/** What opens a database that behaves otherwise. */
function databaseWith(change: (level: ClassicLevel) => void) {
  return (location: string, options: { createIfMissing: boolean }): ClassicLevel => {
    const level = new ClassicLevel(location, options);
    change(level);
    return level;
  };
}

describe('a database', () => {
  it('on a file system without locks is not taken for one that another copy holds', async () => {
    const database = databaseWith((level) => {
      level.hooks.postopen.add(() => {
        const error = new Error(`IO error: lock ${level.location}/LOCK: No locks available`);
        return Promise.reject(Object.assign(error, { code: 'LEVEL_LOCKED' }));
      });
    });
    await expect(openLevelStore({ path, database })).rejects.toMatchObject({
      kind: 'misplaced',
      message: expect.stringContaining(
        'that file system has no locks: set state.path to a folder on a local',
      ) as string,
    });
  });

  it('a database that opens but cannot be read is closed again', async () => {
    await save(['a'], 1);
    const database = databaseWith((level) => {
      level.iterator = () => {
        throw new Error('Input/output error');
      };
    });
    await expect(openLevelStore({ path, database })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await storedRevisions()).toEqual({ a: 1 });
  });

  it('has put every batch on the disk, and not only into the cache of the system, before a save ends', async () => {
    const synced: unknown[] = [];
    const database = databaseWith((level) => {
      const batch = level.batch.bind(level) as (operations: unknown, how: { sync?: boolean }) => Promise<void>;
      level.batch = ((operations: unknown, how: { sync?: boolean }) => {
        synced.push(how.sync);
        return batch(operations, how);
      }) as typeof level.batch;
    });
    const store = await openLevelStore({ path, database });
    await store.save('a', stateAt(1), 0);
    await store.save('a', stateAt(2), 1);
    await store.remove('a');
    await store.close();
    expect(synced).toEqual([true, true, true]);
  });
});

/** A store on a disk whose writes fail while `full` says so, and that may find lost writes again when it is opened again. */
async function openUnreliable() {
  const disk = { full: false, opened: 0, lost: [] as { key: string; value: string }[] };
  const database = databaseWith((level) => {
    level.hooks.prewrite.add((operation) => {
      if (!disk.full) return;
      disk.lost.push({
        key: String((operation as { key: unknown }).key),
        value: String((operation as { value?: unknown }).value),
      });
      throw Object.assign(new Error('No space left on device'), { code: 'LEVEL_IO_ERROR' });
    });
    level.hooks.postopen.add(async () => {
      disk.opened += 1;
      if (disk.full) throw Object.assign(new Error('No space left on device'), { code: 'LEVEL_IO_ERROR' });
      for (const { key, value } of disk.lost.splice(0)) await level.put(key, value);
    });
  });
  return { disk, store: await openLevelStore({ path, database }) };
}

describe('a disk that fails', () => {
  it('makes the save fail with a remedy, and later saves succeed once there is room again', async () => {
    const { disk, store } = await openUnreliable();
    await store.save('a', stateAt(1), 0);
    disk.full = true;
    for (let repeat = 0; repeat < 3; repeat += 1) {
      await expect(store.save('a', stateAt(2), 1)).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(/saving failed \(.*No space left.*\); free some space/) as string,
      });
    }
    disk.full = false;
    await store.save('a', stateAt(2), 1);
    await store.save('b', stateAt(1), 0);
    await store.close();
    expect(await storedRevisions()).toEqual({ a: 2, b: 1 });
  });

  it('makes the save fail where the folder was moved or removed, until it is back', async () => {
    const store = await openLevelStore({ path });
    await store.save('a', stateAt(1), 0);
    await rename(path, `${path}.aside`);
    for (const inItsPlace of [() => Promise.resolve(), () => writeFile(path, '')]) {
      await inItsPlace();
      await expect(store.save('a', stateAt(2), 1)).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(/its folder is no longer there\); put it back, or start/) as string,
      });
    }
    await rm(path);
    await rename(`${path}.aside`, path);
    await store.save('a', stateAt(2), 1);
    await store.close();
    expect(await storedRevisions()).toEqual({ a: 2 });
  });

  it('fails every save of the batch, and none of them shows up, now or later', async () => {
    const { disk, store } = await openUnreliable();
    await store.save('a', stateAt(1), 0);
    disk.full = true;
    const ends = await Promise.allSettled([
      store.save('a', stateAt(2), 1),
      store.save('a', stateAt(3), 2),
      store.save('new', stateAt(1), 0),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    disk.full = false;
    await store.save('b', stateAt(1), 0);
    expect(disk.opened).toBe(2);
    expect(new Map([...(await store.load())].map(([key, { revision }]) => [key, revision]))).toEqual(
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    await store.save('a', stateAt(2), 1);
    await store.close();
    expect(await storedRevisions()).toEqual({ a: 2, b: 1 });
  });

  it('does not keep the store from being closed', async () => {
    const { disk, store } = await openUnreliable();
    disk.full = true;
    await expect(store.save('a', stateAt(1), 0)).rejects.toMatchObject({ kind: 'unavailable' });
    await store.close();
    expect(await storedRevisions()).toEqual({});
  });

  it('sets a damaged history aside, goes on with an empty one, and leaves the states alone', async () => {
    await withStore(async (store) => {
      await store.save('a/1', stateAt(1), 0);
      await store.history.write(new Map([['a/1', Uint8Array.of(1)]]));
    });
    await writeFile(join(path, 'history', 'CURRENT'), 'nothing\n');
    await withStore(async (store) => {
      expect(await store.history.read(['a/1'])).toEqual([null]);
      expect([...(await store.load()).keys()]).toEqual(['a/1']);
    });
    expect(await readdir(path)).toContain('history.damaged');
  });
});
