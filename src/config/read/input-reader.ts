import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { expandPattern, type Matches } from './include-pattern.ts';
import { LONGEST_FILE, readContent } from './read-file.ts';

/** All files together. */
const MOST_BYTES = 2 * LONGEST_FILE;
const NOT_TEXT = 'Save it as UTF-8, without anything that is not text.';

/** What a file says, or why it cannot be read; with a remedy where its name is not what is wrong. */
type Read = { readonly text: string } | { readonly mistake: string; readonly remedy?: string };

/** Reads what a configuration consists of, each file once, and knows the fingerprint of all that it read. */
export class InputReader {
  /** Many accounts may name one file, such as that of their authorities. */
  readonly #reads = new Map<string, Promise<Read>>();
  readonly #digests = new Map<string, string>();
  readonly #matches: Matches[] = [];
  readonly #most: number;
  #left: number;

  /** @param most how many bytes all files together may have */
  constructor(most = MOST_BYTES) {
    this.#most = most;
    this.#left = most;
  }

  /** The text of a file, or why it cannot be read. Never rejects. */
  text(file: string): Promise<Read> {
    const path = resolve(file);
    const read = this.#reads.get(path) ?? this.#read(path);
    this.#reads.set(path, read);
    return read;
  }

  /** The files that a pattern of `include` matches; to be called for each pattern in its order. */
  async matches(folder: string, pattern: string): Promise<Matches> {
    const matches = await expandPattern(folder, pattern);
    this.#matches.push(matches);
    return matches;
  }

  /** What `fingerprintOf` gives as long as reading everything again would find the same. */
  get fingerprint(): string {
    return fingerprint(this.#matches, this.#digests);
  }

  async #read(path: string): Promise<Read> {
    const content = await readContent(path);
    this.#digests.set(path, content.digest);
    if ('mistake' in content) return content;
    this.#left -= content.bytes.length;
    if (this.#left < 0) return { mistake: `is too much: all files together may have ${this.#most / 1024 ** 2} MiB` };
    return decodeText(content.bytes);
  }
}

/** The digest of which files there are, and of what each holds. */
export function fingerprint(matches: readonly Matches[], digests: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(JSON.stringify(matches));
  for (const entry of [...digests].sort(([one], [other]) => (one < other ? -1 : 1))) hash.update(JSON.stringify(entry));
  return hash.digest('base64url');
}

/** The text of a file, or what it is instead of UTF-8. A byte order mark, as Windows and spreadsheets write it, is dropped. */
function decodeText(bytes: Buffer): Read {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { mistake: 'is UTF-16', remedy: NOT_TEXT };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? { mistake: 'holds NUL characters, so it may be UTF-16', remedy: NOT_TEXT } : { text };
  } catch {
    return { mistake: 'is not UTF-8 text', remedy: NOT_TEXT };
  }
}
