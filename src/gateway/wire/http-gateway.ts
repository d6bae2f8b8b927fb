import type { Dispatcher } from 'undici';
import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import { TROUBLES } from '../../core/trouble.ts';
import { verdictOf, wasAnswered } from '../../core/verdict.ts';
import type { Names } from '../../network/names.ts';
import { parseProxy } from '../../network/proxy.ts';
import type { Clock } from '../../time/clock.ts';
import { compileConditions, type Check } from '../answers/conditions.ts';
import { compileClassifier, type Classifier, type ClassifierOptions } from '../answers/classify.ts';
import { healthOf } from '../answers/health.ts';
import { LIST_LIMIT } from '../lists/list.ts';
import { routerRefusal } from '../answers/router.ts';
import { compileWebhooks } from '../answers/webhook.ts';
import type { ExchangeResult } from './exchange.ts';
import { Exchanges } from './exchanges.ts';
import { compileRequests, type DetailRequest, type GatewayRequests, type RequestOptions } from './gateway-requests.ts';
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
import type { Step } from '../profiles/profile.ts';
import { isHeaderValue, type InstanceValues } from '../profiles/templates.ts';
import { normalizeWord } from '../profiles/words.ts';
import { Remedies, type CallStep } from '../remedies/remedies.ts';
import type { RestartAttempt } from '../remedies/repeat.ts';
import { NOT_SENT } from '../remedies/run-remedy.ts';
import type { RequestBuilder } from './request-template.ts';
import { tlsSettings, type ClientCertificate } from './connections/tls-settings.ts';

export interface HttpGatewayOptions extends RequestOptions, ClassifierOptions {
  /** Of those calls of which the profile does not say it; `auto`: the first that the gateway has a route for. */
  readonly restartMethod: string;
  /** Most connections for probes, and so most probes at a time; at least 1. Restarts have their own. */
  readonly concurrency: number;
  /** Certificate authorities (PEM) that replace the system's; null keeps those. */
  readonly ca: string | null;
  readonly insecureSkipVerify: boolean;
  /** What is shown to a gateway that wants a client certificate; null: nothing. */
  readonly client: ClientCertificate | null;
  /** URL of the proxy through which the gateway is called; null: none. It may hold a password. */
  readonly proxy: string | null;
  readonly clock: Clock;
  readonly names: Names;
}

/** Once a head could not be understood, probes go this long over connections of their own, whose answers are mended. */
const GARBLED_FOR: DurationMs = 10 * MINUTE;

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

class HttpGateway implements Gateway, HealthRoute, ListRoute {
  readonly #clock: Clock;
  readonly #classifier: Classifier;
  readonly #requests: GatewayRequests;
  readonly #firstPage: number;
  readonly #healthOk: Check;
  readonly #remedies: Remedies;
  readonly #exchanges: Exchanges;
  readonly send: Gateway['send'];
  readonly sendsToSelf: boolean;
  readonly isMessage: (body: unknown, event: string | null) => boolean;
  readonly isSent: (body: unknown, event: string | null) => boolean;
  readonly expectStates: () => void;
  certificateEndsAt: EpochMs | null = null;
  #aloneUntil: EpochMs = 0;

  constructor(options: HttpGatewayOptions) {
    const { profile, healthPath, clock, names, concurrency } = options;
    const { protocol, origin } = new URL(options.baseUrl);
    this.#clock = clock;
    this.#classifier = compileClassifier(profile, options);
    this.expectStates = this.#classifier.expectStates;
    ({ isMessage: this.isMessage, isSent: this.isSent } = compileWebhooks(profile));
    const { ca, insecureSkipVerify, client } = options;
    const onCertificate = (endsAt: EpochMs): void => {
      this.certificateEndsAt = endsAt;
    };
    const tls = protocol === 'https:' ? tlsSettings(ca, insecureSkipVerify, client, onCertificate) : null;
    const proxy = options.proxy === null ? null : parseProxy(options.proxy);
    this.#requests = compileRequests(options, proxy);
    this.#remedies = new Remedies({ ...options, ...profile, compile: (step) => this.#compileStep(step) });
    this.#healthOk = compileConditions(profile.health?.request.path === healthPath ? profile.health.ok : {});
    this.#firstPage = profile.list?.pages?.first ?? 1;
    this.sendsToSelf = profile.send?.toSelf !== false;
    const { send } = this.#requests;
    if (send !== null) {
      this.send = ({ phoneNumberId, token }, message, time, signal) =>
        this.#send(send, { phoneNumberId, token, ...message }, time, signal);
    }
    this.#exchanges = new Exchanges({ tls, proxy, clock, names, origin, concurrency });
  }

  probe(target: Target, timeout: DurationMs, signal: AbortSignal, evidence: Evidence = 'usual'): Promise<ProbeResult> {
    const { detail } = this.#requests;
    if (detail === null) return this.#probe(target, timeout, signal, evidence);
    return this.#probeInDetail(detail, target, timeout, signal, evidence);
  }

  #probe(target: Target, timeout: DurationMs, signal: AbortSignal, evidence: Evidence): Promise<ProbeResult> {
    const request = this.#requests.probe(target);
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
    { on, whenWell, requestOf }: DetailRequest,
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
    const detailed = this.#classifier.detail(result.answer);
    if (detailed !== null || status < 500) return detailed ?? found;
    // As long as the gateway itself cannot say what the matter is, nobody knows whether a person is needed.
    return { ...found, cause: 'server_error', detail: `HTTP ${status}, asked for the details` };
  }

  async restart(target: Target, options: RestartOptions): Promise<RestartResult> {
    if (options.word !== undefined || !this.#remedies.byWord) return await this.#remedies.apply(target, options);
    const { word = null, cause } = await this.probe(target, options.timeout, options.signal);
    return await this.#remedies.apply(target, { ...options, word, answered: wasAnswered(cause) });
  }

  #compileStep(step: Step): CallStep {
    const requestOf = this.#requests.call(step);
    return async (target, method, { timeout, signal }) => {
      const result = await this.#exchanges.alone({ ...requestOf(target), method }, timeout, signal);
      if (result.type === 'failed') return unanswered(result);
      return { ...answered(this.#classifier.restart(result.answer)), router: routerRefusal(result.answer) };
    };
  }

  async health(timeout: DurationMs, signal: AbortSignal): Promise<GatewayHealth> {
    const { health } = this.#requests;
    if (health === null) return 'unknown';
    const result = await this.#exchanges.alone(health({ phoneNumberId: '' }), timeout, signal);
    if (result.type === 'failed') return result.cause === 'aborted' ? 'unknown' : 'down';
    return healthOf(result.answer, this.#healthOk);
  }

  async list(timeout: DurationMs, signal: AbortSignal, page = 1): Promise<ListResult> {
    const { list: requestOf } = this.#requests;
    if (requestOf === null) throw new TypeError('the gateway has no list of its instances');
    const request = requestOf()({ phoneNumberId: '', page: String(this.#firstPage + page - 1) });
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
