import { Client, type Dispatcher } from 'undici';
import type { DurationMs, EpochMs } from '../../core/time.ts';
import { Connector } from './connections/connector.ts';
import { Exchange, type ExchangeResult } from './exchange.ts';
import { CLIENT_OPTIONS, KeptConnections, type KeptConnectionsParts } from './connections/kept-connections.ts';
import { RunningExchanges } from './running-exchanges.ts';

/** One request and its limits. */
interface Call {
  readonly request: Dispatcher.DispatchOptions;
  readonly startedAt: EpochMs;
  readonly timeout: DurationMs;
  readonly signal: AbortSignal;
  /** At most this many bytes of the body are read; default: `ANSWER_LIMIT`. */
  readonly limit?: number | undefined;
}

/** The calls of one account: each over a connection that is kept between calls, or over one of its own. */
export class Exchanges {
  readonly #parts: KeptConnectionsParts;
  readonly #kept: KeptConnections;
  readonly #running: RunningExchanges;
  #closed = false;

  constructor(parts: KeptConnectionsParts) {
    this.#parts = parts;
    this.#kept = new KeptConnections(parts);
    this.#running = new RunningExchanges(parts.clock);
  }

  /** Over a connection that is kept between calls. No promise is made of it, because this is the hot path. */
  onKept(call: Call, done: (result: ExchangeResult) => void): void {
    const { pool, connector } = this.#kept.at(call.startedAt);
    this.#begin(pool, connector, call, done);
  }

  /** Over a new connection that is used for this call only, to where the name leads now. */
  async alone(
    request: Dispatcher.DispatchOptions,
    timeout: DurationMs,
    signal: AbortSignal,
    limit?: number,
  ): Promise<ExchangeResult> {
    const { origin, concurrency: _, ...parts } = this.#parts;
    const connector = new Connector({ ...parts, usedOnce: true });
    const client = new Client(origin, { ...CLIENT_OPTIONS, connect: connector.connect });
    try {
      return await new Promise((resolve) => {
        const call = { request: { ...request, reset: true }, startedAt: parts.clock.now(), timeout, signal, limit };
        this.#begin(client, connector, call, resolve);
      });
    } finally {
      await client.destroy();
      connector.close();
    }
  }

  /** Calls still in flight end as aborted; later ones do so at once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#running.close();
    await this.#kept.close();
  }

  #begin(
    dispatcher: Dispatcher,
    connector: Connector,
    { request, startedAt, timeout, signal, limit }: Call,
    done: (result: ExchangeResult) => void,
  ): void {
    const deadline = startedAt + timeout;
    const exchange = new Exchange(
      { clock: this.#parts.clock, connector, timeout, deadline, limit },
      (result, ended) => {
        this.#running.delete(signal, ended);
        done(result);
      },
    );
    this.#running.add(signal, exchange);
    if (this.#closed || signal.aborted) exchange.abort();
    else {
      connector.allow(timeout);
      dispatcher.dispatch(request, exchange);
    }
  }
}
