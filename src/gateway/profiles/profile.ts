import type { JsonValue } from '../../core/instance/instance.ts';
import type { DurationMs } from '../../core/time.ts';
import type { Cause, NeedsHumanCause } from '../../core/verdict.ts';

/** HTTP methods of requests to gateways. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/**
 * A request. `{id}` in its texts is the instance's phoneNumberId, `{token}` the instance's token or else the account's,
 * and any other `{name}` a value of the account. In paths and queries they are percent-encoded.
 */
export interface GatewayRequest {
  /** `auto`: the gateway does not say which; the methods are tried in turn while its router refuses them. */
  readonly method: Method | 'auto';
  /** With the query, if there is one. */
  readonly path: string;
  /** Beside those of the profile. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined: no body. */
  readonly body?: JsonValue | undefined;
  /** User and password; undefined: those of the profile, if it has some. */
  readonly basic?: BasicLogin | undefined;
}

/** User and password of HTTP's basic authentication. */
export type BasicLogin = readonly [user: string, password: string];

/** A value that stands in an answer; `~text`: one that contains it, in any case; null: none, or null; `*`: any. */
export type Expected = string | number | boolean | null;

/**
 * What must stand at which places, all of them together. A place is keys joined by dots (`data.connection`); an index of
 * a list counts as a key, and `$status` is the HTTP status. Where a list of texts stands, one of them is enough.
 */
export type Conditions = Readonly<Record<string, Expected | readonly Expected[]>>;

/** What an answer means. */
export interface Rule {
  readonly if: Conditions;
  readonly is: Cause;
  /** What the state is called, for remedies; null: it has no name. */
  readonly word: string | null;
}

/** What shows that a restart was refused; `is`: why, where no repetition can change it. */
export interface RefusalRule {
  readonly if: Conditions;
  readonly is: NeedsHumanCause | null;
}

/** One call of a remedy. */
export interface Step extends GatewayRequest {
  /** The remedy goes on although this call was refused, or not answered. */
  readonly mayFail: boolean;
  /** Time between its answer and the next call. */
  readonly wait: DurationMs;
}

/** What brings an instance back. All of its calls are one restart. */
export interface Remedy {
  /** State words for which it is meant; empty: for all. */
  readonly on: readonly string[];
  /** Only for an instance that was healthy before: the gateway would make one that never was. */
  readonly knownOnly: boolean;
  readonly steps: readonly Step[];
}

/** How the facts in a profile are known, the surest first. */
export const SOURCES = ['captured', 'source', 'vendor', 'third_party', 'own'] as const;

/** What a profile says of itself. */
export interface Provenance {
  /**
   * `captured`: from a gateway that ran; `source`: read in its source; `vendor`: from its documentation; `third_party`:
   * from programs and pages of others; `own`: it is a user's.
   */
  readonly by: (typeof SOURCES)[number];
  /** Of which versions. */
  readonly versions: string | null;
  readonly sources: readonly string[];
  readonly note: string | null;
}

/** A gateway described as data. */
export interface Profile {
  readonly name: string;
  readonly known: Provenance;
  /** The gateway's address unless the account sets another; null: each has its own. */
  readonly baseUrl: string | null;
  /** Of every request but that of its health. */
  readonly headers: Readonly<Record<string, string>>;
  readonly basic: BasicLogin | null;
  readonly probe: GatewayRequest;
  /** A second request, where the first answer leaves open what the matter is; null: none. */
  readonly detail: {
    readonly on: readonly string[];
    readonly request: GatewayRequest;
    readonly rules: readonly Rule[];
  } | null;
  /** The gateway's own health route; null: it has none. `ok`: what its answer says when all is well. */
  readonly health: { readonly request: GatewayRequest; readonly ok: Conditions } | null;
  readonly list: InstanceList | null;
  /** The first that matches counts, before anything else that is in the answer. */
  readonly rules: readonly Rule[];
  readonly state: {
    /** Places of a word for the connection state, the most specific first. */
    readonly at: readonly string[];
    /** Places of a boolean for whether the instance is connected. */
    readonly connectedAt: readonly string[];
    /** State words in the gateways' spelling, by meaning. */
    readonly words: Readonly<Partial<Record<Cause, readonly string[]>>>;
    /** Signs, where no state is named, that the gateway at least answers for the instance. */
    readonly responding: readonly Conditions[];
  };
  /** The first that fits the last state word is applied. */
  readonly remedies: readonly Remedy[];
  /** The first that matches an answer to a remedy counts, before anything else that is in it. */
  readonly refused: readonly RefusalRule[];
  readonly webhook: Webhook | null;
  readonly send: SendRequest | null;
  /** Place in the answer to a probe of when a message last came in; null: there is none. */
  readonly activityAt: string | null;
  readonly remedyTexts: Readonly<Partial<Record<Cause, string>>>;
  readonly examples: Readonly<Record<string, Example>>;
}

/** The route that names all instances of an account. Places are within one item; the empty place is the item itself. */
export interface InstanceList {
  readonly request: GatewayRequest;
  /** Place of the list in the answer; empty: the answer is the list. */
  readonly items: string;
  readonly id: string;
  /** Place of a state word as in `state.words`; null: the list names no states. */
  readonly state: string | null;
  /** Place of the instance's own token, a secret; null: the list names none. */
  readonly token: string | null;
  /** About one item. */
  readonly rules: readonly Rule[];
  /** It leaves out instances that do not run: what is missing may be lost, and not gone. */
  readonly partial: boolean;
  /** Each instance has a token of its own, which the list does not bring: nothing can be watched by the list alone. */
  readonly lacksToken: boolean;
  /** How its pages are requested; null: one answer is all of it. */
  readonly pages: ListPages | null;
}

/** How a list is read that comes in pages: `{page}` in its request is the number of the page. */
export interface ListPages {
  /** Number of the first page: 0 or 1. */
  readonly first: number;
  /** Place in the answer of the number of pages; null: it is not named. One of the two is. */
  readonly count: string | null;
  /** Place in the answer of the number of all instances; null: it is not named. */
  readonly total: string | null;
}

/** Whether a list says how the instances are. */
export function namesStates({ state, rules }: InstanceList): boolean {
  return state !== null || rules.some(({ is }) => is === 'connected');
}

/** Sends a text message: `{to}` is a phone number in digits, and `{text}` what it says. */
export interface SendRequest extends GatewayRequest {
  /** Whether a webhook shows that a message to the instance's own number went through. */
  readonly toSelf: boolean;
}

/** How the body of a webhook is read. */
export interface Webhook {
  /** Places of the instance's id, the surest first. */
  readonly id: readonly string[];
  /** What shows that the connection changed; a probe follows. Null: nothing does. */
  readonly event: Conditions | null;
  /** What shows a message; null: nothing does. */
  readonly message: Conditions | null;
  /** What shows that a message is only being sent, so that it is no sign of life; null: nothing does. */
  readonly sent: Conditions | null;
}

/** What a gateway answers in one situation, for tests and the simulator. */
export interface Example {
  readonly status: number;
  readonly body: JsonValue;
}
