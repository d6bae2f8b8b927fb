/** Something that is written to a client, such as an answer of Node.js. */
export interface Unread {
  /** Bytes, or of texts characters, that were written and not yet read. */
  readonly writableLength: number;
  /** Breaks the answer off. */
  destroy(): unknown;
}

/** All answers together that wait for their readers, in the same units. */
const MOST = 32 * 1024 * 1024;

/**
 * Answers that clients have not read yet share one budget of memory. When it is exceeded, those with the most unread text are
 * broken off first: they belong to clients that do not read.
 */
export class UnreadAnswers {
  private readonly answers = new Set<Unread>();
  private readonly most: number;

  constructor(most = MOST) {
    this.most = most;
  }

  add(answer: Unread): void {
    this.answers.add(answer);
    this.makeRoom();
  }

  remove(answer: Unread): void {
    this.answers.delete(answer);
  }

  /** To be called when there is more to read than before. */
  makeRoom(): void {
    const unread = [...this.answers].map((answer) => ({ answer, length: answer.writableLength }));
    let total = unread.reduce((sum, { length }) => sum + length, 0);
    if (total <= this.most) return;
    for (const { answer, length } of unread.sort((a, b) => b.length - a.length)) {
      if (total <= this.most) return;
      total -= length;
      this.answers.delete(answer);
      answer.destroy();
    }
  }
}
