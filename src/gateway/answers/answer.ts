import { DAY, SECOND } from '../../core/time.ts';
import type { DurationMs } from '../../core/time.ts';

/** At most this many bytes of an answer's body are read. */
export const ANSWER_LIMIT = 64 * 1024;

/** An HTTP answer as it came, bounded and otherwise untouched. */
export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  readonly body: Uint8Array | string;
  /** The body was longer than `ANSWER_LIMIT`; the part that was read cannot be trusted. */
  readonly truncated: boolean;
}

/** The JSON of an answer, or why there is none. */
export type ParsedBody =
  | { readonly json: true; readonly value: unknown }
  /** `isPage`: it is a web page, which no gateway answers with. */
  | { readonly json: false; readonly isPage: boolean; readonly why: string };

/**
 * Reads the body as JSON. It is read as UTF-8, whatever the content type (RFC 8259 section 8.1), a byte order
 * mark is skipped, and bytes that are no UTF-8 become U+FFFD, so that one odd name does not hide the state.
 */
export function parseBody(answer: Answer): ParsedBody {
  if (answer.truncated) {
    return { json: false, isPage: false, why: `the answer is longer than ${ANSWER_LIMIT / 1024} KiB` };
  }
  const text = bodyText(answer);
  try {
    return { json: true, value: JSON.parse(text) as unknown };
  } catch {
    return { json: false, ...whyNoJson(text, answer.contentType) };
  }
}

export function bodyText(answer: Answer): string {
  const { body } = answer;
  const text = typeof body === 'string' ? body : asBuffer(body).toString('utf8');
  return text.startsWith('\u{feff}') ? text.slice(1) : text;
}

function asBuffer(body: Uint8Array): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function whyNoJson(text: string, contentType: string | null): { readonly isPage: boolean; readonly why: string } {
  if (text.trim() === '') return { isPage: false, why: 'the answer is empty' };
  const isPage = /^\s*</u.test(text) || /html/iu.test(contentType ?? '');
  return { isPage, why: isPage ? 'the answer is a web page, not JSON' : 'the answer is not valid JSON' };
}

/**
 * The wait that a `Retry-After` header asks for, at most a day. Only seconds are understood; an HTTP date (the other
 * form that RFC 9110 section 10.2.3 allows) counts as no header, because it would have to be compared with our own clock.
 */
export function parseRetryAfter(header: string | null): DurationMs | null {
  if (header === null || !/^\s*\d+\s*$/u.test(header)) return null;
  return Math.min(Number(header) * SECOND, DAY);
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
