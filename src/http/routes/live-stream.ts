import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import type { Unread, UnreadAnswers } from '../load/unread-answers.ts';
import type { LiveFeed, Listener } from './live-feed.ts';

/** At most this many bytes wait for a slow reader; beyond that it is cut off, and reconnects when it can. */
const LONGEST_BACKLOG = 4 * 1024 * 1024;
/** Two pings: a reader that has not caught up for so long does not read. */
const LONGEST_UNREAD: DurationMs = 30 * SECOND;

/** Where a stream goes: an answer of Node.js. */
export interface Reader extends Unread {
  /** @param done called once the connection has taken the message */
  write(message: Uint8Array, done?: () => void): unknown;
}

export interface StreamParts {
  readonly clock: Clock;
  readonly feed: LiveFeed;
  readonly reader: Reader;
  /** All answers that wait for their readers. */
  readonly unread: UnreadAnswers;
  /** Whether single probes are wanted. */
  readonly probes: boolean;
  /** Called when the reader is cut off because it does not read. */
  readonly onCutOff: () => void;
}

/**
 * One reader of a live feed; it is cut off when it does not read. What it has not read yet is kept here, because all readers of
 * a feed get the same messages: in a hundred connections, each would be kept a hundred times.
 */
export class LiveStream implements Listener, Unread {
  private readonly parts: StreamParts;
  readonly probes: boolean;
  private caughtUpAt: EpochMs;
  private isOpen = true;
  private readonly waiting: Uint8Array[] = [];
  private waitingLength = 0;
  private isWriting = false;

  constructor(parts: StreamParts) {
    this.parts = parts;
    this.probes = parts.probes;
    this.caughtUpAt = parts.clock.now();
  }

  /** @param lastEventId the last event that the reader has; null: it wants no earlier ones */
  open(lastEventId: number | null): void {
    this.parts.unread.add(this);
    this.parts.feed.join(this, lastEventId);
  }

  close(): void {
    this.isOpen = false;
    this.parts.unread.remove(this);
    this.parts.feed.leave(this);
  }

  get writableLength(): number {
    return this.parts.reader.writableLength + this.waitingLength;
  }

  /** Cuts the reader off. */
  readonly destroy = (): void => {
    if (!this.isOpen) return;
    this.close();
    this.parts.onCutOff();
    this.parts.reader.destroy();
  };

  write(message: Uint8Array): void {
    if (!this.isOpen) return;
    const { clock, unread } = this.parts;
    const backlog = this.writableLength;
    if (backlog === 0) this.caughtUpAt = clock.now();
    if (backlog > LONGEST_BACKLOG || clock.now() - this.caughtUpAt >= LONGEST_UNREAD) {
      this.destroy();
      return;
    }
    this.waiting.push(message);
    this.waitingLength += message.length;
    if (!this.isWriting) this.flush();
    if (backlog > 0) unread.makeRoom();
  }

  private flush(): void {
    const { reader } = this.parts;
    const messages = this.waiting.splice(0);
    const last = messages.pop();
    if (last === undefined) return;
    this.waitingLength = 0;
    this.isWriting = true;
    for (const message of messages) reader.write(message);
    reader.write(last, () => {
      this.isWriting = false;
      if (this.isOpen) this.flush();
    });
  }
}
