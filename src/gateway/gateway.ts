import type { JsonValue, Outcome } from '../core/instance/instance.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cause, NeedsHumanCause } from '../core/verdict.ts';

/** Which instance of the account a call is about. */
export interface Target {
  readonly phoneNumberId: string;
  /** The instance's own token; undefined: the account's is used. */
  readonly token?: string | undefined;
}

/** What one probe found. A failing gateway is a value here, never an exception. */
export interface ProbeResult {
  readonly cause: Cause;
  /** A few words for people, bounded and with secrets masked; null where the cause is enough. */
  readonly detail: string | null;
  /** Set with `rate_limited` when the gateway named a wait. */
  readonly retryAfter: DurationMs | null;
  /** The state word in the gateway's spelling, where remedies are chosen by it: unbounded, never to be shown. */
  readonly word?: string | undefined;
  /** Requests that it took beyond one; missing: none. */
  readonly further?: number;
  /** The remedy for this is only for an instance that was healthy before. */
  readonly knownOnly?: true;
  /** When the answer says that something last flowed through the instance, on the wall; missing: it does not say. */
  readonly lastActivityAt?: EpochMs | null;
}

/** How one restart ended, repetitions of undelivered calls included. */
export interface RestartResult {
  readonly outcome: Outcome;
  readonly httpStatus: number | null;
  /** The gateway's answer: parsed JSON, or text where it was none; bounded, secrets masked. */
  readonly body: JsonValue;
  readonly detail: string | null;
  /** Set when no repetition can ever succeed: wrong token, or no such route. */
  readonly refusal: NeedsHumanCause | null;
  readonly rateLimited: boolean;
  readonly retryAfter: DurationMs | null;
  /** The method that was found by trying, and accepted; null or missing: nothing was to be found. */
  readonly method?: string | null;
}

export interface RestartOptions {
  /** Deadline of one call. */
  readonly timeout: DurationMs;
  /** Repetitions, made only when a call was certainly not delivered or the gateway requests one. */
  readonly retries: number;
  readonly signal: AbortSignal;
  /** The word that the last probe found, by which remedies are chosen; undefined: none was made, so it is asked for. */
  readonly word?: string | null;
  /** False: the instance was never healthy, and some remedies would make one that never was. Default: true. */
  readonly known?: boolean;
  /** Whether the last probe was answered: a call that no route takes is the router's then. Default: false. */
  readonly answered?: boolean;
  /** The method that was found before, where the gateway does not say it. */
  readonly method?: string | null;
}

/** The answer of a gateway's own health route; `unknown`: there seems to be no such route. */
export type GatewayHealth = 'up' | 'down' | 'unknown';

/** At most this many instances of one list are taken, the first ones. */
export const MOST_LISTED = 10_000;

/** An instance in the list of a gateway. */
export interface ListedInstance {
  /** As the gateway writes it: 1 to 256 characters, none of them hidden. */
  readonly id: string;
  /** Its own, a secret; null: the list brings none, or none that a request can carry. */
  readonly token: string | null;
  /** What the list says of its state; null: nothing that is understood, or two things. */
  readonly cause: Cause | null;
}

/** What a gateway answered to the question which instances there are. */
export type ListResult =
  | {
      readonly type: 'listed';
      /** Each id once. */
      readonly instances: readonly ListedInstance[];
      /** How many more entries there were of which no instance can be made. */
      readonly unusable: number;
      /** How many pages the list has, of which this is one; left out: this is all of it. */
      readonly pages?: number;
    }
  | ({ readonly type: 'failed' } & Pick<ProbeResult, 'cause' | 'detail' | 'retryAfter'>);

/** The route of a gateway that names all instances of an account. */
export interface ListRoute {
  /**
   * Calls it once. Never rejects.
   *
   * @param page the first is 1; a list that does not come in pages has no other
   */
  list(timeout: DurationMs, signal: AbortSignal, page?: number): Promise<ListResult>;
}

/** The health route of a gateway, which is about the gateway itself and not about an instance. */
export interface HealthRoute {
  /** Calls it once. Never rejects. */
  health(timeout: DurationMs, signal: AbortSignal): Promise<GatewayHealth>;
}

/**
 * How sure the way of an answer must be. `usual`: any open connection will do. `fresh`: a new connection to where the
 * gateway's name leads now. `confirmed`: as usual, but what is not healthy over a used connection is looked at again over
 * a new one, which may take as long again.
 */
export type Evidence = 'usual' | 'fresh' | 'confirmed';

/** A message that an instance is to send. */
export interface OutgoingText {
  /** A phone number in digits. */
  readonly to: string;
  readonly text: string;
}

/** One account of a gateway: the port through which instances are probed and restarted. */
export interface Gateway {
  /** Probes once. Never rejects; an aborted `signal` gives the cause `aborted`. `evidence` is `usual` by default. */
  probe(target: Target, timeout: DurationMs, signal: AbortSignal, evidence?: Evidence): Promise<ProbeResult>;
  /** Calls the restart endpoint. Never rejects; aborted after sending, the outcome is `unknown`. */
  restart(target: Target, options: RestartOptions): Promise<RestartResult>;
  /**
   * Whether a webhook of the gateway reports a message; missing: it cannot be said.
   *
   * @param body parsed, of unknown type; undefined: there is none that can be read
   * @param event the name of the event in the URL; null: there is none
   */
  readonly isMessage?: (body: unknown, event: string | null) => boolean;
  /** Whether it reports that a message is being sent, and nothing of what reaches the instance; missing: none does. */
  readonly isSent?: (body: unknown, event: string | null) => boolean;
  /** Sends a text message, once; missing: it cannot. Resolves with whether it was accepted. Never rejects. */
  readonly send?:
    ((target: Target, message: OutgoingText, timeout: DurationMs, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** Whether a webhook shows that a message to the instance's own number went through; missing: it does. */
  readonly sendsToSelf?: boolean;
  close(): Promise<void>;
  /** A former process found an instance connected, so answers name states; missing: that makes no difference. */
  readonly expectStates?: () => void;
  /** When the certificate that the gateway showed last ends; null or missing: it has shown none yet, or there is no TLS. */
  readonly certificateEndsAt?: EpochMs | null;
}

/** Whether something answers at `target` (`tcp://host:port` or `https://…`). Never rejects. */
export type Reach = (target: string, signal: AbortSignal) => Promise<boolean>;
