import type { JsonValue } from '../../core/instance/instance.ts';
import { TROUBLES } from '../../core/trouble.ts';
import type { NeedsHumanCause } from '../../core/verdict.ts';
import { bodyText, parseBody, parseRetryAfter, type Answer, type ParsedBody } from './answer.ts';
import { valueAt } from './places.ts';
import { compileConditions, type Check } from './conditions.ts';
import { accepts, type BodyReader, type Texts } from './texts/body-reader.ts';
import type { RestartResult } from '../gateway.ts';
import type { Phrasing } from './texts/phrasing.ts';
import { FAILURE } from '../profiles/phrases.ts';
import { plainWords } from '../profiles/plain-words.ts';
import type { Profile } from '../profiles/profile.ts';
import { RESTART_REFUSALS } from '../profiles/signs.ts';
import type { Masks } from '../../redaction/masks.ts';
import { redactText } from '../../redaction/outside-text.ts';
import { redactJson } from '../redact.ts';
import { causeOfStatus, isSuccess, outcomeOfStatus } from './status.ts';

/** Of an answer that is not JSON this many characters are kept. */
const TEXT_BODY_LIMIT = 500;

type Meaning = Omit<RestartResult, 'httpStatus' | 'body'>;

const NOTHING_SAID = { detail: null, refusal: null, rateLimited: false, retryAfter: null } as const;
const ACCEPTED: Meaning = { ...NOTHING_SAID, outcome: 'accepted' };

/**
 * What the answer to a restart means. Only what is plainly an acceptance is one; what may have happened is `unknown`, and
 * so has its grace.
 */
export class RestartRules {
  readonly #refusals: readonly { readonly check: Check; readonly is: NeedsHumanCause | null }[];
  readonly #reader: BodyReader;
  readonly #phrase: Phrasing;
  readonly #masks: Masks;

  constructor({ refused }: Pick<Profile, 'refused'>, reader: BodyReader, phrase: Phrasing, masks: Masks) {
    this.#refusals = refused.map(({ if: conditions, is }) => ({ check: compileConditions(conditions), is }));
    this.#reader = reader;
    this.#phrase = phrase;
    this.#masks = masks;
  }

  classify(answer: Answer): RestartResult {
    const body = parseBody(answer);
    const meaning =
      this.#ofRule(answer, body) ?? (isSuccess(answer.status) ? this.#ofSuccess(body) : this.#ofFailure(answer, body));
    return { httpStatus: answer.status, body: this.#kept(answer, body), ...meaning };
  }

  /** What the gateway's own rules refuse; its wish to be left alone, and what may have happened, come before. */
  #ofRule(answer: Answer, body: ParsedBody): Meaning | null {
    const { status } = answer;
    const mayBeMade = !isSuccess(status) && outcomeOfStatus(status) !== 'rejected';
    if (!body.json || status === 429 || mayBeMade) return null;
    const found = this.#refusals.find(({ check }) => check(status, body.value));
    if (found === undefined) return null;
    const detail = isSuccess(status)
      ? this.#phrase.because('success status, but the body says that nothing was done', body.value)
      : restartDetail(this.#phrase.status(status, body));
    const byStatus = isSuccess(status) ? null : this.#refusal(status, this.#reader.texts(body.value));
    return { ...NOTHING_SAID, outcome: 'rejected', detail, refusal: found.is ?? byStatus };
  }

  #ofSuccess(body: ParsedBody): Meaning {
    if (!body.json) return this.#ofText(body);
    const json = body.value;
    const denial = this.#reader.denial(json, 'restart');
    const texts = this.#reader.texts(json);
    const isNoRoute = texts.namesNoRoute || texts.isOfProxy;
    const isDenied = denial !== null || texts.trouble !== null || texts.tellsOfFailure || isNoRoute || json === false;
    const claims = SUCCESS.some(([key, value]) => isLike(valueAt(json, [key]), value));
    if (!isDenied) {
      if (claims || texts.mayAccept) return ACCEPTED;
      return {
        ...NOTHING_SAID,
        outcome: 'unknown',
        detail: this.#phrase.because('the answer does not accept it', json),
      };
    }
    const evidence = denial?.evidence ?? (['it says that it failed', null] as const);
    const status = denial?.status ?? null;
    const detail = this.#phrase.denial({ status, evidence, onlyInWords: true }, json, texts.lead);
    const claimsSuccess = claims && (denial?.onlyInWords ?? true);
    const mayBeMade =
      texts.tellsOfRestartUnderWay || claimsSuccess || (status !== null && outcomeOfStatus(status) === 'unknown');
    if (mayBeMade && texts.trouble === null) return { ...NOTHING_SAID, outcome: 'unknown', detail };
    const byStatus = status === null ? null : causeOfStatus(status);
    return {
      outcome: 'rejected',
      detail,
      // Only a wrong token is read out of a body: a 404 there comes from the route itself, so the route exists.
      refusal: byStatus === 'unauthorized' || texts.trouble?.cause === 'unauthorized' ? 'unauthorized' : null,
      rateLimited: byStatus === 'rate_limited' || texts.trouble?.cause === 'rate_limited',
      retryAfter: null,
    };
  }

  /**
   * No JSON, and a success. Where it says nothing, its status says enough. A page is not the gateway's, so nobody knows
   * whether the call went on to it; nor does a text show that, unless it says so, nor what cannot be read.
   */
  #ofText(body: ParsedBody & { json: false }): Meaning {
    if (body.is === 'empty') return ACCEPTED;
    const detail = this.#phrase.noJson(body);
    if (body.is !== 'text') return { ...NOTHING_SAID, outcome: 'unknown', detail };
    const words = plainWords(body.says);
    const saysNo = FAILURE.test(words) || this.#reader.texts(body.says).trouble !== null;
    if (saysNo) return { ...NOTHING_SAID, outcome: 'rejected', detail };
    return accepts(words) ? ACCEPTED : { ...NOTHING_SAID, outcome: 'unknown', detail };
  }

  #ofFailure(answer: Answer, body: ParsedBody): Meaning {
    const { status } = answer;
    const texts = body.json ? this.#reader.texts(body.value) : null;
    const saysStatus = texts?.status ?? null;
    const isUnauthorized =
      texts?.trouble?.cause === 'unauthorized' ||
      (texts?.trouble === null && saysStatus !== null && causeOfStatus(saysStatus) === 'unauthorized');
    const detail = restartDetail(this.#phrase.status(status, body, texts?.lead));
    const outcome = texts?.tellsOfRestartUnderWay === true ? 'unknown' : outcomeOfStatus(status);
    if (outcome !== 'rejected' && !isUnauthorized) return { ...NOTHING_SAID, outcome, detail };
    const rateLimited = status === 429 || texts?.trouble?.cause === 'rate_limited';
    return {
      outcome: 'rejected',
      detail,
      refusal: isUnauthorized ? 'unauthorized' : this.#refusal(status, texts),
      rateLimited,
      retryAfter: rateLimited || status === 503 ? parseRetryAfter(answer) : null,
    };
  }

  /** A 404 may be about the route or about the instance; a gateway that says which is believed. */
  #refusal(status: number, texts: Texts | null): NeedsHumanCause | null {
    const refusal = RESTART_REFUSALS.get(status) ?? null;
    return refusal === 'restart_unsupported' && texts?.trouble?.cause === 'not_found' ? 'not_found' : refusal;
  }

  #kept(answer: Answer, body: ParsedBody): JsonValue {
    if (body.json) return redactJson(body.value, this.#masks);
    return redactText(bodyText(answer), this.#masks, TEXT_BODY_LIMIT) || null;
  }
}

/** The places at which a gateway claims that a restart was made. */
const SUCCESS = [
  ['success', true],
  ['status', 'success'],
  ['status', 'ok'],
  ['status', true],
  ['status', 200],
] as const;

function isLike(value: unknown, claim: string | number | boolean): boolean {
  return value === claim || (typeof value === 'string' && value.toLowerCase() === String(claim));
}

/** The leads are about probes; for a restart only those that are about the way say something. */
function restartDetail(detail: string): string {
  const lead = [TROUBLES.badRequest, TROUBLES.wrongMethod].find((trouble) => detail.startsWith(trouble.detail));
  return lead === undefined ? detail : detail.slice(lead.detail.length + 2);
}
