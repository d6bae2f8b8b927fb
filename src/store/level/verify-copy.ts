import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { asStoreError, corruptState, newerState } from './level-errors.ts';
import { RecordError } from '../format.ts';
import { impossibleHeader } from './log-framing.ts';
import { decode } from '../record.ts';
import { databaseOf, inScratch } from './state-folder.ts';
import { StoreError, type StoredState } from '../store.ts';
import { damagedBlock } from './table-framing.ts';

/** Files of LevelDB that hold no data: its lock, its own log of messages, and the previous one. */
const WITHOUT_DATA: ReadonlySet<string> = new Set(['LOCK', 'LOG', 'LOG.old']);

/** What LevelDB 1.20 writes into its file LOG about records that it skips while it replays a log (db_impl.cc). */
const DROPPED = /\/(\d+\.log): dropping \d+ bytes; (.*)/;

/**
 * Opens a copy of the database and reads all of it, so that damage is found while the original is still untouched.
 * Opening a LevelDB replays its log into tables, deletes the files it takes for obsolete, and skips damaged log records
 * without an error; on the original, that would destroy what a repair could start from.
 *
 * A save that was cut off at the very end of the log is no damage: it was never acknowledged.
 *
 * @throws StoreError naming the damage, or an error of the file system.
 */
export async function verifyCopy(path: string): Promise<void> {
  await inScratch(path, async (scratch) => {
    const original = databaseOf(path);
    const copy = join(scratch, 'db');
    await copyDatabase(original, copy);
    await requireSoundFiles(path, copy);
    const database = new ClassicLevel(copy, { createIfMissing: false });
    try {
      await database.open();
      await requireNothingDropped(path, copy);
      await readStates(database, path);
    } catch (error) {
      const { kind, message } = asStoreError(path, error);
      throw new StoreError(kind, message.replaceAll(copy, original), { cause: error });
    } finally {
      await database.close();
    }
  });
}

/** All states of an open database by key, each checked. */
export async function readStates(database: ClassicLevel, path: string): Promise<Map<string, StoredState>> {
  const states = new Map<string, StoredState>();
  for await (const [key, record] of database.iterator()) states.set(key, readState(path, key, record));
  return states;
}

function readState(path: string, key: string, record: string): StoredState {
  try {
    return decode(record);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const what = `the record of ${JSON.stringify(key)}`;
    if (error.kind === 'newer_version') throw newerState(path, `${what}: ${error.message}`);
    throw corruptState(path, `${what}: ${error.message}`, error);
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isFile() || WITHOUT_DATA.has(entry.name)) continue;
    await copyFile(join(from, entry.name), join(to, entry.name), constants.COPYFILE_FICLONE);
  }
}

async function requireSoundFiles(path: string, copy: string): Promise<void> {
  for (const name of await readdir(copy)) {
    const find = name.endsWith('.log') ? impossibleHeader : name.endsWith('.ldb') ? damagedBlock : null;
    const offset = find?.(await readFile(join(copy, name))) ?? null;
    if (offset === null) continue;
    const log = `no record begins like the bytes at ${offset}`;
    const table = `its checksums do not fit from byte ${offset} on`;
    throw corruptState(path, `the file db/${name} is damaged (${find === damagedBlock ? table : log})`);
  }
}

async function requireNothingDropped(path: string, copy: string): Promise<void> {
  const dropped = DROPPED.exec(await readFile(join(copy, 'LOG'), 'utf8'));
  if (dropped === null) return;
  throw corruptState(path, `the file db/${dropped[1] ?? ''} is damaged (${dropped[2] ?? ''})`);
}
