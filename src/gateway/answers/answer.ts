import { isUtf8 } from 'node:buffer';
import { DAY, SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { TROUBLES } from '../../core/trouble.ts';

/** At most this many bytes of an answer's body are read. */
export const ANSWER_LIMIT = 64 * 1024;

/** An HTTP answer as it came, bounded and otherwise untouched. */
export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  /** The methods that a route takes, where another one was used (RFC 9110 section 10.2.1). */
  readonly allow?: string | null;
  /** Where further pages of a list are (RFC 8288 section 3). */
  readonly link?: string | null;
  /** When it was made, by the clock of its sender if possible: dates in it are compared with this. */
  readonly answeredAt?: EpochMs | undefined;
  readonly body: Buffer | string;
  /** The body was longer than `ANSWER_LIMIT`; the part that was read cannot be trusted. */
  readonly truncated: boolean;
  /** Why the body could not be decoded; it cannot be read then. */
  readonly undecoded?: string;
}

/** What a body is that holds no JSON. A `page` or a `text` does not come from a gateway, which answers in JSON. */
export type NoJson = 'page' | 'text' | 'empty' | 'cut off' | 'no text' | 'too long';

/** The JSON of an answer, or why there is none. */
export type ParsedBody =
  | { readonly json: true; readonly value: unknown }
  | {
      readonly json: false;
      readonly is: NoJson;
      readonly why: string;
      /** What it says: the text, or the title of the page; untouched, and empty where it says nothing. */
      readonly says: string;
    };

/**
 * Reads the body as JSON. It is read as UTF-8, whatever the content type (RFC 8259 section 8.1), and a byte order mark is
 * skipped. What is no UTF-8 is read as Windows-1252, the superset of Latin-1 that browsers take for it, so that one odd
 * name hides no state, and `inválido` stays a word.
 */
export function parseBody(answer: Answer): ParsedBody {
  if (answer.truncated) {
    const isPage = isHtml(answer);
    const why = `${TROUBLES.tooLong.detail} ${ANSWER_LIMIT / 1024} KiB`;
    return { json: false, is: isPage ? 'page' : 'too long', why: isPage ? `${PAGE}; ${why}` : why, says: '' };
  }
  if (answer.undecoded !== undefined) return { json: false, is: 'no text', why: answer.undecoded, says: '' };
  const text = bodyText(answer);
  try {
    return { json: true, value: JSON.parse(text) as unknown };
  } catch {
    return noJson(text.trim(), isHtml(answer));
  }
}

function isHtml({ contentType }: Answer): boolean {
  return /html/iu.test(contentType ?? '');
}

export function bodyText(answer: Answer): string {
  const { body, undecoded } = answer;
  if (undecoded !== undefined) return '';
  const text = typeof body === 'string' ? body : decoded(body);
  return text.startsWith('\u{feff}') ? text.slice(1) : text;
}

function decoded(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\u{fffd}') && !isUtf8(bytes) ? new TextDecoder('windows-1252').decode(bytes) : text;
}

const PAGE = 'the answer is a web page, not JSON';
const CONTROL = /[^\P{Cc}\t\n\v\f\r]/u;

function noJson(text: string, isPage: boolean): ParsedBody {
  if (text === '') return { json: false, is: 'empty', why: TROUBLES.empty.detail, says: '' };
  if (text.startsWith('<') || isPage) {
    // A tag that another one breaks is none: with [^>] a page of unclosed tags would take half a second.
    const title = /<title[^<>]*>([^<]+)/iu.exec(text)?.[1] ?? '';
    return { json: false, is: 'page', why: PAGE, says: title.trim() };
  }
  if (CONTROL.test(text)) return { json: false, is: 'no text', why: TROUBLES.noText.detail, says: '' };
  // What begins like an object, a list or a text in JSON was meant to be one.
  if (/^[[{"]/u.test(text)) return { json: false, is: 'cut off', why: TROUBLES.cutOff.detail, says: '' };
  return { json: false, is: 'text', why: 'the answer is text, not JSON', says: text };
}

/** Its forms (RFC 9110 section 5.6.7) begin with the day of the week; `Date.parse` alone would take far more. */
const HTTP_DATE = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /iu;

/**
 * The wait that a `Retry-After` header asks for: from 0, where its date is over, to a day. It is a number of seconds or a
 * date (RFC 9110 section 10.2.3); anything else counts as no header.
 */
export function parseRetryAfter({ retryAfter, answeredAt }: Answer): DurationMs | null {
  const header = retryAfter?.trim() ?? '';
  if (/^\d+$/u.test(header)) return Math.min(Number(header) * SECOND, DAY);
  if (!HTTP_DATE.test(header) || answeredAt === undefined) return null;
  // The form of asctime has no zone, but all are in GMT.
  const at = Date.parse(/ GMT$/iu.test(header) ? header : `${header} GMT`);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - answeredAt), DAY);
}
