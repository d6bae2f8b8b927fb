/** The change of one key: a new record under its revision, or (revision 0, record null) its removal. */
export interface Change {
  readonly revision: number;
  readonly record: string | null;
}

export type Changes = ReadonlyMap<string, Change>;

interface Caller {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly changes: Map<string, Change>;
  readonly callers: Caller[];
}

/**
 * Group commit: while one batch is being written, further changes gather in the next, so a disk that needs
 * milliseconds for each sync still keeps up with many instances. A batch is written whole or not at all.
 *
 * At most two batches exist, and each holds one change per key, however often that key was saved meanwhile; so memory
 * is bounded by the number of keys in flight, plus one waiting caller per call.
 */
export class CommitQueue {
  readonly #durable: Map<string, number>;
  readonly #write: (changes: Changes) => Promise<void>;
  #gathering: Batch | null = null;
  #writing: Batch | null = null;
  #running: Promise<void> | null = null;

  /**
   * @param revisions - Revision of every stored key.
   * @param write - Writes a batch atomically; when it rejects, nothing of the batch counts as stored.
   */
  constructor(revisions: ReadonlyMap<string, number>, write: (changes: Changes) => Promise<void>) {
    this.#durable = new Map(revisions);
    this.#write = write;
  }

  /** Revision of a key as it will be when all that was committed so far is written; 0 when there is none. */
  revision(key: string): number {
    const change = this.#gathering?.changes.get(key) ?? this.#writing?.changes.get(key);
    return change?.revision ?? this.#durable.get(key) ?? 0;
  }

  /** Resolves once the change is written; rejects, with the error of the write, when it is not. */
  commit(key: string, change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gathering ??= { changes: new Map(), callers: [] };
      this.#gathering.changes.set(key, change);
      this.#gathering.callers.push({ resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves once nothing waits to be written; never rejects. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // Changes that are committed in the same tick belong in one batch.
    await Promise.resolve();
    while (this.#gathering !== null) {
      const batch = this.#gathering;
      this.#gathering = null;
      this.#writing = batch;
      await this.#writeBatch(batch);
    }
    this.#running = null;
  }

  async #writeBatch(batch: Batch): Promise<void> {
    try {
      await this.#write(batch.changes);
    } catch (error) {
      this.#giveUp(batch, error);
      return;
    }
    this.#writing = null;
    for (const [key, { revision }] of batch.changes) {
      if (revision === 0) this.#durable.delete(key);
      else this.#durable.set(key, revision);
    }
    for (const { resolve } of batch.callers) resolve();
  }

  /**
   * The batch that gathered meanwhile fails too: its changes may follow revisions that were never saved. Dropping both
   * leaves the durable revisions as the only ones.
   */
  #giveUp(batch: Batch, error: unknown): void {
    const callers = [...batch.callers, ...(this.#gathering?.callers ?? [])];
    this.#writing = null;
    this.#gathering = null;
    for (const { reject } of callers) reject(error);
  }
}
