import type { ConfigPath } from '../problems.ts';

/** Where a value stands, and where a reader would look for it: at its key, or at itself in a list. */
export interface JsonPlace {
  readonly offset: number;
  readonly keyOffset: number;
}

/**
 * Finds places in a text that JSON.parse has accepted. Only asked when there is something to tell of a place, and quick
 * enough then for a list of a hundred thousand.
 */
export class JsonPlaces {
  readonly #text: string;
  /** Offsets of the items of lists, by the offset of the list. */
  readonly #items = new Map<number, readonly number[]>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The place of `path`, or the nearest one above it that exists. */
  find(path: ConfigPath): JsonPlace {
    const start = this.#skipBlanks(0);
    let found: JsonPlace = { offset: start, keyOffset: start };
    for (const part of path) {
      const next = typeof part === 'number' ? this.#item(found.offset, part) : this.#member(found.offset, part);
      if (next === null) break;
      found = next;
    }
    const isNested = this.#text[found.offset] === '{' || this.#text[found.offset] === '[';
    return isNested ? { ...found, offset: found.keyOffset } : found;
  }

  #item(list: number, index: number): JsonPlace | null {
    if (this.#text[list] !== '[') return null;
    const items = this.#items.get(list) ?? this.#itemsOf(list);
    this.#items.set(list, items);
    const offset = items[index];
    return offset === undefined ? null : { offset, keyOffset: offset };
  }

  #itemsOf(list: number): readonly number[] {
    const items: number[] = [];
    let at = this.#skipBlanks(list + 1);
    while (this.#text[at] !== ']') {
      items.push(at);
      at = this.#skipComma(this.#endOf(at));
    }
    return items;
  }

  #member(object: number, name: string): JsonPlace | null {
    if (this.#text[object] !== '{') return null;
    let at = this.#skipBlanks(object + 1);
    while (this.#text[at] !== '}') {
      const end = this.#endOfString(at);
      const colon = this.#skipBlanks(end);
      const offset = this.#skipBlanks(colon + 1);
      if (JSON.parse(this.#text.slice(at, end)) === name) return { offset, keyOffset: at };
      at = this.#skipComma(this.#endOf(offset));
    }
    return null;
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (/\s/.test(this.#text[at] ?? '.')) at += 1;
    return at;
  }

  #skipComma(from: number): number {
    const at = this.#skipBlanks(from);
    return this.#text[at] === ',' ? this.#skipBlanks(at + 1) : at;
  }

  #endOf(from: number): number {
    if (this.#text[from] === '"') return this.#endOfString(from);
    let depth = 0;
    for (let at = from; at < this.#text.length; at += 1) {
      const character = this.#text[at];
      if (character === '"') at = this.#endOfString(at) - 1;
      else if (character === '{' || character === '[') depth += 1;
      else if (character === '}' || character === ']') {
        depth -= 1;
        // A plain value ends where what holds it ends.
        if (depth <= 0) return depth < 0 ? at : at + 1;
      } else if (depth === 0 && (character === ',' || /\s/.test(character ?? ''))) return at;
    }
    return this.#text.length;
  }

  #endOfString(from: number): number {
    return endOfJsonString(this.#text, from);
  }
}

/** The offset behind the string that begins at `from` with its quote. */
export function endOfJsonString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
