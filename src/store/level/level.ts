import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { InstanceState } from '../../core/instance/instance.ts';
import { BatchWriter } from './batch-writer.ts';
import { CommitQueue, NONE_REFUSED } from '../commit-queue.ts';
import { asStoreError, failedSave, lockedState } from './level-errors.ts';
import { encodeFor } from '../record.ts';
import { readStates, verifyCopy } from './verify-copy.ts';
import { databaseOf, prepareFolder, raiseFormat, removeLeftovers, requireThere } from './state-folder.ts';
import { nextRevision, StoreError, type Store, type StoredState } from '../store.ts';
import { LevelHistory } from './level-history.ts';

export interface LevelStoreOptions {
  /** Folder of the state; it and its parents are made where they are missing, readable by this user only. */
  readonly path: string;
  /** Makes the database object at a location; tests give one that fails on command. */
  readonly database?: NewDatabase;
}

type NewDatabase = (location: string, options: { readonly createIfMissing: boolean }) => ClassicLevel;

/**
 * Folders that this process has open. LevelDB's lock belongs to the process as a whole, and trying it a second time
 * from within loses it (LockFile in env_posix.cc of LevelDB 1.20 opens and closes the file, which on POSIX releases
 * every lock of the process on it). Because this belongs to the process, it is kept per module.
 */
const heldFolders = new Set<string>();

/**
 * Opens the state folder at `path` and takes its lock. Every record is read and checked.
 *
 * @throws StoreError of kind `locked` when another copy runs on it, `newer_version`, `corrupt`, `misplaced` when the
 *   path or what is there already can never be a state folder, or `unavailable` when it cannot be made, read or
 *   written. Each names place and remedy, and the stored state is left as it was.
 */
export async function openLevelStore({ path, database = classicLevel }: LevelStoreOptions): Promise<Store> {
  const folder = resolve(path);
  try {
    await prepareFolder(folder);
    const held = await realpath(folder);
    if (heldFolders.has(held)) throw lockedState(folder);
    heldFolders.add(held);
    const release = (): void => void heldFolders.delete(held);
    try {
      return await openFolder(folder, database, release);
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    throw asStoreError(folder, error);
  }
}

const classicLevel: NewDatabase = (location, options) => new ClassicLevel(location, options);

async function openFolder(folder: string, newDatabase: NewDatabase, release: () => void): Promise<Store> {
  try {
    await verifyCopy(folder);
  } catch (error) {
    // Another running process may have moved files while they were copied: that is no damage.
    await requireUnlocked(folder);
    throw error;
  }
  // Made only here, because it begins to open by itself.
  const database = newDatabase(databaseOf(folder), { createIfMissing: false });
  await database.open();
  try {
    await removeLeftovers(folder);
    const states = await readStates(database, folder);
    await raiseFormat(folder);
    const revisions = new Map([...states].map(([key, { revision }]) => [key, revision]));
    return new LevelStore(folder, database, revisions, release);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Tries the lock without opening: with `errorIfExists`, LevelDB takes the lock, sees that there is a database, releases
 * the lock and fails, having touched nothing but its file LOG (DBImpl::Recover in db_impl.cc).
 */
async function requireUnlocked(folder: string): Promise<void> {
  const probe = new ClassicLevel(databaseOf(folder), { createIfMissing: false, errorIfExists: true });
  try {
    await probe.open();
  } catch (error) {
    const failure = asStoreError(folder, error);
    if (failure.kind === 'locked') throw failure;
  } finally {
    await probe.close();
  }
}

class LevelStore implements Store {
  readonly durable = true;
  readonly history: LevelHistory;
  readonly #folder: string;
  readonly #database: ClassicLevel;
  readonly #queue: CommitQueue;
  readonly #release: () => void;
  #closing: Promise<void> | null = null;

  constructor(folder: string, database: ClassicLevel, revisions: ReadonlyMap<string, number>, release: () => void) {
    const writer = new BatchWriter(database);
    this.history = new LevelHistory(folder);
    this.#folder = folder;
    this.#database = database;
    this.#queue = new CommitQueue(revisions, async (changes) => {
      await requireThere(folder);
      await writer.write(changes);
      return NONE_REFUSED;
    });
    this.#release = release;
  }

  async load(): Promise<ReadonlyMap<string, StoredState>> {
    this.#requireOpen();
    try {
      return await readStates(this.#database, this.#folder);
    } catch (error) {
      throw asStoreError(this.#folder, error);
    }
  }

  async save(key: string, state: InstanceState, follows: number): Promise<number> {
    this.#requireOpen();
    const revision = nextRevision(key, this.#queue.revision(key), follows);
    await this.#commit(key, revision, encodeFor(key, { revision, state }));
    return revision;
  }

  async remove(key: string): Promise<void> {
    this.#requireOpen();
    await this.#commit(key, 0, null);
    // A rest of it takes some room and changes nothing.
    await this.history.write(new Map([[key, null]])).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    await this.#queue.idle();
    await this.history.close();
    await this.#database.close();
    this.#release();
  }

  async #commit(key: string, revision: number, record: string | null): Promise<void> {
    try {
      await this.#queue.commit(key, { revision, record });
    } catch (error) {
      throw failedSave(this.#folder, error);
    }
  }

  #requireOpen(): void {
    if (this.#closing === null) return;
    throw new StoreError('closed', `the state in ${this.#folder} is closed: open it again`);
  }
}
