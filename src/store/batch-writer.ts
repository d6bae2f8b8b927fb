import type { ClassicLevel } from 'classic-level';
import type { Changes } from './commit-queue.ts';

/** Keys of a batch that failed, and what they held before: null until it has been read. */
interface Doubt {
  readonly keys: string[];
  readonly before: readonly (string | undefined)[] | null;
}

/** Writes batches to LevelDB, each atomically and synced to disk, and gets over one that fails. */
export class BatchWriter {
  readonly #database: ClassicLevel;
  #doubt: Doubt | null = null;

  constructor(database: ClassicLevel) {
    this.#database = database;
  }

  /** Resolves once the batch is on disk. After a failure, the next call first makes sure that the failed one is not. */
  async write(changes: Changes): Promise<void> {
    if (this.#doubt !== null) await this.#clear(this.#doubt);
    try {
      await this.#database.batch(
        [...changes].map(([key, { record }]) => operation(key, record)),
        { sync: true },
      );
    } catch (error) {
      this.#doubt = { keys: [...changes.keys()], before: null };
      throw error;
    }
  }

  /**
   * After a failed write LevelDB may hold half a record at the end of its log, behind which later ones would be lost,
   * and after a failed sync it refuses all further ones (DBImpl::Write in db_impl.cc of LevelDB 1.20). Opening it anew
   * starts a fresh log. The failed batch may come back with that, so what its keys held before is written over it.
   */
  async #clear({ keys, before }: Doubt): Promise<void> {
    // Read before the database is opened anew: until then it answers from what was written successfully.
    const values = before ?? (await this.#database.getMany(keys));
    this.#doubt = { keys, before: values };
    await this.#database.close();
    await this.#database.open();
    await this.#database.batch(
      keys.map((key, index) => operation(key, values[index] ?? null)),
      { sync: true },
    );
    this.#doubt = null;
  }
}

type Operation = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

function operation(key: string, record: string | null): Operation {
  return record === null ? { type: 'del', key } : { type: 'put', key, value: record };
}
