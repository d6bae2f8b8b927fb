import { SECOND, type EpochMs } from '../../core/time.ts';
import { type Cause, EVERY_CAUSE } from '../../core/verdict.ts';

/** How many probes of one instance are remembered for display. */
export const PROBE_HISTORY = 60;

const CODE_BY_CAUSE = new Map(EVERY_CAUSE.map((cause, code) => [cause, code]));
/** A gap is kept in tenths of a second, a duration in milliseconds; a longer one counts as the longest that fits. */
const GAP_UNIT = SECOND / 10;
const LONGEST = 0xffff;

/** Bytes of one probe: its cause, the gap since the one before, and how long it took. */
const BYTES = 5;

export interface PastProbe {
  readonly at: EpochMs;
  readonly cause: Cause;
  readonly seconds: number;
}

const ROW = PROBE_HISTORY * BYTES;
const ROWS_PER_PAGE = 256;

/** A row of bytes for one history. */
export interface ProbeRow {
  readonly bytes: Uint8Array;
  /** Where it begins. */
  readonly start: number;
}

/** The histories of a fleet share pages of bytes: an array for each would double the cost. */
export class ProbeRows {
  private page = new Uint8Array(0);
  private next = 0;

  /** A row for one more instance, for the life of the process. */
  open(): ProbeRow {
    if (this.next === this.page.length) {
      // A fleet of one is not rare either.
      this.page = new Uint8Array(this.next === 0 ? ROW : ROWS_PER_PAGE * ROW);
      this.next = 0;
    }
    const start = this.next;
    this.next += ROW;
    return { bytes: this.page, start };
  }
}

/** The last probes of one instance, five bytes each, so that a hundred thousand instances can have them. */
export class ProbeHistory {
  private readonly bytes: Uint8Array;
  private readonly start: number;
  private count = 0;
  /** When the last one began; NaN: there is none. */
  protected newestAt: EpochMs = Number.NaN;

  constructor({ bytes, start }: ProbeRow) {
    this.bytes = bytes;
    this.start = start;
  }

  /** @param at when it began; not earlier than the previous one */
  push(at: EpochMs, cause: Cause, seconds: number): void {
    const gap = this.count === 0 ? 0 : Math.round((at - this.newestAt) / GAP_UNIT);
    const place = this.start + (this.count % PROBE_HISTORY) * BYTES;
    this.bytes[place] = CODE_BY_CAUSE.get(cause) ?? 0;
    this.write(place + 1, gap);
    this.write(place + 3, Math.round(seconds * SECOND));
    this.count += 1;
    this.newestAt = at;
  }

  /** Oldest first, at most PROBE_HISTORY. */
  list(): readonly PastProbe[] {
    const past: PastProbe[] = [];
    let at = this.newestAt;
    for (let index = this.count - 1; index >= Math.max(0, this.count - PROBE_HISTORY); index -= 1) {
      const place = this.start + (index % PROBE_HISTORY) * BYTES;
      const cause = EVERY_CAUSE[this.bytes[place] ?? 0];
      if (cause !== undefined) past.push({ at, cause, seconds: this.read(place + 3) / SECOND });
      at -= this.read(place + 1) * GAP_UNIT;
    }
    return past.reverse();
  }

  /** Puts earlier probes, oldest first, before those it has. */
  restore(earlier: readonly PastProbe[]): void {
    const since = this.list();
    this.count = 0;
    const first = since[0]?.at ?? Number.POSITIVE_INFINITY;
    for (const { at, cause, seconds } of [...earlier.filter((probe) => probe.at < first), ...since])
      this.push(at, cause, seconds);
  }

  private write(place: number, value: number): void {
    const held = Math.min(LONGEST, Math.max(0, value));
    this.bytes[place] = held & 0xff;
    this.bytes[place + 1] = held >> 8;
  }

  private read(place: number): number {
    return (this.bytes[place] ?? 0) | ((this.bytes[place + 1] ?? 0) << 8);
  }
}
