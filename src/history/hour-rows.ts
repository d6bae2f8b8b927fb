import { EMPTY, recorded, TIME_CLASSES, type Bucket, type TimeClass } from './bucket.ts';
import { SECONDS_OF_HOUR } from './instance-history.ts';

/** Numbers of an hour: seconds by class, seconds unwatched, restarts, healings, seconds to heal, and answers. */
const [NOT_WATCHED, RESTARTS, HEALINGS, HEAL_SECONDS, ANSWERS] = [5, 6, 7, 8, 9] as const;
const FIELDS = 10;
const LARGEST = 0xffff;
/** The current hour and the one before, which waits to be written. */
const SLOTS = 2;
const CLASS_CODES = new Map(TIME_CLASSES.map((each, code) => [each, code]));

/**
 * What happens to each instance in this hour and the last, 57 bytes each, in a few arrays for all of them: a hundred
 * thousand instances take six megabytes. Times are whole seconds since 1970.
 */
export class HourRows {
  private readonly free: number[] = [];
  private size = 0;
  private since = new Uint32Array(0);
  private classes = new Uint8Array(0);
  private hours = new Uint32Array(0);
  private counts = new Uint16Array(0);
  /** Milliseconds of all answers, by slot. */
  private latencies = new Float32Array(0);

  /** A row for an instance that is watched from now on, or, as null, not yet. */
  open(now: number, as: TimeClass | null): number {
    const row = this.free.pop() ?? this.size++;
    if (row >= this.since.length) this.grow(Math.max(16, 2 * row));
    this.since[row] = now;
    this.classes[row] = codeOf(as);
    this.hours[row] = Math.floor(now / SECONDS_OF_HOUR);
    this.counts.fill(0, row * SLOTS * FIELDS, (row + 1) * SLOTS * FIELDS);
    this.latencies.fill(0, row * SLOTS, (row + 1) * SLOTS);
    return row;
  }

  close(row: number): void {
    this.free.push(row);
  }

  /** What it is from now on; null: not watched. */
  become(row: number, now: number, as: TimeClass | null): void {
    const code = codeOf(as);
    // The usual probe changes nothing.
    if (this.classes[row] === code) return;
    this.advance(row, now);
    this.classes[row] = code;
  }

  /** An answer of the gateway after this many milliseconds. */
  answered(row: number, now: number, milliseconds: number): void {
    // The usual probe is in the hour of the last, and the time that passed is counted when something changes.
    if (now >= ((this.hours[row] ?? 0) + 1) * SECONDS_OF_HOUR) this.advance(row, now);
    const slot = row * SLOTS + this.slotOf(row);
    this.add(slot * FIELDS + ANSWERS, 1);
    this.latencies[slot] = (this.latencies[slot] ?? 0) + milliseconds;
  }

  restarted(row: number, now: number): void {
    this.advance(row, now);
    this.add((row * SLOTS + this.slotOf(row)) * FIELDS + RESTARTS, 1);
  }

  healed(row: number, now: number, seconds: number): void {
    this.advance(row, now);
    const first = (row * SLOTS + this.slotOf(row)) * FIELDS;
    this.add(first + HEALINGS, 1);
    this.add(first + HEAL_SECONDS, Math.round(seconds));
  }

  /** Counts the time until now; an hour that is not written when the next but one begins is lost. */
  advance(row: number, now: number): void {
    for (;;) {
      const hour = this.hours[row] ?? 0;
      const end = (hour + 1) * SECONDS_OF_HOUR;
      const since = this.since[row] ?? 0;
      const until = Math.min(now, end);
      if (until > since) this.pass(row, until - since);
      this.since[row] = until;
      if (now < end) return;
      this.turn(row, now - end > SECONDS_OF_HOUR ? Math.floor(now / SECONDS_OF_HOUR) - 1 : hour + 1);
    }
  }

  /** What is not written yet of an hour, counted from 1970. */
  peek(row: number, hour: number): Bucket {
    const current = this.hours[row] ?? 0;
    if (hour !== current && hour !== current - 1) return EMPTY;
    const slot = row * SLOTS + (hour % SLOTS);
    const at = (field: number): number => this.counts[slot * FIELDS + field] ?? 0;
    const answers = at(ANSWERS);
    return {
      healthy: at(0),
      failing: at(1),
      needsHuman: at(2),
      unknown: at(3),
      paused: at(4),
      restarts: at(RESTARTS),
      healings: at(HEALINGS),
      healSeconds: at(HEAL_SECONDS),
      latency: answers === 0 ? null : (this.latencies[slot] ?? 0) / answers,
    };
  }

  /** Seconds of an hour that this process was there for, the unwatched ones included. */
  covered(row: number, hour: number): number {
    const bucket = this.peek(row, hour);
    return bucket === EMPTY
      ? 0
      : recorded(bucket) + (this.counts[(row * SLOTS + (hour % SLOTS)) * FIELDS + NOT_WATCHED] ?? 0);
  }

  /** An hour is written. */
  written(row: number, hour: number): void {
    this.clear(row * SLOTS + (hour % SLOTS));
  }

  isWatched(row: number): boolean {
    return this.classes[row] !== NOT_WATCHED;
  }

  private turn(row: number, hour: number): void {
    const before = this.hours[row] ?? 0;
    this.hours[row] = hour;
    this.since[row] = hour * SECONDS_OF_HOUR;
    this.clear(row * SLOTS + (hour % SLOTS));
    // After a leap, the hour before is not the one that was counted.
    if (hour !== before + 1) this.clear(row * SLOTS + ((hour + 1) % SLOTS));
  }

  private pass(row: number, seconds: number): void {
    const code = this.classes[row] ?? NOT_WATCHED;
    this.add((row * SLOTS + this.slotOf(row)) * FIELDS + code, seconds);
  }

  private slotOf(row: number): number {
    return (this.hours[row] ?? 0) % SLOTS;
  }

  private add(place: number, amount: number): void {
    this.counts[place] = Math.min(LARGEST, (this.counts[place] ?? 0) + amount);
  }

  private clear(slot: number): void {
    this.counts.fill(0, slot * FIELDS, (slot + 1) * FIELDS);
    this.latencies[slot] = 0;
  }

  private grow(rows: number): void {
    this.since = enlarged(this.since, new Uint32Array(rows));
    this.classes = enlarged(this.classes, new Uint8Array(rows));
    this.hours = enlarged(this.hours, new Uint32Array(rows));
    this.counts = enlarged(this.counts, new Uint16Array(rows * SLOTS * FIELDS));
    this.latencies = enlarged(this.latencies, new Float32Array(rows * SLOTS));
  }
}

function codeOf(as: TimeClass | null): number {
  return as === null ? NOT_WATCHED : (CLASS_CODES.get(as) ?? NOT_WATCHED);
}

function enlarged<Numbers extends { set: (from: Numbers) => void }>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
