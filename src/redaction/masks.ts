import type { JsonValue } from '../core/instance/instance.ts';
import { cleanData, cleanLines, cleanText } from './clean-text.ts';
import { looksSecret } from './looks-secret.ts';
import { maskNamedValues } from './named-values.ts';
import { MASK, SecretFinder } from './secret-finder.ts';
import { secretParts } from './secret-parts.ts';

/** A secret must have this length to be masked among our words: this where it looks like none of them, … */
const SHORTEST_UNLIKE = 6;
/** … this where it is made of more than lower case, … */
const SHORTEST_MIXED = 12;
/** … and this anyway. */
const LONGEST_WORD = 24;

/**
 * Masks whatever must not be shown. A secret is found as it is, in either case, in reverse, in base64, base32 and hex, also in two of
 * these at once, with the escapes of URLs, JSON and HTML, and with blanks in between; and so is each part of it that grants access by
 * itself.
 */
export class Masks {
  readonly #secrets: () => readonly string[];
  #known: readonly string[] = [];
  #outside = new SecretFinder([]);
  #lines = new SecretFinder([]);
  /** What was masked already, as long as the secrets stay the same. */
  #masked = new WeakMap<object, unknown>();

  /** @param secrets read at each use, because a reload may change them; the same list means the same secrets */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** A text that somebody outside wrote: clean, without any secret, and without values that are secret by their name. */
  outside(text: string): string {
    this.#follow();
    return maskNamedValues(this.#outside.mask(cleanText(text)));
  }

  /** A text with words of our own: a secret that may be one of them, such as "open", is left in it. */
  line(text: string): string {
    this.#follow();
    return this.#lines.mask(text);
  }

  /** An answer from outside that was kept: when it came, the secrets of today may not have been known. */
  body(body: JsonValue): JsonValue {
    return typeof body === 'object' && body !== null
      ? this.#remembered(body, () => this.#body(body))
      : this.#body(body);
  }

  /** Plain data with words of our own, such as an event: every text in it clean, and masked as a line. */
  data<T extends object>(data: T): T {
    const shown = (): T => cleanData(data, (text) => this.line(cleanLines(text))) as T;
    return this.#remembered(data, shown);
  }

  #body(body: JsonValue): JsonValue {
    if (typeof body === 'number') return this.outside(String(body)) === MASK ? MASK : body;
    if (typeof body === 'string') return this.outside(body);
    if (typeof body !== 'object' || body === null) return body;
    if (Array.isArray(body)) return body.map((item: JsonValue) => this.#body(item));
    const entries = Object.entries<JsonValue>(body);
    return Object.fromEntries(entries.map(([key, value]) => [this.outside(key), this.#body(value)]));
  }

  #remembered<R>(of: object, make: () => R): R {
    this.#follow();
    const known = this.#masked.get(of);
    if (known !== undefined) return known as R;
    const made = make();
    this.#masked.set(of, made);
    return made;
  }

  #follow(): void {
    const now = this.#secrets();
    if (now === this.#known || (now.length === 0 && this.#known.length === 0)) return;
    this.#known = now;
    const parts = [...new Set(now.flatMap(secretParts))];
    this.#outside = new SecretFinder(parts);
    this.#lines = new SecretFinder(parts.filter(isUnlikeOurWords));
    this.#masked = new WeakMap();
  }
}

/** Our words are lower case, perhaps joined by `_` or `-`; our numbers are times and amounts; names are given by people. */
function isUnlikeOurWords(secret: string): boolean {
  if (secret.length < SHORTEST_UNLIKE || /^[\d.:TZ+-]+$/.test(secret)) return false;
  if (secret.length >= LONGEST_WORD || looksSecret(secret)) return true;
  return secret.length >= SHORTEST_MIXED && !/^[a-z_-]+$/.test(secret);
}
