import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { LogDestination } from './log.ts';

/** What lines are written to: a pipe, a terminal or a file. A write may take only a part. */
export interface OutputFile {
  /** Writes in the background. */
  readonly write: (bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void;
  /** Writes at once; throws what `write` would report. */
  readonly writeNow: (bytes: Buffer) => number;
  /** Calls `callback` when the process exits, for whatever reason. */
  readonly beforeExit: (callback: () => void) => void;
}

export interface LogOutputParts {
  readonly clock: Clock;
  readonly file: OutputFile;
  /** Called for lines that are lost. */
  readonly onDropped: (lines: number) => void;
  /** Called when everything that waited is written again after lines were lost. */
  readonly onWritable: (lost: number, reason: string) => void;
}

/** Characters that wait for a slow reader at most; what comes then is dropped. */
const LONGEST_BACKLOG = 4 * 1024 * 1024;
/** Characters that are written at once. */
const LONGEST_BATCH = 64 * 1024;
/** A reader that does not read is tried again after this. */
const RETRY_AFTER: DurationMs = 100;
/** A write that takes longer hangs, and another one would hang as well. */
const HANGS_AFTER: DurationMs = SECOND;
/** The reader is there, but takes nothing now. */
const BUSY: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EBUSY', 'EINTR']);

const BREAK = 0x0a;

interface Batch {
  /** What is not written yet. */
  left: Buffer;
  readonly lines: number;
  readonly since: EpochMs;
}

/**
 * Writes lines in the background, so that neither a full disk nor a reader that is slow, stalled or gone stops anything
 * else. Lines that cannot be written are dropped and counted, and the next ones are tried again. Never throws.
 */
export class LogOutput implements LogDestination {
  private readonly parts: LogOutputParts;
  private waiting: string[] = [];
  private waitingLength = 0;
  private batch: Batch | null = null;
  /** The last line that was written is cut off. */
  private torn = false;
  private lost = 0;
  private reason = '';
  private whenIdle: (() => void)[] = [];

  constructor(parts: LogOutputParts) {
    this.parts = parts;
    parts.file.beforeExit(() => this.writeRest());
  }

  write(line: string): void {
    if (this.waitingLength + line.length > LONGEST_BACKLOG) {
      this.drop(1, 'the reader of the log is too slow, or has stopped reading');
      return;
    }
    this.waiting.push(line);
    this.waitingLength += line.length;
    if (this.batch === null) this.writeNext();
  }

  /** Resolves when everything is written or dropped, or after `longest`. */
  async flush(longest: DurationMs): Promise<void> {
    if (this.batch === null) return;
    const idle = new AbortController();
    this.whenIdle.push(() => idle.abort());
    await sleep(this.parts.clock, longest, idle.signal);
  }

  /** Writes what the file takes at once. */
  private writeRest(): void {
    const { clock, file } = this.parts;
    if (this.batch !== null && clock.now() - this.batch.since >= HANGS_AFTER) return;
    try {
      // A write that has begun is completed while the process exits.
      for (let next = this.nextBatch(); next !== null; next = this.nextBatch()) {
        while (next.left.length > 0) {
          const written = file.writeNow(next.left);
          if (written === 0) return;
          next.left = next.left.subarray(written);
        }
      }
    } catch {
      // Nobody is left who could count the rest.
    }
  }

  private nextBatch(): Batch | null {
    let text = this.torn ? '\n' : '';
    let lines = 0;
    for (const line of this.waiting) {
      if (lines > 0 && text.length + line.length > LONGEST_BATCH) break;
      text += line;
      lines += 1;
    }
    if (lines === 0) return null;
    for (const line of this.waiting.splice(0, lines)) this.waitingLength -= line.length;
    return { left: Buffer.from(text), lines, since: this.parts.clock.now() };
  }

  private writeNext(): void {
    this.batch = this.nextBatch();
    if (this.batch === null) for (const resolve of this.whenIdle.splice(0)) resolve();
    else this.writeBatch(this.batch);
  }

  private writeBatch(batch: Batch): void {
    this.parts.file.write(batch.left, (error, written) => {
      if (written > 0) this.torn = batch.left[written - 1] !== BREAK;
      batch.left = batch.left.subarray(written);
      if (BUSY.has(error?.code) || (error === null && written === 0)) {
        this.parts.clock.after(RETRY_AFTER, () => this.writeBatch(batch));
      } else if (error !== null) {
        this.drop(Math.min(linesIn(batch.left), batch.lines), error.message);
        this.writeNext();
      } else if (batch.left.length > 0) {
        this.writeBatch(batch);
      } else {
        this.writeNext();
        if (this.batch === null) this.reportLost();
      }
    });
  }

  private drop(lines: number, reason: string): void {
    this.lost += lines;
    this.reason = reason;
    this.parts.onDropped(lines);
  }

  private reportLost(): void {
    const { lost, reason } = this;
    if (lost === 0) return;
    this.lost = 0;
    this.parts.onWritable(lost, reason);
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (const byte of bytes) if (byte === BREAK) lines += 1;
  return lines;
}
