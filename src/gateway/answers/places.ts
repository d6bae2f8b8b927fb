/** Whatever is looked up at a place of an answer. */
export interface Placed {
  /** From the outermost to the innermost. */
  readonly keys: readonly string[];
}

/** The value at a place in parsed JSON; undefined: none. Only own properties count. */
export function valueAt(json: unknown, path: readonly string[]): unknown {
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The keys of a place; none for the empty place, which is the answer itself. */
export function keysOf(place: string): readonly string[] {
  return place === '' ? [] : place.split('.');
}

/** Bits that a number has for bitwise operators. */
const BITS = 32;
const EVERY_BIT = -1;

/**
 * Things that are looked up at places of answers. There are very many places, and an answer has few keys: each first key of a
 * place has a bit, an answer those of its keys, and what has none of them needs no look. Where there are more keys than
 * bits, some share one, and are looked up in vain.
 */
export class Places<Item extends Placed> {
  private readonly all: readonly Item[];
  private readonly bits = new Map<string, number>();
  /** The answers of a gateway are alike. */
  private last: { readonly bits: number; readonly items: readonly Item[] };

  constructor(items: readonly Item[]) {
    this.all = items;
    for (const [first] of items.map(({ keys }) => keys)) {
      if (first !== undefined && !this.bits.has(first)) this.bits.set(first, 1 << (this.bits.size % BITS));
    }
    this.last = { bits: EVERY_BIT, items };
  }

  /** Those that an answer may have something for, in their order. */
  in(json: unknown): readonly Item[] {
    const bits = this.bitsOf(json);
    if (bits !== this.last.bits) this.last = { bits, items: this.all.filter(({ keys }) => this.mayBe(keys, bits)) };
    return this.last.items;
  }

  private bitsOf(json: unknown): number {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return EVERY_BIT;
    let bits = 0;
    for (const key in json) bits |= this.bits.get(key) ?? 0;
    return bits;
  }

  /** The empty place is in every answer. */
  private mayBe([first]: readonly string[], bits: number): boolean {
    return first === undefined || ((this.bits.get(first) ?? 0) & bits) !== 0;
  }
}
