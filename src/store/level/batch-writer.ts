import type { ClassicLevel } from 'classic-level';
import type { Changes } from '../commit-queue.ts';

/** Keys of a batch that failed, and their values before: null until they are read. */
interface FailedBatch {
  readonly keys: string[];
  readonly before: readonly (string | undefined)[] | null;
}

/** Writes batches to LevelDB, each atomically and synced to disk, and recovers from one that fails. */
export class BatchWriter {
  readonly #database: ClassicLevel;
  #failed: FailedBatch | null = null;

  constructor(database: ClassicLevel) {
    this.#database = database;
  }

  /** Resolves once the batch is on disk. After a failure, the next call first makes sure that the failed one is not. */
  async write(changes: Changes): Promise<void> {
    if (this.#failed !== null) await this.#clear(this.#failed);
    try {
      await this.#database.batch(
        [...changes].map(([key, { record }]) => operation(key, record)),
        { sync: true },
      );
    } catch (error) {
      this.#failed = { keys: [...changes.keys()], before: null };
      throw error;
    }
  }

  /**
   * After a failed write LevelDB may hold half a record at the end of its log, behind which later ones would be lost,
   * and after a failed sync it refuses all further ones (DBImpl::Write in db_impl.cc of LevelDB 1.20). Opening it
   * again starts a new log. The failed batch may come back with that, so the previous values of its keys are written again.
   */
  async #clear({ keys, before }: FailedBatch): Promise<void> {
    // Read before the database is opened again: until then it answers from what was written successfully.
    const values = before ?? (await this.#database.getMany(keys));
    this.#failed = { keys, before: values };
    await this.#database.close();
    await this.#database.open();
    await this.#database.batch(
      keys.map((key, index) => operation(key, values[index] ?? null)),
      { sync: true },
    );
    this.#failed = null;
  }
}

type Operation = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

function operation(key: string, record: string | null): Operation {
  return record === null ? { type: 'del', key } : { type: 'put', key, value: record };
}
