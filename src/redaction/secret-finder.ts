import { rarerReadings, readingsOf, type Reading } from './readings.ts';
import { lowerCase, writtenForms, type WrittenForm } from './written-forms.ts';

/** Stands in the place of what is not shown. */
export const MASK = '***';

/** In a text without its blanks, shorter secrets would be found by chance. */
const SHORTEST_JOINED = 8;

type Range = readonly [from: number, to: number];

/** Four characters are looked up at once. */
const GRAM = 4;
const SLOTS = 1 << 16;

/** Finds all forms of many secrets in a text, in a time that does not depend on how many there are. */
export class SecretFinder {
  readonly #forms = new Map<number, WrittenForm[]>();
  /** Whether a form begins with four characters of this hash; most characters of a text are passed by it. */
  readonly #isBeginning = new Uint8Array(SLOTS);
  /** Forms of fewer than four characters. */
  readonly #short: string[] = [];

  constructor(secrets: readonly string[]) {
    for (const form of secrets.flatMap(writtenForms)) {
      if (form.text.length < GRAM) {
        this.#short.push(form.text);
        continue;
      }
      const hash = hashAt(form.text, 0);
      this.#isBeginning[hash] = 1;
      const others = this.#forms.get(hash);
      if (others === undefined) this.#forms.set(hash, [form]);
      else others.push(form);
    }
  }

  mask(text: string): string {
    if (this.#forms.size === 0 && this.#short.length === 0) return text;
    const found = [...readingsOf(text), ...rarerReadings(text)].flatMap((reading) => this.#find(reading));
    return found.length === 0 ? text : masked(text, found);
  }

  #find(reading: Reading): Range[] {
    const text = lowerCase(reading.text);
    const found: Range[] = [];
    const { joined } = reading;
    const add = (from: number, to: number): void => {
      found.push(reading.original(from, to));
    };
    for (let at = 0; at + GRAM <= text.length; at += 1) {
      const hash = hashAt(text, at);
      if (this.#isBeginning[hash] === 0) continue;
      for (const form of this.#forms.get(hash) ?? []) {
        if ((joined && form.text.length < SHORTEST_JOINED) || !text.startsWith(form.text, at)) continue;
        // The rest of the base64 is the secret's end, or what belongs to it, such as the user name.
        if (form.kind === 'base64' && !joined) add(...aroundBase64(text, at, at + form.text.length));
        else add(at, at + form.text.length);
      }
    }
    if (joined) return found;
    for (const form of this.#short) {
      for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) add(at, at + form.length);
    }
    return found;
  }
}

function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let next = at; next < at + GRAM; next += 1) hash = (hash * 31 + text.charCodeAt(next)) & (SLOTS - 1);
  return hash;
}

function aroundBase64(text: string, from: number, to: number): Range {
  let [start, end] = [from, to];
  while (start > 0 && /[a-z0-9+/_-]/.test(text.charAt(start - 1))) start -= 1;
  while (end < text.length && /[a-z0-9+/_=-]/.test(text.charAt(end))) end += 1;
  return [start, end];
}

/** Ranges that touch or overlap become one mask. */
function masked(text: string, ranges: readonly Range[]): string {
  let result = '';
  let done = 0;
  let end = -1;
  for (const [from, to] of [...ranges].sort(([one], [other]) => one - other)) {
    if (from > end) {
      result += text.slice(done, from) + MASK;
    }
    end = Math.max(end, to);
    done = end;
  }
  return result + text.slice(done);
}
