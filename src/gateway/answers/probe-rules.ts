import { TROUBLES } from '../../core/trouble.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { ProbeResult } from '../gateway.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseBody, parseRetryAfter, type Answer, type ParsedBody } from './answer.ts';
import { compileConditions, compileRules, type Check, type Finding } from './conditions.ts';
import { compileStateReader, type ConnectionState, type Reading, type StateReader } from './state-reading.ts';
import { causeOfStatus, isDecisive, isNeverOfGateway, isOfProxyAlone, isSuccess } from './status.ts';
import type { BodyReader, FoundDenial, Texts } from './texts/body-reader.ts';
import { led, type Phrasing } from './texts/phrasing.ts';
import { isLoggedOut, sessionEnd } from './texts/session-end.ts';

/** What a config may say beside the profile of its gateway. */
export interface ProbeOptions {
  /** The only place that counts for the connection state; null: the profile's usual places. */
  readonly statePath: string | null;
  /** More words and their meanings. */
  readonly stateWords: Readonly<Record<string, Cause>>;
}

/** Longer ones are no words, and would only be kept. */
const LONGEST_WORD = 100;

const CONNECTED: ProbeResult = { cause: 'connected', detail: null, retryAfter: null };
const LOGGED_OUT: ProbeResult = { cause: 'pairing_required', detail: 'loggedIn false', retryAfter: null };
const RESPONDING: ProbeResult = { cause: 'responding', detail: null, retryAfter: null };

/** What an answer claims that is not, or denies being, a success. */
interface Claim {
  readonly cause: Cause;
  /** The status that it is by, its own or one in its body; null: none. */
  readonly status: number | null;
  /** How it is put for people, with the words that lead it. */
  readonly detail: (lead: Lead) => string;
}

type Lead = Parameters<Phrasing['status']>[2];

/** What an answer to a probe means. It remembers how states have been named so far. */
export class ProbeRules {
  /** The gateway's own rules. */
  readonly #rules: ReturnType<typeof compileRules>;
  readonly #state: StateReader;
  /** Signs of a healthy instance in answers that name no state. */
  readonly #signs: readonly Check[];
  readonly #reader: BodyReader;
  readonly #phrase: Phrasing;
  /** How the states have been named so far; `before`: all that is known is that an instance was connected. */
  #named: 'never' | 'before' | 'by boolean' | 'by word' = 'never';

  constructor(profile: Profile, options: ProbeOptions, reader: BodyReader, phrase: Phrasing) {
    const { statePath, stateWords } = options;
    this.#rules = compileRules(profile.rules, stateWords);
    this.#state = compileStateReader(profile, statePath, stateWords);
    this.#signs = (statePath === null ? profile.state.responding : []).map(compileConditions);
    this.#reader = reader;
    this.#phrase = phrase;
  }

  classify(answer: Answer): ProbeResult {
    const body = parseBody(answer);
    if (!body.json) return this.#withoutJson(answer, body);
    const found = this.#byRule(answer, body);
    if (found !== null) return found;
    if (!isSuccess(answer.status)) return this.#failed(answer, body);
    const state = this.#named === 'by word' ? withoutNone(this.#state(body.value)) : this.#state(body.value);
    this.#remember(state);
    const denial = this.#reader.denial(body.value);
    return denial === null ? this.#accepted(state, body.value) : this.#denied(denial, state, body.value);
  }

  /** A success that the body denies. */
  #denied(denial: FoundDenial, state: ConnectionState, json: unknown): ProbeResult {
    const { status } = denial;
    const detail = (lead: Lead): string => this.#phrase.denial(denial, json, lead);
    return this.#settled(
      { cause: status === null ? 'server_error' : causeOfStatus(status), status, detail },
      state,
      json,
    );
  }

  /** What the gateway's own rules say, unless the answer is another's, or the gateway wants to be left alone. */
  #byRule(answer: Answer, body: ParsedBody & { json: true }): ProbeResult | null {
    const { status } = answer;
    if (status === 429 || isNeverOfGateway(status)) return null;
    const found = this.#rules(status, body.value);
    if (found === null || (!isSuccess(status) && this.#reader.texts(body.value).isOfProxy)) return null;
    if (verdictOf(found.cause) === 'healthy') {
      const denial = this.#reader.denial(body.value, null, found.places);
      if (denial !== null) return this.#denied(denial, statedBy(found), body.value);
    }
    const meant = byFinding(found, answer, body, this.#phrase);
    if (verdictOf(found.cause) !== 'unhealthy') return meant;
    // No restart pays a bill.
    const { trouble, lead } = this.#reader.texts(body.value);
    if (trouble === null || lead === null) return meant;
    return result(trouble.cause, this.#phrase.because(led(lead, meant.detail ?? ''), body.value));
  }

  /** A gateway answers in JSON; a proxy in front of it has a page or a line of text for what it has to say. */
  #withoutJson(answer: Answer, body: ParsedBody & { json: false }): ProbeResult {
    const { status } = answer;
    const isForeign = body.is === 'page' || body.is === 'text';
    if (isSuccess(status)) return result(isForeign ? 'not_the_gateway' : 'unreadable', this.#phrase.noJson(body));
    const cause = causeOfStatus(status);
    const detail = this.#phrase.status(status, body);
    if (cause === 'rate_limited') return { cause, detail, retryAfter: parseRetryAfter(answer) };
    const isRefusal = verdictOf(cause) === 'needs_human' || isNeverOfGateway(status);
    const isProxys = isOfProxyAlone(status) && status !== 503;
    return result(isForeign || isRefusal || isProxys ? 'not_the_gateway' : cause, detail);
  }

  /** No success, in JSON: what the body says counts more than the status, unless only people can help. */
  #failed(answer: Answer, body: ParsedBody & { json: true }): ProbeResult {
    const { status } = answer;
    const detail = (lead: Lead): string => this.#phrase.status(status, body, lead);
    const byStatus = causeOfStatus(status);
    if (byStatus === 'rate_limited')
      return { cause: byStatus, detail: detail(null), retryAfter: parseRetryAfter(answer) };
    if (isNeverOfGateway(status)) return result('not_the_gateway', detail(null));
    const own = this.#reader.status(body.value);
    const inBody = own === null ? byStatus : causeOfStatus(own);
    const counts = !isDecisive(byStatus) && own !== null && isDecisive(inBody) ? own : status;
    return this.#settled({ cause: causeOfStatus(counts), status: counts, detail }, this.#state(body.value), body.value);
  }

  /** Never healthy. What only people can repair comes first, so that no restart follows from it. */
  #settled(claim: Claim, state: ConnectionState, json: unknown): ProbeResult {
    const texts = this.#reader.texts(json);
    if (texts.isOfProxy)
      return result('not_the_gateway', claim.detail(isOfProxyAlone(claim.status ?? 0) ? TROUBLES.proxyAlone : null));
    const { trouble } = texts;
    if (trouble !== null) {
      const lead = claim.status === 402 ? TROUBLES.payment : texts.lead;
      // A token that belongs to no instance is a wrong token.
      const isToken = claim.cause === 'unauthorized' && trouble.cause === 'not_found';
      return result(isToken ? claim.cause : trouble.cause, claim.detail(lead));
    }
    if (isDecisive(claim.cause)) {
      const isRoute = claim.cause === 'not_found' && texts.namesNoRoute;
      return result(claim.cause, claim.detail(isRoute ? TROUBLES.noRoute : null));
    }
    const byStatus = decisiveIn(texts.status);
    if (byStatus !== null) return result(byStatus, claim.detail(null));
    return this.#byState(claim, state, texts) ?? result(claim.cause, claim.detail(null));
  }

  /** A failure that leaves open how the instance is: the body may say it. */
  #byState(claim: Claim, state: ConnectionState, { stated }: Texts): ProbeResult | null {
    if (state.type === 'known' && verdictOf(state.cause) !== 'healthy') {
      return result(state.cause, this.#phrase.reading(state.reading), state.reading.word);
    }
    if (state.type === 'unknown') return null;
    const isContradiction = state.type === 'contradiction' || state.type === 'known' || stated === 'connected';
    if (isContradiction) return result('unknown_state', claim.detail(TROUBLES.contradiction));
    return stated === null ? null : result(stated, claim.detail(null));
  }

  #accepted(state: ConnectionState, json: unknown): ProbeResult {
    switch (state.type) {
      case 'known':
        if (state.cause === 'connected') {
          return state.reading.word === true && isLoggedOut(json) ? LOGGED_OUT : CONNECTED;
        }
        return (
          this.#troubleBeside(state.reading, json) ??
          result(state.cause, this.#phrase.reading(state.reading), state.reading.word)
        );
      case 'unknown':
        return (
          this.#troubleBeside(state.reading, json) ??
          result('unknown_state', `${this.#phrase.reading(state.reading)} has no known meaning`)
        );
      case 'contradiction': {
        const sides = [state.healthy, state.other].map((reading) => this.#phrase.reading(reading));
        return result('unknown_state', `the answer contradicts itself: ${sides.join(', ')}`);
      }
      case 'absent':
        return this.#inWords(json);
    }
  }

  /** A state that is not healthy, and beside it what the matter is: then a restart may not be what helps. */
  #troubleBeside(reading: Reading, json: unknown): ProbeResult | null {
    const { trouble, lead, status } = this.#reader.texts(json);
    if (trouble === null) {
      const end = (reading.cause === 'disconnected' ? sessionEnd(json) : null) ?? decisiveIn(status);
      return end && result(end, this.#phrase.because(this.#phrase.reading(reading), json), reading.word);
    }
    return result(trouble.cause, this.#phrase.because(led(lead, this.#phrase.reading(reading)), json));
  }

  /** No place names a state: perhaps a message does, or says what the matter is. */
  #inWords(json: unknown): ProbeResult {
    const { trouble, lead, stated, status } = this.#reader.texts(json);
    const statement = 'the answer names no connection state';
    if (trouble !== null) return result(trouble.cause, this.#phrase.because(led(lead, statement), json));
    const byStatus = decisiveIn(status);
    if (byStatus !== null) return result(byStatus, this.#phrase.because(`${statement}, but ${String(status)}`, json));
    if (stated !== null && stated !== 'connected') return result(stated, this.#phrase.because(statement, json));
    const vanished = (): ProbeResult => result('unknown_state', TROUBLES.stateVanished.detail);
    if (this.#named === 'by word' || this.#named === 'by boolean') return vanished();
    if (stated === 'connected') return CONNECTED;
    if (this.#named === 'before') return vanished();
    return this.#signs.some((isSign) => isSign(200, json))
      ? RESPONDING
      : result('unknown_state', this.#phrase.because(statement, json));
  }

  #remember(state: ConnectionState): void {
    if (state.type !== 'known') return;
    if (typeof state.reading.word === 'string') this.#named = 'by word';
    else if (this.#named !== 'by word') this.#named = 'by boolean';
  }

  expectStates(): void {
    if (this.#named === 'never') this.#named = 'before';
  }
}

function statedBy({ cause, place, value }: Finding): ConnectionState {
  const word = typeof value === 'string' || typeof value === 'boolean' ? value : true;
  return { type: 'known', cause, reading: { path: place ?? '', word, cause, mayBeNone: false } };
}

/** Where states have been named by words, `false` at their place is no word, and says nothing. */
function withoutNone(state: ConnectionState): ConnectionState {
  return state.type === 'known' && state.reading.mayBeNone ? { type: 'absent' } : state;
}

/** What a status means that stands somewhere in a body, if a restart would not help then; null: it says nothing. */
function decisiveIn(status: number | null): Cause | null {
  const cause = status === null ? null : causeOfStatus(status);
  return cause !== null && isDecisive(cause) ? cause : null;
}

function result(cause: Cause, detail: string, word?: string | boolean): ProbeResult {
  const found = { cause, detail, retryAfter: null };
  return word === undefined ? found : { ...found, word: String(word).slice(0, LONGEST_WORD) };
}

/** What a rule that fits means. */
export function byFinding(
  { cause, word, place, value }: Finding,
  answer: Answer,
  body: ParsedBody,
  phrase: Phrasing,
): ProbeResult {
  if (cause === 'connected') return CONNECTED;
  const isReading = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  const shown = place !== null && isReading ? phrase.reading({ path: place, word: value }) : null;
  // Of what is not there, only the word of the rule can speak.
  const detail = shown ?? (place !== null && word !== null ? word : phrase.status(answer.status, body));
  const named = word ?? (typeof value === 'string' ? value : undefined);
  return { ...result(cause, detail, named), retryAfter: cause === 'rate_limited' ? parseRetryAfter(answer) : null };
}
