/** Longer heads go to the parser as they are, which has its own limit. */
const LONGEST_HEAD = 16 * 1024;
/** Further informational answers are left to the parser, which refuses them: an endless row would keep us busy. */
const MOST_UNASKED = 32;
const BEGINNING = 'HTTP/1.';
/** Where the status of an answer ends: `HTTP/1.1 200`. */
const STATUS_END = 12;
const END = /\r?\n\r?\n/u;
const NOTHING = Buffer.alloc(0);

/**
 * Mends the head of the one answer on a connection, where undici's parser would refuse what is clear all the same (and
 * what other clients read): informational answers that nobody asked for are left out, equal lengths become one, a
 * length beside chunks goes (RFC 9112 section 6.3), and a bare line feed ends a line (section 2.2). Different lengths
 * stay, so that the parser refuses them.
 *
 * Only for connections that end after this answer: on others, such a head could hide the answer to somebody else.
 */
export class HeadMender {
  #pending = NOTHING;
  #unasked = 0;
  #isPast = false;

  /** Takes the next piece that came, and returns what the parser should get; empty while more is needed. */
  next(piece: Buffer): Buffer {
    if (this.#isPast) return piece;
    this.#pending = Buffer.concat([this.#pending, piece]);
    for (;;) {
      const text = this.#pending.toString('latin1', 0, LONGEST_HEAD);
      if (!BEGINNING.startsWith(text.slice(0, BEGINNING.length))) return this.#passOn(this.#pending);
      const end = END.exec(text);
      if (end === null) return text.length === LONGEST_HEAD ? this.#passOn(this.#pending) : NOTHING;
      const rest = this.#pending.subarray(end.index + end[0].length);
      const head = text.slice(0, end.index);
      if (!/^HTTP\/1\.[01] 1\d\d\b/u.test(head) || this.#unasked === MOST_UNASKED) {
        return this.#passOn(Buffer.concat([Buffer.from(`${mended(head)}\r\n\r\n`, 'latin1'), rest]));
      }
      // After a change of the protocol nothing else comes in HTTP. The parser refuses it, which says more than silence would.
      if (rest.length === 0 && / 101\b/u.test(head.slice(0, STATUS_END))) return this.#passOn(this.#pending);
      this.#unasked += 1;
      this.#pending = rest;
    }
  }

  #passOn(all: Buffer): Buffer {
    this.#isPast = true;
    this.#pending = NOTHING;
    return all;
  }
}

function mended(head: string): string {
  const lines = head.split(/\r?\n/u);
  const lengths = valuesOf(lines, 'content-length');
  const isChunked = valuesOf(lines, 'transfer-encoding').some((coding) => coding.toLowerCase() === 'chunked');
  const [length] = lengths;
  if (length !== undefined && (isChunked || new Set(lengths).size === 1)) {
    const others = lines.filter((line) => nameOf(line) !== 'content-length');
    if (isChunked) return others.join('\r\n');
    const framed = others.filter((line) => nameOf(line) !== 'transfer-encoding');
    return [...framed, `content-length: ${length}`].join('\r\n');
  }
  return lines.join('\r\n');
}

/** All members of a list that may stand in several lines. */
function valuesOf(lines: readonly string[], name: string): readonly string[] {
  const values = lines.flatMap((line) => (nameOf(line) === name ? line.slice(name.length + 1).split(',') : []));
  return values.map((value) => value.trim());
}

function nameOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(':'))).toLowerCase();
}
