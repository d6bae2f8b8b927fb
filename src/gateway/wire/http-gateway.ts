import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import { TROUBLES } from '../../core/trouble.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { Names } from '../../network/names.ts';
import { parseProxy, type Proxy } from '../../network/proxy.ts';
import { USER_AGENT } from '../../network/user-agent.ts';
import type { Clock } from '../../time/clock.ts';
import { compileClassifier } from '../answers/classify.ts';
import type { Classifier } from '../answers/classify.ts';
import { healthOf } from '../answers/health.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import { Connector } from './connector.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeResult } from './exchange.ts';
import type {
  Evidence,
  Gateway,
  GatewayHealth,
  HealthRoute,
  ProbeResult,
  RestartOptions,
  RestartResult,
  Target,
} from '../gateway.ts';
import { KeptConnections } from './kept-connections.ts';
import { fillTemplate, isHeaderValue, pathBuilder } from '../profiles/profile.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Masks } from '../../redaction/masks.ts';
import { repeatRestart } from './repeat.ts';
import type { RestartAttempt } from './repeat.ts';
import { RunningExchanges } from './running-exchanges.ts';
import { tlsSettings, type ClientCertificate, type TlsSettings } from './tls-settings.ts';

export interface HttpGatewayOptions {
  readonly profile: Profile;
  /** http or https; a path in it is put before the profile's. */
  readonly baseUrl: string;
  readonly username: string;
  readonly token: string;
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
export function httpGateway(options: HttpGatewayOptions): Gateway & HealthRoute {
  if (!isHeaderValue(options.token)) {
    throw new TypeError(
      'token: holds characters that an HTTP header cannot carry, most likely a line break; copy it again',
    );
  }
  return new HttpGateway(options);
}

/** One request and its limits. */
interface Call {
  readonly dispatcher: Dispatcher;
  readonly connector: Connector;
  readonly request: Dispatcher.DispatchOptions;
  readonly timeout: DurationMs;
  readonly deadline: EpochMs;
  readonly signal: AbortSignal;
}

type RequestBuilder = (phoneNumberId: string) => Dispatcher.DispatchOptions;

class HttpGateway implements Gateway, HealthRoute {
  readonly #clock: Clock;
  readonly #classifier: Classifier;
  readonly #origin: string;
  readonly #tls: TlsSettings | null;
  readonly #healthPath: string | null;
  readonly #healthHeaders: string[];
  readonly #probeOf: RequestBuilder;
  readonly #restartOf: RequestBuilder;
  readonly #names: Names;
  readonly #proxy: Proxy | null;
  readonly #kept: KeptConnections;
  readonly #running: RunningExchanges;
  certificateEndsAt: EpochMs | null = null;
  #aloneUntil: EpochMs = 0;
  #closed = false;

  constructor(options: HttpGatewayOptions) {
    const { profile, token, username, statePath, stateWords, masks, clock, names } = options;
    const base = new URL(options.baseUrl);
    const prefix = base.pathname.replace(/\/+$/u, '');
    this.#clock = clock;
    this.#names = names;
    this.#running = new RunningExchanges(clock);
    this.#classifier = compileClassifier(profile, { statePath, stateWords, masks });
    this.#origin = base.origin;
    const { ca, insecureSkipVerify, client } = options;
    const onCertificate = (endsAt: EpochMs): void => {
      this.certificateEndsAt = endsAt;
    };
    this.#tls = base.protocol === 'https:' ? tlsSettings(ca, insecureSkipVerify, client, onCertificate) : null;
    this.#proxy = options.proxy === null ? null : parseProxy(options.proxy);
    // Without TLS the proxy itself gets the requests (RFC 9112 section 3.2.2), and with TLS only what carries them.
    const asked = this.#tls === null ? this.#proxy : null;
    const beforePath = asked === null ? '' : this.#origin;
    const login = asked?.authorization ? { 'Proxy-Authorization': asked.authorization } : {};
    const usual = { ...COMMON_HEADERS, ...options.headers, ...login };
    const needed: Record<string, string> = {};
    for (const [name, template] of Object.entries(profile.headers)) {
      needed[name] = fillTemplate(template, { token, username });
    }
    const headers = merged(needed, usual);
    this.#healthHeaders = merged({ Accept: 'application/json' }, usual);
    const requests = (method: string, path: string): RequestBuilder => {
      const pathOf = pathBuilder(prefix + path, username);
      return (phoneNumberId) => ({ method, path: beforePath + pathOf(phoneNumberId), headers });
    };
    this.#probeOf = requests(profile.probe.method, profile.probe.path);
    this.#restartOf = requests(options.restartMethod, profile.restart.path);
    this.#healthPath = options.healthPath === null ? null : beforePath + prefix + options.healthPath;
    const { concurrency } = options;
    const way = { tls: this.#tls, proxy: this.#proxy, clock, names };
    this.#kept = new KeptConnections({ ...way, origin: this.#origin, concurrency });
  }

  probe(
    { phoneNumberId }: Target,
    timeout: DurationMs,
    signal: AbortSignal,
    evidence: Evidence = 'usual',
  ): Promise<ProbeResult> {
    const request = this.#probeOf(phoneNumberId);
    const now = this.#clock.now();
    if (evidence === 'fresh' || now < this.#aloneUntil) return this.#probeAlone(request, timeout, signal);
    const deadline = now + timeout;
    const { pool: dispatcher, connector } = this.#kept.at(now);
    // Not an async function, because this is the hot path.
    return new Promise((resolve) => {
      this.#begin({ dispatcher, connector, request, timeout, deadline, signal }, (result) => {
        const found = this.#probeResult(result);
        const time = this.#timeForAnother(result, found, evidence, deadline, timeout);
        resolve(time === null ? found : this.#probeAlone(request, time, signal));
      });
    });
  }

  restart({ phoneNumberId }: Target, options: RestartOptions): Promise<RestartResult> {
    const request = this.#restartOf(phoneNumberId);
    const restartOnce = async (): Promise<RestartAttempt> => {
      const result = await this.#exchangeAlone(request, options.timeout, options.signal);
      return result.type === 'answered' ? answered(this.#classifier.restart(result.answer)) : unanswered(result);
    };
    return repeatRestart(restartOnce, options, this.#clock);
  }

  /** Without the credentials of the account: the route is the gateway's, not the account's. */
  async health(timeout: DurationMs, signal: AbortSignal): Promise<GatewayHealth> {
    if (this.#healthPath === null) return 'unknown';
    const request = { method: 'GET', path: this.#healthPath, headers: this.#healthHeaders };
    const result = await this.#exchangeAlone(request, timeout, signal);
    if (result.type === 'failed') return result.cause === 'aborted' ? 'unknown' : 'down';
    return healthOf(result.answer);
  }

  /** Calls still in flight end as aborted; later ones do so at once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running.close();
    await this.#kept.close();
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
    return this.#probeResult(await this.#exchangeAlone(request, timeout, signal));
  }

  #probeResult(result: ExchangeResult): ProbeResult {
    if (result.type === 'failed') return { cause: result.cause, detail: result.detail, retryAfter: null };
    if (result.age === 0) return this.#classifier.probe(result.answer);
    const detail = `${TROUBLES.cached.detail} with what it got ${result.age} s ago`;
    return { cause: 'not_the_gateway', detail, retryAfter: null };
  }

  /** On a new connection that is used for this call only, to where the name leads now. */
  async #exchangeAlone(
    request: Dispatcher.DispatchOptions,
    timeout: DurationMs,
    signal: AbortSignal,
  ): Promise<ExchangeResult> {
    const parts = { tls: this.#tls, proxy: this.#proxy, clock: this.#clock, names: this.#names };
    const connector = new Connector({ ...parts, usedOnce: true });
    const client = new Client(this.#origin, { ...CLIENT_OPTIONS, connect: connector.connect });
    try {
      return await new Promise((resolve) => {
        const deadline = this.#clock.now() + timeout;
        const alone = { ...request, reset: true };
        this.#begin({ dispatcher: client, connector, request: alone, timeout, deadline, signal }, resolve);
      });
    } finally {
      await client.destroy();
      connector.close();
    }
  }

  #begin(
    { dispatcher, connector, request, timeout, deadline, signal }: Call,
    done: (result: ExchangeResult) => void,
  ): void {
    const exchange = new Exchange({ clock: this.#clock, connector, timeout, deadline }, (result, ended) => {
      this.#running.delete(signal, ended);
      done(result);
    });
    this.#running.add(signal, exchange);
    if (this.#closed || signal.aborted) exchange.abort();
    else {
      connector.allow(timeout);
      dispatcher.dispatch(request, exchange);
    }
  }
}

/** Names and values in turn. A later header takes the place of an earlier one of the same name, whatever its case. */
function merged(...headers: readonly Readonly<Record<string, string>>[]): string[] {
  const byName = new Map(headers.flatMap(Object.entries<string>).map((entry) => [entry[0].toLowerCase(), entry]));
  return [...byName.values()].flat();
}

/** The gateway itself can request a repetition, or a proxy did not reach it; then it certainly did nothing. */
function answered(result: RestartResult): RestartAttempt {
  const mayRepeat =
    result.outcome === 'unreachable' || result.rateLimited || (result.httpStatus === 503 && result.retryAfter !== null);
  return { result, repeatable: mayRepeat };
}

function unanswered({ cause, detail, sent }: ExchangeResult & { readonly type: 'failed' }): RestartAttempt {
  const nothing = { httpStatus: null, body: null, refusal: null, rateLimited: false, retryAfter: null };
  const result: RestartResult = { ...nothing, outcome: sent ? 'unknown' : 'unreachable', detail };
  return { result, repeatable: !sent && cause !== 'aborted' };
}
