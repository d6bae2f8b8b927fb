import { Readable, pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { HttpProblem } from '../problem.ts';

/** Why a body cannot be read, for its sender. */
export class Unread extends HttpProblem {
  readonly status: 400 | 413 | 415;

  constructor(status: Unread['status'], detail: string) {
    super(status, detail);
    this.status = status;
  }
}

/** Content codings, and how each is decoded. `deflate` is sent with and without the frame of zlib. */
const DECODERS = new Map<string, (beginning: Buffer) => Transform>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', (beginning) => ((beginning[0] ?? 0) % 16 === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
]);

/** Enough to see whether it is JSON. In bytes. */
const LOOKED_AT = 8;
/** What gateways say takes a tenth of its length at best; what is made for nothing but its length takes a thousandth. */
const MOST_TIMES = 20;

const NOT_KNOWN =
  'The body is compressed in a way that is not known here: send it with Content-Encoding: gzip, deflate or br, or without one.';
const NOT_AS_SAID =
  'The body cannot be decompressed as its Content-Encoding says: send it whole, or without that header.';

/**
 * A body as it was before it was compressed. What is JSON although a coding is named is left as it is: some proxies decode bodies
 * and leave the header, and some senders take it for that of the character set.
 *
 * @param coding the header `Content-Encoding`
 * @param allowance in bytes: it may become that much longer than 20 times what came
 * @throws Unread for an unknown coding (415), for what is not coded as it says (400), and for what becomes too long (413)
 */
export async function* decodedBody(
  stream: AsyncIterable<Uint8Array>,
  coding: string,
  allowance: number,
): AsyncGenerator<Uint8Array> {
  const named = coding.split(',').map((each) => each.trim().toLowerCase());
  const [only, ...others] = named.filter((each) => each !== '' && each !== 'identity');
  const incoming = new Incoming(stream);
  const beginning = only === undefined ? Buffer.alloc(0) : await incoming.beginning();
  if (beginning.length === 0 || (only !== 'br' && looksLikeJson(beginning))) {
    yield* incoming.all();
    return;
  }
  const decoder = others.length > 0 ? undefined : DECODERS.get(only ?? '');
  if (decoder === undefined) {
    await incoming.leave();
    throw new Unread(415, NOT_KNOWN);
  }
  let length = 0;
  for await (const piece of throughDecoder(incoming, decoder(beginning))) {
    length += piece.length;
    if (length > allowance + MOST_TIMES * incoming.length) {
      throw new Unread(413, 'The body becomes too long when it is decompressed.');
    }
    yield piece;
  }
}

async function* throughDecoder(incoming: Incoming, decoder: Transform): AsyncGenerator<Buffer> {
  const decoding = pipeline(Readable.from(incoming.all()), decoder, () => {
    // What it fails with is thrown below.
  });
  try {
    for await (const piece of decoding) yield piece as Buffer;
  } catch (error) {
    if (incoming.failed !== null) throw error;
    throw new Unread(400, NOT_AS_SAID);
  }
}

/** A stream of which the beginning is looked at before it is read. */
class Incoming {
  /** Bytes that came until now. */
  length = 0;
  /** What its sender, or the connection, failed with. */
  failed: unknown = null;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #first = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** Its first bytes; all of it where it is short. */
  async beginning(): Promise<Buffer> {
    while (this.#first.length < LOOKED_AT) {
      const next = await this.#pieces.next();
      if (next.done === true) break;
      this.#first = Buffer.concat([this.#first, next.value]);
    }
    return this.#first;
  }

  async *all(): AsyncGenerator<Uint8Array> {
    try {
      this.length = this.#first.length;
      if (this.length > 0) yield this.#first;
      for (;;) {
        const next = await this.#pieces.next();
        if (next.done === true) return;
        this.length += next.value.length;
        yield next.value;
      }
    } catch (error) {
      this.failed = error;
      throw error;
    } finally {
      await this.leave();
    }
  }

  /** Reads no further. */
  async leave(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/** Two of its characters, perhaps after a byte order mark, begin a compressed body in one of thousands at most. */
function looksLikeJson(beginning: Buffer): boolean {
  return /^(?:\u{ef}\u{bb}\u{bf})?\s*[[{][\s"[\]{}]/u.test(beginning.toString('latin1', 0, LOOKED_AT));
}
