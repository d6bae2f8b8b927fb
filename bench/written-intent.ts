import { copyFile, link, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { RestartIntent } from '../src/core/instance/instance.ts';
import { decode } from '../src/store/record.ts';
import { databaseOf } from '../src/store/level/state-folder.ts';
import { stateKey } from '../src/store/store.ts';

/** A copy during which the database was merged may lack a table; then another one is made, at most this often. */
const COPIES = 10;

/**
 * The restart intent of an instance that a process starting now would find, while the writing process runs on. The
 * database is copied, tables by link because they never change. Null: nothing is written.
 */
export async function readWrittenIntent(folder: string, account: string, id: string): Promise<RestartIntent | null> {
  for (let left = COPIES; ; left -= 1) {
    try {
      return await readCopy(folder, stateKey(account, id));
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

async function readCopy(folder: string, key: string): Promise<RestartIntent | null> {
  const copy = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-bench-copy-'));
  try {
    await copyDatabase(databaseOf(folder), copy);
    const database = new ClassicLevel(copy, { createIfMissing: false });
    await database.open();
    const record = await database.get(key);
    await database.close();
    return record === undefined ? null : decode(record).state.intent;
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (name === 'LOCK') continue;
    const copy = name.endsWith('.ldb') ? link : copyFile;
    // A file may be merged away meanwhile; if it was needed, opening the copy reports it.
    await copy(join(from, name), join(to, name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EXDEV') return copyFile(join(from, name), join(to, name));
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    });
  }
}
