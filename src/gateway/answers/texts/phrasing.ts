import { TROUBLES, type Trouble } from '../../../core/trouble.ts';
import type { ParsedBody } from '../answer.ts';
import type { BodyReader, FoundDenial } from './body-reader.ts';
import type { Masks } from '../../../redaction/masks.ts';
import { redactText } from '../../../redaction/outside-text.ts';
import { isOfProxyAlone } from '../status.ts';

const DETAIL_LIMIT = 240;
const WORD_LIMIT = 60;

/** What a page that is not the gateway's says about what it is. */
const PAGES: readonly (readonly [trouble: Trouble, says: RegExp])[] = [
  // nginx, Apache, Go and Tomcat, in this order.
  [
    TROUBLES.onlyTls,
    /plain HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled|HTTP request to an HTTPS server|requires TLS/iu,
  ],
  [TROUBLES.challenge, /just a moment\.\.\.|attention required|checking your browser|verify you are human/iu],
  [TROUBLES.noRoute, /^cannot (?:get|post|put|patch|delete) /iu],
];

/** The troubles that statuses stand for; null: it has a cause of its own, and needs none. */
const LEADS = new Map<number, Trouble | null>([
  // Nobody asked whether anything has changed (RFC 9110 section 15.4.5).
  [304, TROUBLES.cached],
  [402, TROUBLES.payment],
  [405, TROUBLES.wrongMethod],
  [407, TROUBLES.proxyLogin],
  [451, TROUBLES.legal],
  [511, TROUBLES.proxyLogin],
  ...[401, 403, 404, 410, 429].map((status): [number, null] => [status, null]),
]);

/** The few words for people. Everything that a gateway wrote passes through here, bounded and masked. */
export class Phrasing {
  readonly #masks: Masks;
  readonly #reader: BodyReader;

  constructor(masks: Masks, reader: BodyReader) {
    this.#masks = masks;
    this.#reader = reader;
  }

  reading({ path, word }: { readonly path: string; readonly word: string | number | boolean }): string {
    return typeof word === 'string' ? `${path} "${this.#quotable(word, WORD_LIMIT)}"` : `${path} ${String(word)}`;
  }

  /** An answer with this status, led by the trouble that has a remedy of its own. */
  status(status: number, body: ParsedBody, lead: Trouble | null = null): string {
    const statement = led(lead ?? leadOf(status, body), `HTTP ${status}`);
    return body.json ? this.because(statement, body.value) : this.#page(statement, body);
  }

  /** A success that is no JSON. */
  noJson(body: ParsedBody & { json: false }): string {
    const lead = leadOf(200, body);
    return lead === null ? this.#says(body.why, body.says) : this.#page(lead.detail, body);
  }

  denial(denial: FoundDenial, json: unknown, lead: Trouble | null = null): string {
    const [words, value] = denial.evidence;
    const is = value === null ? '' : ` is ${this.#quotable(value, WORD_LIMIT)}`;
    const statement = `success status, but in the body ${words}${is}`;
    const byStatus = denial.status === null ? null : leadOfStatus(denial.status);
    return this.because(led(lead ?? byStatus, statement), json);
  }

  /** `statement`, and the answer's own explanation where it gives one. */
  because(statement: string, json: unknown): string {
    return this.#says(statement, this.#reader.explanation(json) ?? '');
  }

  #page(statement: string, body: ParsedBody & { json: false }): string {
    return body.is === 'empty' ? statement : this.#says(`${statement}: ${body.why}`, body.says);
  }

  #says(statement: string, text: string): string {
    const said = this.#quotable(text, DETAIL_LIMIT - statement.length - 2);
    return said === '' ? statement : `${statement}: ${said}`;
  }

  #quotable(text: string, limit: number): string {
    return redactText(text, this.#masks, limit);
  }
}

export function led(lead: Trouble | null, statement: string): string {
  return lead === null ? statement : `${lead.detail}: ${statement}`;
}

function leadOf(status: number, body: ParsedBody): Trouble | null {
  if (body.json) return leadOfStatus(status);
  const page = PAGES.find(([, says]) => says.test(body.says))?.[0];
  if (page !== undefined) return page;
  if (isOfProxyAlone(status)) return TROUBLES.proxyAlone;
  const lead = leadOfStatus(status);
  // Of what stands in front of the gateway it is not known what it objects to.
  return lead === TROUBLES.badRequest && body.is !== 'empty' ? null : lead;
}

function leadOfStatus(status: number): Trouble | null {
  const lead = LEADS.get(status);
  if (lead !== undefined) return lead;
  if (status >= 300 && status < 400) return TROUBLES.redirected;
  return status >= 400 && status < 500 ? TROUBLES.badRequest : null;
}
