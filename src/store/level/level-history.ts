import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { asStoreError } from './level-errors.ts';
import { StoreError, type HistoryStore } from '../store.ts';

// A database beside that of the states: writing an hour of history must not delay a state, and damage here must not
// keep the daemon from starting. Versions that do not know it leave it alone.
const FOLDER = 'history';
const SET_ASIDE = 'history.damaged';

/** It is written once an hour and seldom read, so it needs little memory. */
const OPTIONS = {
  keyEncoding: 'utf8',
  valueEncoding: 'view',
  writeBufferSize: 1024 * 1024,
  cacheSize: 256 * 1024,
  maxFileSize: 2 * 1024 * 1024,
} as const;

/** The history in the state folder whose lock the caller holds. It is opened when it is first used. */
export class LevelHistory implements HistoryStore {
  readonly #path: string;
  #opening: Promise<ClassicLevel<string, Uint8Array>> | null = null;
  #closed = false;

  /** @param path the state folder */
  constructor(path: string) {
    this.#path = path;
  }

  async read(keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    const found = await this.#use((database) => database.getMany([...keys]));
    return found.map((record) => record ?? null);
  }

  async write(records: ReadonlyMap<string, Uint8Array | null>): Promise<void> {
    await this.#use((database) =>
      database.batch(
        [...records].map(([key, value]) => (value === null ? { type: 'del', key } : { type: 'put', key, value })),
      ),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opening = this.#opening;
    this.#opening = null;
    await opening?.then(
      (database) => database.close(),
      () => undefined,
    );
  }

  /** After any error it is opened again: LevelDB refuses all writes that follow a failed one. */
  async #use<T>(work: (database: ClassicLevel<string, Uint8Array>) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('closed', `the state in ${this.#path} is closed: open it again`);
    this.#opening ??= this.#open();
    const opening = this.#opening;
    try {
      return await work(await opening);
    } catch (error) {
      if (this.#opening === opening) this.#opening = null;
      await opening.then(
        (database) => database.close(),
        () => undefined,
      );
      throw asStoreError(join(this.#path, FOLDER), error);
    }
  }

  async #open(): Promise<ClassicLevel<string, Uint8Array>> {
    try {
      return await this.#openAt();
    } catch (error) {
      if (asStoreError(this.#path, error).kind !== 'corrupt') throw error;
      await rm(join(this.#path, SET_ASIDE), { recursive: true, force: true });
      await rename(join(this.#path, FOLDER), join(this.#path, SET_ASIDE));
      return await this.#openAt();
    }
  }

  async #openAt(): Promise<ClassicLevel<string, Uint8Array>> {
    const database = new ClassicLevel<string, Uint8Array>(join(this.#path, FOLDER), OPTIONS);
    await database.open();
    return database;
  }
}
