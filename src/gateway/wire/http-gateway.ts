import type { Dispatcher } from 'undici';
import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import { TROUBLES } from '../../core/trouble.ts';
import { verdictOf, wasAnswered, type Cause } from '../../core/verdict.ts';
import type { Names } from '../../network/names.ts';
import { parseProxy } from '../../network/proxy.ts';
import { USER_AGENT } from '../../network/user-agent.ts';
import type { Clock } from '../../time/clock.ts';
import { compileConditions, type Check } from '../answers/conditions.ts';
import { compileClassifier, type Classifier } from '../answers/classify.ts';
import { healthOf } from '../answers/health.ts';
import { LIST_LIMIT } from '../answers/list.ts';
import { routerRefusal } from '../answers/router.ts';
import { compileWebhooks } from '../answers/webhook.ts';
import type { ExchangeResult } from './exchange.ts';
import { Exchanges } from './exchanges.ts';
import type {
  Evidence,
  Gateway,
  GatewayHealth,
  HealthRoute,
  ListResult,
  ListRoute,
  ProbeResult,
  RestartOptions,
  RestartResult,
  Target,
} from '../gateway.ts';
import { METHODS, type Profile, type Step } from '../profiles/profile.ts';
import { isHeaderValue, type InstanceValues } from '../profiles/templates.ts';
import { normalizeWord } from '../profiles/words.ts';
import type { Masks } from '../../redaction/masks.ts';
import { Remedies, type CallStep } from '../remedies/remedies.ts';
import type { RestartAttempt } from '../remedies/repeat.ts';
import { NOT_SENT } from '../remedies/run-remedy.ts';
import { compileRequest, type RequestBuilder, type RequestParts } from './request-template.ts';
import { tlsSettings, type ClientCertificate } from './tls-settings.ts';

export interface HttpGatewayOptions {
  readonly profile: Profile;
  /** http or https; a path in it is put before the profile's. */
  readonly baseUrl: string;
  /** What the templates of the profile ask for, `token` and `username` among them. */
  readonly values: Readonly<Record<string, string>>;
  /** Of those calls of which the profile does not say it; `auto`: the first that the gateway has a route for. */
  readonly restartMethod: string;
  /** Path of the gateway's own health route; null: it has none. */
  readonly healthPath: string | null;
  /** See `ClassifierOptions`. */
  readonly statePath: string | null;
  readonly stateWords: Readonly<Record<string, Cause>>;
  /** Most connections for probes, and so most probes at a time; at least 1. Restarts have their own. */
  readonly concurrency: number;
  /** Certificate authorities (PEM) that replace the system's; null keeps those. */
  readonly ca: string | null;
  readonly insecureSkipVerify: boolean;
  /** What is shown to a gateway that wants a client certificate; null: nothing. */
  readonly client: ClientCertificate | null;
  /** For whatever an answer repeats. */
  readonly masks: Masks;
  /** More headers of each request. They take the place of ours, and their values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** URL of the proxy through which the gateway is called; null: none. It may hold a password. */
  readonly proxy: string | null;
  readonly clock: Clock;
  readonly names: Names;
}

/** For so long, probes go over connections of their own, whose answers are mended, once a head could not be understood. */
const GARBLED_FOR: DurationMs = 10 * MINUTE;

/** Caches in between would show an old state, and nobody should compress what is this short. */
const COMMON_HEADERS = {
  'User-Agent': USER_AGENT,
  'Cache-Control': 'no-cache',
  'Accept-Encoding': 'identity',
};

/**
 * One account of a gateway, over HTTP/1.1. Throws where the options can never work: a token that no header can carry,
 * or authorities that are no certificates.
 */
export function httpGateway(options: HttpGatewayOptions): Gateway & HealthRoute & ListRoute {
  if (!isHeaderValue(options.values['token'] ?? '')) {
    throw new TypeError(
      'token: holds characters that an HTTP header cannot carry, most likely a line break; copy it again',
    );
  }
  return new HttpGateway(options);
}

/** What is asked in addition, after which state words. */
interface DetailQuestion {
  readonly on: ReadonlySet<string>;
  /** Also where all seems well, which then has to be confirmed. */
  readonly whenWell: boolean;
  readonly requestOf: RequestBuilder;
}

class HttpGateway implements Gateway, HealthRoute, ListRoute {
  readonly #clock: Clock;
  readonly #classifier: Classifier;
  readonly #healthOf: RequestBuilder | null;
  readonly #healthOk: Check;
  readonly #listOf: (() => RequestBuilder) | null;
  readonly #probeOf: RequestBuilder;
  readonly #detail: DetailQuestion | null;
  readonly #remedies: Remedies;
  readonly #exchanges: Exchanges;
  readonly send: Gateway['send'];
  readonly isMessage: (body: unknown, event: string | null) => boolean;
  readonly expectStates: () => void;
  certificateEndsAt: EpochMs | null = null;
  #aloneUntil: EpochMs = 0;

  constructor(options: HttpGatewayOptions) {
    const { profile, values, statePath, stateWords, masks, clock, names } = options;
    const base = new URL(options.baseUrl);
    const prefix = base.pathname.replace(/\/+$/u, '');
    this.#clock = clock;
    this.#classifier = compileClassifier(profile, { statePath, stateWords, masks });
    this.expectStates = this.#classifier.expectStates;
    this.isMessage = compileWebhooks(profile).isMessage;
    const { ca, insecureSkipVerify, client } = options;
    const onCertificate = (endsAt: EpochMs): void => {
      this.certificateEndsAt = endsAt;
    };
    const tls = base.protocol === 'https:' ? tlsSettings(ca, insecureSkipVerify, client, onCertificate) : null;
    const proxy = options.proxy === null ? null : parseProxy(options.proxy);
    // Without TLS the proxy itself gets the requests (RFC 9112 section 3.2.2), and with TLS only what carries them.
    const asked = tls === null ? proxy : null;
    const before = (asked === null ? '' : base.origin) + prefix;
    const login = asked?.authorization ? { 'Proxy-Authorization': asked.authorization } : {};
    const usual = { ...COMMON_HEADERS, ...options.headers, ...login };
    const parts: RequestParts = { before, values, headers: profile.headers, basic: profile.basic, usual };
    this.#probeOf = compileRequest(profile.probe, profile.probe.method, parts);
    this.#detail = profile.detail && {
      on: new Set(profile.detail.on.map(normalizeWord)),
      whenWell: isOfWell(profile.detail.on, profile),
      requestOf: compileRequest(profile.detail.request, profile.detail.request.method, parts),
    };
    const { list } = profile;
    // What only the list asks for may be missing in an account that never wants it.
    this.#listOf = list && once(() => compileRequest(list.request, list.request.method, parts));
    this.#remedies = new Remedies({ ...options, ...profile, compile: (step) => this.#compileStep(step, parts) });
    const { healthPath } = options;
    const health = { method: 'GET', headers: {}, ...profile.health?.request, path: healthPath ?? '' } as const;
    // Without the credentials of the account: the route is the gateway's, not the account's.
    const open = { ...parts, headers: { Accept: 'application/json' }, basic: null };
    this.#healthOf = healthPath === null ? null : compileRequest(health, health.method, open);
    this.#healthOk = compileConditions(profile.health?.request.path === healthPath ? profile.health.ok : {});
    const { send } = profile;
    if (send !== null) {
      const requestOf = once(() => compileRequest(send, send.method, parts));
      this.send = (target, message, time, signal) =>
        this.#send(requestOf, { ...instanceValues(target), ...message }, time, signal);
    }
    const { concurrency } = options;
    this.#exchanges = new Exchanges({ tls, proxy, clock, names, origin: base.origin, concurrency });
  }

  probe(target: Target, timeout: DurationMs, signal: AbortSignal, evidence: Evidence = 'usual'): Promise<ProbeResult> {
    if (this.#detail === null) return this.#probe(target, timeout, signal, evidence);
    return this.#probeInDetail(this.#detail, target, timeout, signal, evidence);
  }

  #probe(target: Target, timeout: DurationMs, signal: AbortSignal, evidence: Evidence): Promise<ProbeResult> {
    const request = this.#probeOf(target);
    const startedAt = this.#clock.now();
    if (evidence === 'fresh' || startedAt < this.#aloneUntil) return this.#probeAlone(request, timeout, signal);
    // Not an async function, because this is the hot path.
    return new Promise((resolve) => {
      this.#exchanges.onKept({ request, startedAt, timeout, signal }, (result) => {
        const found = this.#probeResult(result);
        const time = this.#timeForAnother(result, found, evidence, startedAt + timeout, timeout);
        resolve(time === null ? found : this.#probeAlone(request, time, signal));
      });
    });
  }

  /** A second question, within the same time, where the first answer leaves open what the matter is. */
  async #probeInDetail(
    { on, whenWell, requestOf }: DetailQuestion,
    target: Target,
    timeout: DurationMs,
    signal: AbortSignal,
    evidence: Evidence,
  ): Promise<ProbeResult> {
    const deadline = this.#clock.now() + timeout;
    const found = await this.#probe(target, timeout, signal, evidence);
    const isWell = verdictOf(found.cause) === 'healthy';
    if (isWell ? !whenWell : found.word === undefined || !on.has(normalizeWord(found.word))) return found;
    const left = deadline - this.#clock.now();
    if (left <= 0) return found;
    const result = await this.#exchanges.alone(requestOf(target), left, signal);
    return { ...this.#inDetail(found, result), further: 1 };
  }

  #inDetail(found: ProbeResult, result: ExchangeResult): ProbeResult {
    const isWell = verdictOf(found.cause) === 'healthy';
    if (result.type === 'failed' || result.age !== 0) {
      // What cannot be confirmed is not well.
      return isWell ? this.#probeResult(result) : found;
    }
    const { status } = result.answer;
    const told = this.#classifier.detail(result.answer);
    if (told !== null || status < 500) return told ?? found;
    // As long as the gateway itself cannot say what the matter is, nobody knows whether a person is needed.
    return { ...found, cause: 'server_error', detail: `HTTP ${status}, asked for the details` };
  }

  async restart(target: Target, options: RestartOptions): Promise<RestartResult> {
    if (options.word !== undefined || !this.#remedies.byWord) return await this.#remedies.apply(target, options);
    const { word = null, cause } = await this.probe(target, options.timeout, options.signal);
    return await this.#remedies.apply(target, { ...options, word, answered: wasAnswered(cause) });
  }

  #compileStep(step: Step, parts: RequestParts): CallStep {
    const methods = step.method === 'auto' ? METHODS : [step.method];
    const builders = new Map<string, RequestBuilder>(
      methods.map((method) => [method, compileRequest(step, method, parts)]),
    );
    return async (target, method, { timeout, signal }) => {
      const request = builders.get(method)?.(target);
      if (request === undefined) throw new TypeError(`no request was prepared for ${method}`);
      const result = await this.#exchanges.alone(request, timeout, signal);
      if (result.type === 'failed') return unanswered(result);
      return { ...answered(this.#classifier.restart(result.answer)), router: routerRefusal(result.answer) };
    };
  }

  async health(timeout: DurationMs, signal: AbortSignal): Promise<GatewayHealth> {
    if (this.#healthOf === null) return 'unknown';
    const result = await this.#exchanges.alone(this.#healthOf({ phoneNumberId: '' }), timeout, signal);
    if (result.type === 'failed') return result.cause === 'aborted' ? 'unknown' : 'down';
    return healthOf(result.answer, this.#healthOk);
  }

  async list(timeout: DurationMs, signal: AbortSignal): Promise<ListResult> {
    if (this.#listOf === null) throw new TypeError('the gateway has no list of its instances');
    const request = this.#listOf()({ phoneNumberId: '' });
    const startedAt = this.#clock.now();
    const kept = await new Promise<ExchangeResult>((resolve) => {
      this.#exchanges.onKept({ request, startedAt, timeout, signal, limit: LIST_LIMIT }, resolve);
    });
    const isOver = kept.type === 'answered' || !(kept.stale || kept.garbled);
    const left = Math.max(0, startedAt + timeout - this.#clock.now());
    const result = isOver ? kept : await this.#exchanges.alone(request, left, signal, LIST_LIMIT);
    if (result.type === 'answered' && result.age === 0) return this.#classifier.list(result.answer);
    return { type: 'failed', ...this.#probeResult(result) };
  }

  /** What only this asks for may be missing in an account that never wanted it. */
  async #send(
    requestOf: () => RequestBuilder,
    values: InstanceValues,
    timeout: DurationMs,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      const result = await this.#exchanges.alone(requestOf()(values), timeout, signal);
      return result.type === 'answered' && this.#classifier.restart(result.answer).outcome === 'accepted';
    } catch {
      return false;
    }
  }

  /** Calls still in flight end as aborted; later ones do so at once. */
  close(): Promise<void> {
    return this.#exchanges.close();
  }

  /** How long the same call may take again, on a new connection (a GET may be repeated, RFC 9110 section 9.2.2); null: none. */
  #timeForAnother(
    result: ExchangeResult,
    found: ProbeResult,
    evidence: Evidence,
    deadline: EpochMs,
    timeout: DurationMs,
  ): DurationMs | null {
    if (result.type === 'failed' && (result.stale || result.garbled)) {
      const now = this.#clock.now();
      if (result.garbled) this.#aloneUntil = now + GARBLED_FOR;
      return Math.max(0, deadline - now);
    }
    if (evidence === 'usual' || !result.reused || found.cause === 'aborted') return null;
    return verdictOf(found.cause) === 'healthy' ? null : timeout;
  }

  async #probeAlone(
    request: Dispatcher.DispatchOptions,
    timeout: DurationMs,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    return this.#probeResult(await this.#exchanges.alone(request, timeout, signal));
  }

  #probeResult(result: ExchangeResult): ProbeResult {
    if (result.type === 'failed') return { cause: result.cause, detail: result.detail, retryAfter: null };
    if (result.age === 0) return this.#classifier.probe(result.answer);
    const detail = `${TROUBLES.cached.detail} with what it got ${result.age} s ago`;
    return { cause: 'not_the_gateway', detail, retryAfter: null };
  }
}

function once<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}

function instanceValues({ phoneNumberId, token }: Target): InstanceValues {
  return { phoneNumberId, token };
}

/** The gateway itself can request a repetition, or a proxy did not reach it; then it certainly did nothing. */
function answered(result: RestartResult): RestartAttempt {
  const mayRepeat =
    result.outcome === 'unreachable' || result.rateLimited || (result.httpStatus === 503 && result.retryAfter !== null);
  return { result, repeatable: mayRepeat };
}

function unanswered({ cause, detail, sent }: ExchangeResult & { readonly type: 'failed' }): RestartAttempt {
  const result: RestartResult = { ...NOT_SENT, outcome: sent ? 'unknown' : 'unreachable', detail };
  return { result, repeatable: !sent && cause !== 'aborted' };
}

/** Whether one of these words says that all is well. */
function isOfWell(words: readonly string[], { state }: Profile): boolean {
  const well = new Set((state.words.connected ?? []).map(normalizeWord));
  return words.some((word) => well.has(normalizeWord(word)));
}
