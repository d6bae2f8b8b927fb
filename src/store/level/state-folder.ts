import { access, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { FORMAT_VERSION } from '../format.ts';
import { corruptState, FOLDER_GONE, lockedState, misplacedState, newerState } from './level-errors.ts';

// The folder that state.path names holds
//   FORMAT      one line with the format version. A version that does not know it never opens the database: merely
//               opening a LevelDB rewrites its files, which a version record inside of it could not prevent.
//   db/         the LevelDB. It appears whole, by a rename, so one that lacks files is damaged and never just new.
//   .scratch-…  temporary work, deleted after each use.
const FORMAT_FILE = 'FORMAT';
const FORMAT_LINE = /^smileapi-watchdog state, format (\d{1,9})\n?$/;
const DATABASE = 'db';
const SCRATCH = '.scratch-';

/** Only the owner may read: the keys are phone numbers. */
const OWNER_ONLY = 0o700;

/** Where the LevelDB of a state folder is. */
export function databaseOf(path: string): string {
  return join(path, DATABASE);
}

/**
 * Makes sure that `path` is a state folder that this version may open, and makes one where there is none. A
 * foreign folder, one of a newer version, and one with visible damage are left as they are.
 *
 * @throws StoreError, or an error of the file system.
 */
export async function prepareFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  const names = await readdir(path);
  const format = names.includes(FORMAT_FILE) ? await readFormat(path) : null;
  if (format === null) {
    requireOwn(path, names);
    await writeFormat(path);
  } else if (format > FORMAT_VERSION) {
    throw newerState(path, `format ${format}`);
  }
  if (names.includes(DATABASE)) await requireCurrent(path);
  else await createDatabase(path);
}

/**
 * Makes sure that the database was not moved or removed: LevelDB writes on, into files that nobody finds again.
 *
 * @throws Error that says so
 */
export async function requireThere(path: string): Promise<void> {
  try {
    await access(join(databaseOf(path), 'CURRENT'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    // Any other error says nothing of that.
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Error(FOLDER_GONE);
  }
}

/**
 * Runs `work` with a folder of its own inside the state folder, and deletes it afterwards.
 *
 * @throws What `work` throws, or StoreError of kind `locked` when the folder was cleared away meanwhile.
 */
export async function inScratch(path: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(join(path, SCRATCH));
  try {
    await work(scratch);
  } catch (error) {
    // Only the holder of the lock clears scratch folders, so there is another process, and it was faster.
    if (!(await readdir(path)).includes(basename(scratch))) throw lockedState(path, error);
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Marks a folder of an older format with this one, before anything is saved in it. Only for the holder of the lock, and
 * only once all records were found readable.
 */
export async function raiseFormat(path: string): Promise<void> {
  if ((await readFormat(path)) < FORMAT_VERSION) await writeFormat(path);
}

/** Deletes the scratch folders that killed processes left. Only for the holder of the lock. */
export async function removeLeftovers(path: string): Promise<void> {
  const names = await readdir(path);
  const leftovers = names.filter((name) => name.startsWith(SCRATCH));
  await Promise.all(leftovers.map((name) => rm(join(path, name), { recursive: true, force: true })));
}

async function readFormat(path: string): Promise<number> {
  const text = await readFile(join(path, FORMAT_FILE), 'utf8');
  const version = FORMAT_LINE.exec(text)?.[1];
  if (version === undefined) throw corruptState(path, `the file ${FORMAT_FILE} does not name a format`);
  return Number(version);
}

async function writeFormat(path: string): Promise<void> {
  await inScratch(path, async (scratch) => {
    const draft = join(scratch, FORMAT_FILE);
    const line = `smileapi-watchdog state, format ${FORMAT_VERSION}\n`;
    await writeFile(draft, line, { flag: 'wx', mode: 0o600, flush: true });
    await rename(draft, join(path, FORMAT_FILE));
  });
  await syncFolder(path);
}

/** A folder without FORMAT must be empty, but for hidden files and what a new ext4 volume brings along. */
function requireOwn(path: string, names: readonly string[]): void {
  if (names.includes(DATABASE)) throw corruptState(path, `the file ${FORMAT_FILE} is missing`);
  const foreign = names.find((name) => !name.startsWith('.') && name !== 'lost+found');
  if (foreign === undefined) return;
  throw misplacedState(
    path,
    `the folder already holds something else (${JSON.stringify(foreign)})`,
    'set state.path to an empty folder, or to one that does not exist yet',
  );
}

/** LevelDB takes a database without CURRENT for a new one, and deletes its tables. */
async function requireCurrent(path: string): Promise<void> {
  const names = await readdir(databaseOf(path));
  if (!names.includes('CURRENT')) throw corruptState(path, `the file ${DATABASE}/CURRENT is missing`);
}

async function createDatabase(path: string): Promise<void> {
  await inScratch(path, async (scratch) => {
    const draft = join(scratch, DATABASE);
    await mkdir(draft, { mode: OWNER_ONLY });
    const database = new ClassicLevel(draft, { errorIfExists: true });
    await database.open();
    await database.close();
    try {
      await rename(draft, databaseOf(path));
    } catch (error) {
      // Another process that started at the same moment may have been faster; the lock decides between the two.
      if (!(await readdir(path)).includes(DATABASE)) throw error;
    }
  });
  await syncFolder(path);
}

/** Makes renames survive a power cut. Windows cannot open a folder for that, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
