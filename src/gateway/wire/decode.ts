import zlib from 'node:zlib';
import { TROUBLES } from '../../core/trouble.ts';
import { ANSWER_LIMIT, type Answer } from '../answers/answer.ts';

type Decoder = (body: Buffer, options: zlib.ZlibOptions) => Buffer;

const gunzip: Decoder = (body, options) => zlib.gunzipSync(body, options);

/** Content codings, and how each is decoded. `deflate` is sent with and without the frame of zlib. */
const DECODERS = new Map<string, Decoder>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', (body, options) => ((body[0] ?? 0) % 16 === 8 ? zlib.inflateSync : zlib.inflateRawSync)(body, options)],
  ['br', (body, { maxOutputLength }) => zlib.brotliDecompressSync(body, maxOutputLength ? { maxOutputLength } : {})],
  ...zstd(),
]);

/** Node.js has it since 22.15. */
function zstd(): [string, Decoder][] {
  const decode: unknown = Reflect.get(zlib, 'zstdDecompressSync');
  return typeof decode === 'function' ? [['zstd', decode as Decoder]] : [];
}

/** How gzip begins (RFC 1952 section 2.3.1). */
const GZIP = [0x1f, 0x8b] as const;

/** Nobody codes more often than this. */
const MOST_CODINGS = 3;

/**
 * An answer whose body came in a content coding although none was wanted, decoded as far as `limit`. What cannot be
 * decoded says so (`undecoded`), because it says nothing about the instance.
 *
 * @param coding the header `Content-Encoding`
 * @param limit in bytes
 */
export function decoded(answer: Answer, coding: string | null, limit: number = ANSWER_LIMIT): Answer {
  const { body, truncated } = answer;
  if (truncated || !Buffer.isBuffer(body) || body.length === 0) return answer;
  if (coding === null && body[0] !== GZIP[0]) return answer;
  const codings = codingsOf(coding, body);
  if (codings.length === 0) return answer;
  let left: Buffer = body;
  for (const each of codings.toReversed()) {
    const decoder = DECODERS.get(each);
    if (decoder === undefined || codings.length > MOST_CODINGS) return asItIs(answer, left);
    try {
      left = decoder(left, { maxOutputLength: limit });
    } catch (error) {
      if (isTooLong(error)) return { ...answer, truncated: true };
      return asItIs(answer, left);
    }
  }
  return { ...answer, body: left };
}

/** A header that claims a coding which is not there is passed over, such as `Content-Encoding: utf-8`. */
function asItIs(answer: Answer, body: Buffer): Answer {
  return looksLikeJson(body) ? { ...answer, body } : { ...answer, undecoded: TROUBLES.undecodable.detail };
}

function codingsOf(header: string | null, body: Buffer): readonly string[] {
  const named = (header ?? '').split(',').map((each) => each.trim().toLowerCase());
  const codings = named.filter((each) => each !== '' && each !== 'identity');
  // Some proxies lose the header, but no JSON begins like this.
  const isBareGzip = codings.length === 0 && body[0] === GZIP[0] && body[1] === GZIP[1];
  return isBareGzip ? ['gzip'] : codings;
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function looksLikeJson(body: Buffer): boolean {
  return /^\s*[[{]/u.test(body.toString('latin1', 0, 64));
}
