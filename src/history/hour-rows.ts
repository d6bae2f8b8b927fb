import { EMPTY, recorded, TIME_CLASSES, type Bucket, type TimeClass } from './bucket.ts';
import { SECONDS_OF_HOUR } from './instance-history.ts';

/**
 * A row is as long as a line of the processor's cache, and begins with what each probe needs: since when it is counted, in
 * which hour, as what, and the answers of each of its two hours with their milliseconds. Then come, for each hour, the
 * seconds by class, the seconds unwatched, restarts, healings, and seconds to heal. Each place counts in units of its kind.
 */
const ROW_BYTES = 64;
const [SINCE, HOUR] = [0, 1] as const;
const CLASS = 8;
const ANSWERS = 5;
const LATENCIES = 4;
const COUNTS = 12;
const [NOT_WATCHED, RESTARTS, HEALINGS, HEAL_SECONDS] = [5, 6, 7, 8] as const;
const FIELDS = 9;
const LARGEST = 0xffff;
/** The current hour and the one before, which waits to be written. */
const SLOTS = 2;
const CLASS_CODES = new Map(TIME_CLASSES.map((each, code) => [each, code]));

/**
 * What happens to each instance in this hour and the last, in one piece of memory for all of them: a hundred thousand
 * instances take six megabytes. Times are whole seconds since 1970.
 */
export class HourRows {
  private readonly free: number[] = [];
  private size = 0;
  /** The same memory, by kinds of numbers. */
  private bytes = new Uint8Array(0);
  private halves = new Uint16Array(0);
  private words = new Uint32Array(0);
  private floats = new Float32Array(0);

  /** A row for an instance that is watched from now on, or, as null, not yet. */
  open(now: number, as: TimeClass | null): number {
    const row = this.free.pop() ?? this.size++;
    if (row * ROW_BYTES >= this.bytes.length) this.grow(Math.max(16, 2 * row));
    this.bytes.fill(0, row * ROW_BYTES, (row + 1) * ROW_BYTES);
    this.words[word(row, SINCE)] = now;
    this.words[word(row, HOUR)] = Math.floor(now / SECONDS_OF_HOUR);
    this.bytes[row * ROW_BYTES + CLASS] = codeOf(as);
    return row;
  }

  close(row: number): void {
    this.free.push(row);
  }

  /** What it is from now on; null: not watched. */
  become(row: number, now: number, as: TimeClass | null): void {
    const code = codeOf(as);
    const place = row * ROW_BYTES + CLASS;
    // The usual probe changes nothing.
    if (this.bytes[place] === code) return;
    this.advance(row, now);
    this.bytes[place] = code;
  }

  /** An answer of the gateway after this many milliseconds. */
  answered(row: number, now: number, milliseconds: number): void {
    // The usual probe is in the hour of the last, and the time that passed is counted when something changes.
    if (now >= (this.hourOf(row) + 1) * SECONDS_OF_HOUR) this.advance(row, now);
    const slot = this.slotOf(row);
    this.add(half(row, ANSWERS) + slot, 1);
    const place = word(row, LATENCIES) + slot;
    this.floats[place] = (this.floats[place] ?? 0) + milliseconds;
  }

  restarted(row: number, now: number): void {
    this.advance(row, now);
    this.add(this.countAt(row, this.slotOf(row), RESTARTS), 1);
  }

  healed(row: number, now: number, seconds: number): void {
    this.advance(row, now);
    const slot = this.slotOf(row);
    this.add(this.countAt(row, slot, HEALINGS), 1);
    this.add(this.countAt(row, slot, HEAL_SECONDS), Math.round(seconds));
  }

  /** Counts the time until now; an hour that is not written when the next but one begins is lost. */
  advance(row: number, now: number): void {
    for (;;) {
      const hour = this.hourOf(row);
      const end = (hour + 1) * SECONDS_OF_HOUR;
      const since = this.words[word(row, SINCE)] ?? 0;
      const until = Math.min(now, end);
      if (until > since) this.pass(row, until - since);
      this.words[word(row, SINCE)] = until;
      if (now < end) return;
      this.turn(row, now - end > SECONDS_OF_HOUR ? Math.floor(now / SECONDS_OF_HOUR) - 1 : hour + 1);
    }
  }

  /** What is not written yet of an hour, counted from 1970. */
  peek(row: number, hour: number): Bucket {
    const current = this.hourOf(row);
    if (hour !== current && hour !== current - 1) return EMPTY;
    const slot = hour % SLOTS;
    const at = (field: number): number => this.halves[this.countAt(row, slot, field)] ?? 0;
    const answers = this.halves[half(row, ANSWERS) + slot] ?? 0;
    return {
      healthy: at(0),
      failing: at(1),
      needsHuman: at(2),
      unknown: at(3),
      paused: at(4),
      restarts: at(RESTARTS),
      healings: at(HEALINGS),
      healSeconds: at(HEAL_SECONDS),
      latency: answers === 0 ? null : (this.floats[word(row, LATENCIES) + slot] ?? 0) / answers,
    };
  }

  /** Seconds of an hour that this process was there for, the unwatched ones included. */
  covered(row: number, hour: number): number {
    const bucket = this.peek(row, hour);
    if (bucket === EMPTY) return 0;
    return recorded(bucket) + (this.halves[this.countAt(row, hour % SLOTS, NOT_WATCHED)] ?? 0);
  }

  /** An hour is written. */
  written(row: number, hour: number): void {
    this.clear(row, hour % SLOTS);
  }

  isWatched(row: number): boolean {
    return this.bytes[row * ROW_BYTES + CLASS] !== NOT_WATCHED;
  }

  private turn(row: number, hour: number): void {
    const before = this.hourOf(row);
    this.words[word(row, HOUR)] = hour;
    this.words[word(row, SINCE)] = hour * SECONDS_OF_HOUR;
    this.clear(row, hour % SLOTS);
    // After a leap, the hour before is not the one that was counted.
    if (hour !== before + 1) this.clear(row, (hour + 1) % SLOTS);
  }

  private pass(row: number, seconds: number): void {
    const code = this.bytes[row * ROW_BYTES + CLASS] ?? NOT_WATCHED;
    this.add(this.countAt(row, this.slotOf(row), code), seconds);
  }

  private hourOf(row: number): number {
    return this.words[word(row, HOUR)] ?? 0;
  }

  private slotOf(row: number): number {
    return this.hourOf(row) % SLOTS;
  }

  private countAt(row: number, slot: number, field: number): number {
    return half(row, COUNTS) + slot * FIELDS + field;
  }

  private add(place: number, amount: number): void {
    this.halves[place] = Math.min(LARGEST, (this.halves[place] ?? 0) + amount);
  }

  private clear(row: number, slot: number): void {
    const first = this.countAt(row, slot, 0);
    this.halves.fill(0, first, first + FIELDS);
    this.halves[half(row, ANSWERS) + slot] = 0;
    this.floats[word(row, LATENCIES) + slot] = 0;
  }

  private grow(rows: number): void {
    const bytes = new Uint8Array(rows * ROW_BYTES);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.halves = new Uint16Array(bytes.buffer);
    this.words = new Uint32Array(bytes.buffer);
    this.floats = new Float32Array(bytes.buffer);
  }
}

function half(row: number, place: number): number {
  return (row * ROW_BYTES) / Uint16Array.BYTES_PER_ELEMENT + place;
}

/** Of whole numbers and of floating ones, which are as long. */
function word(row: number, place: number): number {
  return (row * ROW_BYTES) / Uint32Array.BYTES_PER_ELEMENT + place;
}

function codeOf(as: TimeClass | null): number {
  return as === null ? NOT_WATCHED : (CLASS_CODES.get(as) ?? NOT_WATCHED);
}
