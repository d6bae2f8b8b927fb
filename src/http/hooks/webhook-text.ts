import { KIB, MIB, receivedText } from '../access/json-body.ts';
import { decodedBody, Unread } from './content-coding.ts';
import { boundaryOf, formFields } from './form-fields.ts';

/** What is left of a body without its media. */
const LONGEST_TEXT = MIB;
/** As much of a body as is looked through; it is never held as a whole. */
const LONGEST_WEBHOOK = 32 * MIB;
/** A longer run is a picture, a voice or a document. Ids, names and tokens are shorter. */
const LONGEST_RUN = 8 * KIB;

const PERCENT = 0x25;
/** How media are written within a text: the characters of base64, in both of its alphabets. */
const BASE64 = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_'));

const TOO_LONG = new Unread(
  413,
  'The body must not be longer than 32 MiB, and without pictures and other media than 1 MiB.',
);

/**
 * The body of a webhook, decompressed, without the rest of its media, which many gateways write into it as base64: of each run of such
 * characters the first 8 KiB are kept, so JSON remains JSON, and a form a form. One with files (`multipart/form-data`, WuzAPI)
 * becomes a form without them, see {@link webhookType}. What remains may have 1 MiB, and the body 32 MiB, also decompressed.
 *
 * @param declared `Content-Type` and `Content-Encoding`
 */
export async function webhookText(
  stream: AsyncIterable<Uint8Array> | null,
  { type = '', coding = '' }: { readonly type?: string; readonly coding?: string | undefined } = {},
): Promise<string | Unread> {
  const skim = new Skim(boundaryOf(type));
  try {
    const body = decodedBody(skim.counted(stream), coding, LONGEST_TEXT);
    const text = await receivedText(LONGEST_TEXT, skim.of(body));
    return skim.isTooLong || text === null ? TOO_LONG : text;
  } catch (error) {
    if (error instanceof Unread) return skim.isTooLong ? TOO_LONG : error;
    throw error;
  }
}

/** What its text is then declared as. */
export function webhookType(contentType: string): string {
  return boundaryOf(contentType) === null ? contentType : 'application/x-www-form-urlencoded';
}

/** Leaves out what goes beyond the beginning of a run, wherever the pieces of a stream begin and end. */
class Skim {
  /** Whether there was more than is looked through. */
  isTooLong = false;
  #run = 0;
  /** The beginning of a character as forms write it, such as `%2B`. */
  readonly #escape: number[] = [];
  readonly #boundary: string | null;

  /** @param boundary of the parts of the body; null: it has none */
  constructor(boundary: string | null) {
    this.#boundary = boundary;
  }

  async *of(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const counted = this.counted(stream);
    for await (const chunk of this.#boundary === null ? counted : formFields(counted, this.#boundary)) {
      yield this.#take(chunk);
    }
    yield Buffer.from(this.#escape);
  }

  /** As much of it as may be looked through. */
  async *counted(stream: AsyncIterable<Uint8Array> | null): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of stream ?? []) {
      size += chunk.length;
      this.isTooLong ||= size > LONGEST_WEBHOOK;
      if (this.isTooLong) return;
      yield chunk;
    }
  }

  #take(chunk: Uint8Array): Buffer {
    const kept = Buffer.allocUnsafe(chunk.length + this.#escape.length);
    let length = 0;
    for (const byte of chunk) {
      if (this.#escape.length > 0 || byte === PERCENT) {
        this.#escape.push(byte);
        if (this.#escape.length < 3) continue;
        const character = Number.parseInt(String.fromCharCode(...this.#escape.slice(1)), 16);
        if (this.#isKept(character)) for (const each of this.#escape) kept[length++] = each;
        this.#escape.length = 0;
      } else if (this.#isKept(byte)) kept[length++] = byte;
    }
    // A part of a piece would keep all of it in memory.
    return length === kept.length ? kept : Buffer.from(kept.subarray(0, length));
  }

  #isKept(character: number): boolean {
    this.#run = BASE64.has(character) ? this.#run + 1 : 0;
    return this.#run <= LONGEST_RUN;
  }
}
