/** The change of one key: a new record under its revision, or (revision 0, record null) its removal. */
export interface Change {
  readonly revision: number;
  readonly record: string | null;
}

export type Changes = ReadonlyMap<string, Change>;

/** A change as it is written, with the revision that is stored now; 0: none. */
export interface PendingChange extends Change {
  readonly stored: number;
}

export type PendingChanges = ReadonlyMap<string, PendingChange>;

/** Keys of a batch that were not written, each with the reason; all others were. */
export type Refused = ReadonlyMap<string, Error>;

export const NONE_REFUSED: Refused = new Map();

interface Caller {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly change: Change;
  readonly callers: Caller[];
}

type Batch = Map<string, Waiting>;

/**
 * Group commit: while one batch is being written, further changes gather, so a disk that needs milliseconds for each
 * sync still keeps up with many instances.
 *
 * What gathers holds one change per key, however often that key was saved meanwhile; so memory is bounded by the number
 * of keys in flight, plus one waiting caller per call.
 */
export class CommitQueue {
  readonly #durable: Map<string, number>;
  readonly #write: (changes: PendingChanges) => Promise<Refused>;
  readonly #most: number;
  readonly #gathering: Batch = new Map();
  /** Keys of those that something waits for: they are in the next batch. */
  readonly #first = new Set<string>();
  #writing: Batch = new Map();
  #running: Promise<void> | null = null;

  /**
   * @param revisions - Revision of every stored key.
   * @param write - Writes a batch; when it rejects, nothing of the batch counts as stored.
   * @param most - Most keys in one batch.
   */
  constructor(
    revisions: ReadonlyMap<string, number>,
    write: (changes: PendingChanges) => Promise<Refused>,
    most = Number.POSITIVE_INFINITY,
  ) {
    this.#durable = new Map(revisions);
    this.#write = write;
    this.#most = most;
  }

  /** Revision of a key as it will be when all that was committed so far is written; 0 when there is none. */
  revision(key: string): number {
    const waiting = this.#gathering.get(key) ?? this.#writing.get(key);
    return waiting?.change.revision ?? this.#durable.get(key) ?? 0;
  }

  /**
   * Takes the revisions of keys from the store, after somebody else wrote there. What waits to be written of them follows what
   * was there before, so it is given up.
   *
   * @param reason why it is
   */
  replace(
    belongs: (key: string) => boolean,
    stored: ReadonlyMap<string, { readonly revision: number }>,
    reason: (key: string) => Error,
  ): void {
    for (const key of this.#durable.keys()) if (belongs(key)) this.#durable.delete(key);
    for (const [key, { revision }] of stored) this.#durable.set(key, revision);
    for (const key of this.#gathering.keys()) if (belongs(key)) this.#refuse(key, [], reason(key));
  }

  /**
   * Resolves once the change is written; rejects, with the reason, when it is not.
   *
   * @param first before all that has waited longer: only of few keys at a time, because the others wait
   */
  commit(key: string, change: Change, first = false): Promise<void> {
    if (first) this.#first.add(key);
    return new Promise((resolve, reject) => {
      const callers = this.#gathering.get(key)?.callers ?? [];
      callers.push({ resolve, reject });
      this.#gathering.set(key, { change, callers });
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
    while (this.#gathering.size > 0) {
      this.#writing = this.#take();
      await this.#writeBatch(this.#writing);
    }
    this.#running = null;
  }

  /** The next batch: those that come first, and those that have waited longest. */
  #take(): Batch {
    const batch: Batch = new Map();
    for (const keys of [this.#first, this.#gathering.keys()]) {
      for (const key of keys) {
        if (batch.size >= this.#most) return batch;
        const waiting = this.#gathering.get(key);
        this.#first.delete(key);
        this.#gathering.delete(key);
        if (waiting !== undefined) batch.set(key, waiting);
      }
    }
    return batch;
  }

  async #writeBatch(batch: Batch): Promise<void> {
    let refused: Refused;
    try {
      refused = await this.#write(
        new Map([...batch].map(([key, { change }]) => [key, { ...change, stored: this.#durable.get(key) ?? 0 }])),
      );
    } catch (error) {
      this.#giveUp(batch, error);
      return;
    }
    this.#writing = new Map();
    for (const [key, waiting] of batch) {
      const reason = refused.get(key);
      if (reason === undefined) this.#written(key, waiting);
      else this.#refuse(key, waiting.callers, reason);
    }
  }

  #written(key: string, { change, callers }: Waiting): void {
    if (change.revision === 0) this.#durable.delete(key);
    else this.#durable.set(key, change.revision);
    for (const { resolve } of callers) resolve();
  }

  /** What gathered for the key meanwhile follows a revision that was never saved. */
  #refuse(key: string, callers: readonly Caller[], reason: Error): void {
    const followers = this.#gathering.get(key)?.callers ?? [];
    this.#gathering.delete(key);
    this.#first.delete(key);
    for (const { reject } of [...callers, ...followers]) reject(reason);
  }

  /**
   * What gathered meanwhile fails too: its changes may follow revisions that were never saved. Dropping both leaves the
   * durable revisions as the only ones.
   */
  #giveUp(batch: Batch, error: unknown): void {
    const callers = [...batch.values(), ...this.#gathering.values()].flatMap((waiting) => waiting.callers);
    this.#writing = new Map();
    this.#gathering.clear();
    this.#first.clear();
    for (const { reject } of callers) reject(error);
  }
}
