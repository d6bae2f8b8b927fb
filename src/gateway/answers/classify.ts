import type { JsonValue } from '../../core/instance/instance.ts';
import { verdictOf } from '../../core/verdict.ts';
import type { Cause } from '../../core/verdict.ts';
import { bodyText, parseBody, parseRetryAfter, valueAt } from './answer.ts';
import type { Answer, ParsedBody } from './answer.ts';
import { compileDenialReader } from './denial.ts';
import type { DenialReader, FoundDenial } from './denial.ts';
import type { ProbeResult, RestartResult } from '../gateway.ts';
import type { Profile } from '../profiles/profile.ts';
import { redactJson, redactText } from '../redact.ts';
import { compileStateReader } from './state-reading.ts';
import type { ConnectionState, Reading, StateReader } from './state-reading.ts';

const DETAIL_LIMIT = 240;
const WORD_LIMIT = 60;
/** Of a restart's answer that is not JSON this many characters are kept. */
const TEXT_BODY_LIMIT = 500;

export interface ClassifierOptions {
  /** The only place that counts for the connection state; null: the profile's usual places. */
  readonly statePath: string | null;
  /** More words and their meanings. */
  readonly stateWords: Readonly<Record<string, Cause>>;
  /** Never shown, wherever the gateway repeats them. */
  readonly secrets: readonly string[];
}

/**
 * Turns a gateway's answer into its meaning. No answer makes it throw. It remembers one thing: whether answers have
 * named a state. A gateway that names states names them always, so an answer without one then says nothing.
 */
export interface Classifier {
  probe(answer: Answer): ProbeResult;
  restart(answer: Answer): RestartResult;
}

/** Prepares the profile's tables once. */
export function compileClassifier(profile: Profile, options: ClassifierOptions): Classifier {
  const reader = compileStateReader(profile, options.statePath, options.stateWords);
  const denials = compileDenialReader(profile);
  const signs = options.statePath === null ? profile.positiveSigns : [];
  const phrase = new Phrasing(options.secrets, denials);
  const probe = new ProbeRules(reader, denials, phrase, compileSigns(signs));
  const restart = new RestartRules(profile, denials, phrase, options.secrets);
  return { probe: (answer) => probe.classify(answer), restart: (answer) => restart.classify(answer) };
}

type SignReader = (json: unknown) => boolean;

function compileSigns(signs: Profile['positiveSigns']): SignReader {
  const places = signs.map(({ path, values }) => ({ keys: path.split('.'), values: new Set<unknown>(values) }));
  return (json) => places.some(({ keys, values }) => values.has(valueAt(json, keys)));
}

/** What a status means wherever it stands: in the status line, or in the body of an answer that is a denial. */
function causeOfStatus(status: number): Cause {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'server_error' : 'unknown_state';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const CONNECTED: ProbeResult = { cause: 'connected', detail: null, retryAfter: null };
const RESPONDING: ProbeResult = { cause: 'responding', detail: null, retryAfter: null };

class ProbeRules {
  readonly #state: StateReader;
  readonly #denials: DenialReader;
  readonly #phrase: Phrasing;
  readonly #isPositive: SignReader;
  /** How the states have been named so far. */
  #named: 'never' | 'by boolean' | 'by word' = 'never';

  constructor(state: StateReader, denials: DenialReader, phrase: Phrasing, isPositive: SignReader) {
    this.#state = state;
    this.#denials = denials;
    this.#phrase = phrase;
    this.#isPositive = isPositive;
  }

  classify(answer: Answer): ProbeResult {
    const body = parseBody(answer);
    if (!isSuccess(answer.status)) {
      const byStatus = causeOfStatus(answer.status);
      // A gateway says in JSON that it refuses; a proxy in front of it has a page or a line of text for that.
      const cause = !body.json && verdictOf(byStatus) === 'needs_human' ? 'not_the_gateway' : byStatus;
      const retryAfter = cause === 'rate_limited' ? parseRetryAfter(answer.retryAfter) : null;
      return { cause, detail: this.#phrase.status(answer.status, body), retryAfter };
    }
    if (!body.json) return result(body.isPage ? 'not_the_gateway' : 'unreadable', body.why);
    const state = this.#named === 'by word' ? withoutNone(this.#state(body.value)) : this.#state(body.value);
    this.#remember(state);
    const denial = this.#denials.find(body.value);
    return denial === null ? this.#accepted(state, body.value) : this.#denied(state, denial, body);
  }

  #accepted(state: ConnectionState, json: unknown): ProbeResult {
    switch (state.type) {
      case 'known':
        return state.cause === 'connected' ? CONNECTED : result(state.cause, this.#phrase.reading(state.reading));
      case 'unknown':
        return result('unknown_state', `${this.#phrase.reading(state.reading)} has no known meaning`);
      case 'contradiction': {
        const sides = [state.healthy, state.other].map((reading) => this.#phrase.reading(reading));
        return result('unknown_state', `the answer contradicts itself: ${sides.join(', ')}`);
      }
      case 'absent':
        if (this.#named !== 'never') return result('unknown_state', NAMED_BEFORE);
        if (this.#isPositive(json)) return RESPONDING;
        return result('unknown_state', this.#phrase.because('the answer names no connection state', json));
    }
  }

  #remember(state: ConnectionState): void {
    if (state.type !== 'known') return;
    if (typeof state.reading.word === 'string') this.#named = 'by word';
    else if (this.#named === 'never') this.#named = 'by boolean';
  }

  /** Never healthy. What only people can repair comes first, so that no restart follows from it. */
  #denied(state: ConnectionState, denial: FoundDenial, body: ParsedBody & { json: true }): ProbeResult {
    const detail = this.#phrase.denial(denial, body.value);
    const byStatus = denial.status === null ? 'server_error' : causeOfStatus(denial.status);
    if (byStatus !== 'server_error' && byStatus !== 'unknown_state') return result(byStatus, detail);
    const trouble = this.#denials.trouble(body.value);
    if (trouble !== null) return result(trouble, detail);
    if (state.type === 'known' && verdictOf(state.cause) !== 'healthy') {
      return result(state.cause, this.#phrase.reading(state.reading));
    }
    return result(byStatus, detail);
  }
}

const NAMED_BEFORE = 'the answer names no connection state, and earlier ones of this account did';

/** Where states have been named by words, `false` at their place is no word, and says nothing. */
function withoutNone(state: ConnectionState): ConnectionState {
  return state.type === 'known' && state.reading.mayBeNone ? { type: 'absent' } : state;
}

class RestartRules {
  readonly #profile: Profile;
  readonly #denials: DenialReader;
  readonly #phrase: Phrasing;
  readonly #secrets: readonly string[];

  constructor(profile: Profile, denials: DenialReader, phrase: Phrasing, secrets: readonly string[]) {
    this.#profile = profile;
    this.#denials = denials;
    this.#phrase = phrase;
    this.#secrets = secrets;
  }

  classify(answer: Answer): RestartResult {
    const body = parseBody(answer);
    const common = { httpStatus: answer.status, body: this.#kept(answer, body) };
    if (isSuccess(answer.status)) {
      // A page is not the gateway's answer: nobody knows whether the call went on to it.
      if (!body.json && body.isPage) return { ...common, ...ACCEPTED, outcome: 'unknown', detail: body.why };
      const denial = body.json ? this.#denials.find(body.value) : null;
      if (denial === null) return { ...common, ...ACCEPTED };
      return { ...common, ...this.#denied(denial, body.json ? body.value : null) };
    }
    const detail = this.#phrase.status(answer.status, body);
    // A proxy got no answer from the gateway, which may have begun the restart.
    if (answer.status === 502 || answer.status === 504) return { ...common, ...ACCEPTED, outcome: 'unknown', detail };
    return {
      ...common,
      outcome: 'rejected',
      detail,
      refusal: this.#profile.restartRefusals.get(answer.status) ?? null,
      rateLimited: answer.status === 429,
      retryAfter: answer.status === 429 || answer.status === 503 ? parseRetryAfter(answer.retryAfter) : null,
    };
  }

  /** Only a wrong token is read out of a body: a 404 there comes from the route itself, so the route exists. */
  #denied(denial: FoundDenial, json: unknown): Omit<RestartResult, 'httpStatus' | 'body'> {
    const byStatus = denial.status === null ? null : causeOfStatus(denial.status);
    const isUnauthorized = byStatus === 'unauthorized' || this.#denials.trouble(json) === 'unauthorized';
    return {
      outcome: 'rejected',
      detail: this.#phrase.denial(denial, json),
      refusal: isUnauthorized ? 'unauthorized' : null,
      rateLimited: byStatus === 'rate_limited',
      retryAfter: null,
    };
  }

  #kept(answer: Answer, body: ParsedBody): JsonValue {
    if (body.json) return redactJson(body.value, this.#secrets);
    return redactText(bodyText(answer), this.#secrets, TEXT_BODY_LIMIT) || null;
  }
}

const ACCEPTED = { outcome: 'accepted', detail: null, refusal: null, rateLimited: false, retryAfter: null } as const;

function result(cause: Cause, detail: string): ProbeResult {
  return { cause, detail, retryAfter: null };
}

/** The few words for people. Everything that a gateway wrote passes through here, bounded and masked. */
class Phrasing {
  readonly #secrets: readonly string[];
  readonly #denials: DenialReader;

  constructor(secrets: readonly string[], denials: DenialReader) {
    this.#secrets = secrets;
    this.#denials = denials;
  }

  reading({ path, word }: Reading): string {
    return typeof word === 'string' ? `${path} "${this.#quotable(word, WORD_LIMIT)}"` : `${path} ${String(word)}`;
  }

  status(status: number, body: ParsedBody): string {
    const statement = `HTTP ${status}`;
    if (status >= 300 && status < 400)
      return `${statement}: redirects are not followed, so baseUrl must name the gateway itself`;
    return body.json ? this.because(statement, body.value) : statement;
  }

  denial(denial: FoundDenial, json: unknown): string {
    return this.because(`success status, but in the body ${this.#quotable(denial.evidence, WORD_LIMIT)}`, json);
  }

  /** `statement`, and the answer's own explanation where it gives one. */
  because(statement: string, json: unknown): string {
    const explanation = this.#denials.explanation(json);
    return explanation === null
      ? statement
      : `${statement}: ${this.#quotable(explanation, DETAIL_LIMIT - statement.length - 2)}`;
  }

  #quotable(text: string, limit: number): string {
    return redactText(text, this.#secrets, limit);
  }
}
