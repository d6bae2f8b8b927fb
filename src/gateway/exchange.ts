import type { Dispatcher } from 'undici';
import { SECOND } from '../core/time.ts';
import type { DurationMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import type { Cancel, Clock } from '../runtime/clock.ts';
import { ANSWER_LIMIT } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Connector } from './connector.ts';
import { explainNetworkError } from './network-error.ts';

/** How an HTTP exchange ended. */
export type ExchangeResult =
  | { readonly type: 'answered'; readonly answer: Answer }
  | {
      readonly type: 'failed';
      readonly cause: Cause;
      readonly detail: string;
      /** The request was given to a connection, so the gateway may have acted on it. */
      readonly sent: boolean;
      /** The connection had been used before and ended without a word: the gateway had closed it while it was idle. */
      readonly stale: boolean;
    };

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly timeout: DurationMs;
}

const ENOUGH = new Error('nobody waits for the rest of this exchange');
const NOTHING = Buffer.alloc(0);

/**
 * One request and its answer, under a deadline that runs from the start. It is itself the handler of undici's events,
 * for this is the hot path. It ends exactly once, and never by throwing.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #done: (result: ExchangeResult) => void;
  readonly #cancelDeadline: Cancel;
  #ended = false;
  #controller: Dispatcher.DispatchController | null = null;
  #onNewConnection = false;
  #status = 0;
  #contentType: string | null = null;
  #retryAfter: string | null = null;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(options: ExchangeOptions, done: (result: ExchangeResult) => void) {
    this.#options = options;
    this.#done = done;
    this.#cancelDeadline = options.clock.after(options.timeout, () => this.#timeOut());
  }

  /** Ends at once, with the cause `aborted`, unless it is over. */
  abort(): void {
    this.#fail('aborted', 'the call was given up');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Undici may start a request anew on another connection. Whether to repeat is not for it to decide.
    const isRepetition = this.#controller !== null;
    if (this.#ended || isRepetition) {
      controller.abort(ENOUGH);
      return;
    }
    this.#controller = controller;
    this.#onNewConnection = this.#options.connector.handingOver;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#contentType = firstOf(headers['content-type']);
    this.#retryAfter = firstOf(headers['retry-after']);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > ANSWER_LIMIT) this.#answer(NOTHING, true);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first = NOTHING, ...rest] = this.#chunks;
    this.#answer(rest.length === 0 ? first : Buffer.concat(this.#chunks), false);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (error === ENOUGH) this.#fail('reset', 'the connection broke off');
    else {
      const { cause, detail } = explainNetworkError(error);
      this.#fail(cause, detail);
    }
  }

  #timeOut(): void {
    const within = `within ${this.#options.timeout / SECOND} s`;
    if (this.#controller === null) {
      this.#fail('timeout', `no connection ${within}`);
    } else {
      this.#fail('timeout', this.#status === 0 ? `no answer ${within}` : `the answer was not complete ${within}`);
    }
  }

  #answer(body: Buffer, truncated: boolean): void {
    const answer = {
      status: this.#status,
      contentType: this.#contentType,
      retryAfter: this.#retryAfter,
      body,
      truncated,
    };
    if (this.#end()) this.#done({ type: 'answered', answer });
    if (truncated) this.#controller?.abort(ENOUGH);
  }

  #fail(cause: Cause, detail: string): void {
    const sent = this.#controller !== null;
    const stale = cause === 'reset' && sent && !this.#onNewConnection && this.#status === 0;
    if (!this.#end()) return;
    this.#done({ type: 'failed', cause, detail, sent, stale });
    this.#controller?.abort(ENOUGH);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#cancelDeadline();
    this.#chunks = [];
    return true;
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function firstOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
