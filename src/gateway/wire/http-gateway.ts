import { Client, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { SECOND } from '../../core/time.ts';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import type { Clock } from '../../time/clock.ts';
import { compileClassifier } from '../answers/classify.ts';
import type { Classifier } from '../answers/classify.ts';
import { Connector, tlsSettings } from './connector.ts';
import type { TlsSettings } from './connector.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeResult } from './exchange.ts';
import type {
  Gateway,
  GatewayHealth,
  HealthRoute,
  ProbeResult,
  RestartOptions,
  RestartResult,
  Target,
} from '../gateway.ts';
import { fillTemplate, isHeaderValue, pathBuilder } from '../profiles/profile.ts';
import type { Profile } from '../profiles/profile.ts';
import { repeatRestart } from './repeat.ts';
import type { RestartAttempt } from './repeat.ts';
import { RunningExchanges } from './running-exchanges.ts';

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
  readonly clock: Clock;
}

/**
 * How long an unused connection is kept, unless the gateway's `Keep-Alive: timeout=…` is shorter. It is longer than the
 * default probe interval, because a new TLS connection costs far more than a probe; nginx keeps 75 s, too.
 */
const KEEP_ALIVE: DurationMs = 75 * SECOND;

/** Common to all connections. Undici's own deadlines are off: every exchange has one. */
const CLIENT_OPTIONS = {
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE,
  headersTimeout: 0,
  bodyTimeout: 0,
  maxHeaderSize: 16 * 1024,
} as const;

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
  readonly #probeOf: RequestBuilder;
  readonly #restartOf: RequestBuilder;
  readonly #connector: Connector;
  readonly #pool: Pool;
  readonly #running: RunningExchanges;
  #closed = false;

  constructor(options: HttpGatewayOptions) {
    const { profile, token, username, statePath, stateWords, clock } = options;
    const base = new URL(options.baseUrl);
    const prefix = base.pathname.replace(/\/+$/u, '');
    this.#clock = clock;
    this.#running = new RunningExchanges(clock);
    this.#classifier = compileClassifier(profile, { statePath, stateWords, secrets: [token] });
    this.#origin = base.origin;
    this.#tls = base.protocol === 'https:' ? tlsSettings(options.ca, options.insecureSkipVerify) : null;
    const headers = Object.entries(profile.headers).flatMap(([name, template]) => [
      name,
      fillTemplate(template, { token, username }),
    ]);
    const requests = (method: string, path: string): RequestBuilder => {
      const pathOf = pathBuilder(prefix + path, username);
      return (phoneNumberId) => ({ method, path: pathOf(phoneNumberId), headers });
    };
    this.#probeOf = requests(profile.probe.method, profile.probe.path);
    this.#restartOf = requests(options.restartMethod, profile.restart.path);
    this.#healthPath = options.healthPath === null ? null : prefix + options.healthPath;
    this.#connector = new Connector(this.#tls, clock);
    this.#pool = new Pool(this.#origin, {
      ...CLIENT_OPTIONS,
      connections: options.concurrency,
      connect: this.#connector.connect,
    });
  }

  probe({ phoneNumberId }: Target, timeout: DurationMs, signal: AbortSignal): Promise<ProbeResult> {
    const request = this.#probeOf(phoneNumberId);
    return new Promise((resolve) => {
      const deadline = this.#clock.now() + timeout;
      const call = { dispatcher: this.#pool, connector: this.#connector, request, timeout, deadline, signal };
      this.#begin(call, (result) => {
        // A gateway may close an idle connection at the very moment it is used. That does not count against the gateway,
        // and a GET may be repeated (RFC 9110 section 9.2.2).
        if (result.type === 'answered' || !result.stale) resolve(this.#probeResult(result));
        else {
          const timeLeft = Math.max(0, deadline - this.#clock.now());
          resolve(this.#exchangeAlone(request, timeLeft, signal).then((repeated) => this.#probeResult(repeated)));
        }
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

  /** Without credentials: the route is the gateway's, not the account's. */
  async health(timeout: DurationMs, signal: AbortSignal): Promise<GatewayHealth> {
    if (this.#healthPath === null) return 'unknown';
    const request = { method: 'GET', path: this.#healthPath, headers: ['accept', 'application/json'] };
    const result = await this.#exchangeAlone(request, timeout, signal);
    if (result.type === 'failed') return result.cause === 'aborted' ? 'unknown' : 'down';
    const { status } = result.answer;
    if (status >= 500) return 'down';
    return status >= 200 && status < 300 ? 'up' : 'unknown';
  }

  /** Calls still in flight end as aborted; later ones do so at once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running.close();
    await this.#pool.destroy();
    this.#connector.close();
  }

  #probeResult(result: ExchangeResult): ProbeResult {
    return result.type === 'answered'
      ? this.#classifier.probe(result.answer)
      : { cause: result.cause, detail: result.detail, retryAfter: null };
  }

  /** On a new connection that is used for this call only. */
  async #exchangeAlone(
    request: Dispatcher.DispatchOptions,
    timeout: DurationMs,
    signal: AbortSignal,
  ): Promise<ExchangeResult> {
    const connector = new Connector(this.#tls, this.#clock);
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
    const exchange = new Exchange({ connector, timeout, deadline }, (result, ended) => {
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

/** The gateway itself can request a repetition; then it certainly did nothing. */
function answered(result: RestartResult): RestartAttempt {
  const mayRepeat = result.rateLimited || (result.httpStatus === 503 && result.retryAfter !== null);
  return { result, repeatable: mayRepeat };
}

function unanswered({ cause, detail, sent }: ExchangeResult & { readonly type: 'failed' }): RestartAttempt {
  const nothing = { httpStatus: null, body: null, refusal: null, rateLimited: false, retryAfter: null };
  const result: RestartResult = { ...nothing, outcome: sent ? 'unknown' : 'unreachable', detail };
  return { result, repeatable: !sent && cause !== 'aborted' };
}
