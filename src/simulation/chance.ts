/**
 * A small generator of pseudo-random numbers (sfc32 by Chris Doty-Humphrey): the same seed gives the same numbers
 * everywhere, so a random run can be repeated.
 */
export class Chance {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seed any integer; the low 32 bits count */
  constructor(seed: number) {
    this.a = seed | 0;
    this.b = Math.imul(seed, 0x9e3779b9) ^ 0x5bd1e995;
    this.c = ~seed;
    // The first numbers of neighbouring seeds resemble each other.
    for (let turn = 0; turn < 12; turn += 1) this.next();
  }

  /** 0 up to, but not including, 1. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** Whether something of this probability, 0 to 1, happens. */
  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** A number from `low` up to, but not including, `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** One of the items, all equally likely. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from: the list is empty');
    return item;
  }

  /** A generator of its own, so that one part's draws do not change another part's. */
  fork(): Chance {
    return new Chance(Math.floor(this.next() * 2 ** 32));
  }
}
