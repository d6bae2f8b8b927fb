import { errors, type Dispatcher } from 'undici';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { CALL_TROUBLES } from '../../core/call-trouble.ts';
import { TROUBLES } from '../../core/trouble.ts';
import type { Cause } from '../../core/verdict.ts';
import type { Clock } from '../../time/clock.ts';
import { ANSWER_LIMIT, type Answer } from '../answers/answer.ts';
import type { Connector } from './connections/connector.ts';
import type { Slotted } from '../../collections/intrusive-set.ts';
import { decoded } from './decode.ts';
import { explainNetworkError } from './network-error.ts';

/** How an HTTP exchange ended. */
export type ExchangeResult =
  | {
      readonly type: 'answered';
      readonly answer: Answer;
      /** A cache answered, with what it was given this many seconds ago (RFC 9111 section 5.1); 0: none did. */
      readonly age: number;
      /** It came over a connection that was used before. */
      readonly reused: boolean;
    }
  | {
      readonly type: 'failed';
      readonly cause: Cause;
      readonly detail: string;
      /** The request was given to a connection, so the gateway may have acted on it. */
      readonly sent: boolean;
      /** Something came that is not the head of an answer, or none that can be understood. */
      readonly garbled: boolean;
      /** The connection was used before and ended without an answer: the gateway closed it while it was idle. */
      readonly stale: boolean;
      /** The call was given to a connection that was used before. */
      readonly reused: boolean;
    };

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly timeout: DurationMs;
  /** The time of its deadline; `RunningExchanges` enforces it. */
  readonly deadline: EpochMs;
  /** At most this many bytes of the body are read; default: `ANSWER_LIMIT`. */
  readonly limit?: number | undefined;
}

/** Receives once how the exchange ended. */
type Done = (result: ExchangeResult, exchange: Exchange) => void;

const ENOUGH = new Error('the rest of this exchange is not needed');
const NOTHING = Buffer.alloc(0);
const NO_HEADERS: Headers = {};

/**
 * One request and its answer, under a deadline that runs from the start. It is itself the handler of undici's events,
 * because this is the hot path. It ends exactly once, and never by throwing.
 */
export class Exchange implements Dispatcher.DispatchHandler, Slotted {
  slotIndex = -1;
  readonly deadline: EpochMs;
  readonly #clock: Clock;
  readonly #connector: Connector;
  readonly #timeout: DurationMs;
  readonly #limit: number;
  readonly #done: Done;
  #ended = false;
  #controller: Dispatcher.DispatchController | null = null;
  #onNewConnection = false;
  #status = 0;
  #headers: Headers = NO_HEADERS;
  #body: Buffer = NOTHING;
  /** Pieces of a body that did not arrive whole; usually it does. */
  #pieces: Buffer[] | null = null;
  #length = 0;

  constructor({ clock, connector, timeout, deadline, limit = ANSWER_LIMIT }: ExchangeOptions, done: Done) {
    this.deadline = deadline;
    this.#clock = clock;
    this.#connector = connector;
    this.#timeout = timeout;
    this.#limit = limit;
    this.#done = done;
  }

  /** Ends at once, with the cause `aborted`, unless it is over. */
  abort(): void {
    this.#fail('aborted', CALL_TROUBLES.givenUp);
  }

  /** The deadline has come. */
  timeOut(): void {
    const within = `within ${this.#timeout / SECOND} s`;
    if (this.#controller === null) {
      if (this.#connector.isAtProxy) this.#fail('not_the_gateway', `${TROUBLES.noProxy.detail} ${within}`);
      else if (this.#connector.isLookingUp) this.#fail('dns', `${TROUBLES.nameServers.detail} ${within}`);
      else this.#fail('timeout', `${CALL_TROUBLES.noConnection} ${within}`);
    } else {
      const { noAnswer, notComplete } = CALL_TROUBLES;
      this.#fail('timeout', `${this.#status === 0 ? noAnswer : notComplete} ${within}`);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Undici may start a request again on another connection. That decision is ours.
    const isRepetition = this.#controller !== null;
    if (this.#ended || isRepetition) {
      controller.abort(ENOUGH);
      return;
    }
    this.#controller = controller;
    this.#onNewConnection = this.#connector.handingOver;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const isFirst = this.#length === 0;
    this.#length += chunk.length;
    if (this.#length > this.#limit) this.#answer(NOTHING, true);
    // Copied, for the connection reads its next piece into the same place.
    else if (isFirst) this.#body = Buffer.from(chunk);
    else (this.#pieces ??= [this.#body]).push(Buffer.from(chunk));
  }

  onResponseEnd(): void {
    this.#answer(this.#pieces === null ? this.#body : Buffer.concat(this.#pieces), false);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (error === ENOUGH) this.#fail('reset', 'the connection broke off');
    // Its length is that of another answer (RFC 9110 section 8.6), but undici waits for it.
    else if (error instanceof errors.ResponseContentLengthMismatchError && isWithoutContent(this.#status)) {
      this.#answer(NOTHING, false);
    } else {
      const hadHead = this.#status >= 200;
      const { hasCertificate } = this.#connector;
      const { cause, detail, refusedByTls } = explainNetworkError(error, { hasCertificate, hadHead });
      // A connection that answered before was not refused.
      this.#fail(cause, detail, refusedByTls && this.#onNewConnection && this.#status === 0);
    }
  }

  #answer(body: Buffer, truncated: boolean): void {
    const headers = this.#headers;
    const retryAfter = firstOf(headers['retry-after']);
    const answer = {
      status: this.#status,
      contentType: firstOf(headers['content-type']),
      retryAfter,
      allow: firstOf(headers['allow']),
      link: headers['link'] === undefined ? null : [headers['link']].flat().join(', '),
      answeredAt: retryAfter === null ? undefined : Date.parse(firstOf(headers['date']) ?? '') || this.#clock.wall(),
      body,
      truncated,
    };
    if (this.#end()) {
      this.#done(
        {
          type: 'answered',
          answer: decoded(answer, firstOf(headers['content-encoding']), this.#limit),
          age: ageOf(firstOf(headers['age'])),
          reused: !this.#onNewConnection,
        },
        this,
      );
    }
    if (truncated) this.#controller?.abort(ENOUGH);
  }

  #fail(cause: Cause, detail: string, wasRefused = false): void {
    const sent = this.#controller !== null && !wasRefused;
    const reused = sent && !this.#onNewConnection;
    const garbled = cause === 'unreadable' && this.#status < 200;
    const stale = cause === 'reset' && reused && this.#status === 0;
    if (!this.#end()) return;
    this.#done({ type: 'failed', cause, detail, sent, garbled, stale, reused }, this);
    this.#controller?.abort(ENOUGH);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#body = NOTHING;
    this.#pieces = null;
    return true;
  }
}

/** Such an answer ends with its head (RFC 9112 section 6.3). */
function isWithoutContent(status: number): boolean {
  return status === 204 || status === 304;
}

function ageOf(header: string | null): number {
  return header !== null && /^\d{1,9}$/u.test(header) ? Number(header) : 0;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function firstOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
