import { CAUSES, verdictOf } from '../../core/verdict.ts';
import type { Cause, NeedsHumanCause, Verdict } from '../../core/verdict.ts';
import { withoutAccents } from './plain-words.ts';

/** A request: `{username}` and `{phoneNumberId}` in the path are filled in, percent-encoded. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** Something in an answer that denies what a success status claims. */
export type Denial =
  /** One of these values, or of these words in any case. */
  | { readonly path: string; readonly isOneOf: readonly (boolean | number | string)[] }
  /** A number, or a text that begins with three digits, that reads like an HTTP status of at least 400. */
  | { readonly path: string; readonly isErrorStatus: true }
  /** A text in which one of the profile's troubles is named. */
  | { readonly path: string; readonly namesTrouble: true }
  /** A text, a list or an object that is not empty, and does not say that there is nothing. */
  | { readonly path: string; readonly saysSomething: true };

/** A trouble that the gateway names in words. */
export interface Trouble {
  /** Searched for in texts in the form of `plainWords`. */
  readonly pattern: RegExp;
  readonly cause: NeedsHumanCause | 'rate_limited';
  /** It is about money, and not about the token. */
  readonly asksToPay?: true;
}

/**
 * A gateway described as data. Places in an answer are written as keys joined by dots (`data.connection`); an index
 * of a list counts as a key (`sessions.0.state`), and keys that contain a dot cannot be reached.
 */
export interface Profile {
  readonly name: string;
  /** The gateway's address unless the account sets another. */
  readonly baseUrl: string;
  /** The gateway's own health route; null: it has none. */
  readonly healthPath: string | null;
  /** Header name to template; `{token}` and `{username}` are filled in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Route;
  /** Its method is the default of the account's `restartMethod`. */
  readonly restart: Route;
  /** Places of a word for the connection state, the most specific first. */
  readonly statePaths: readonly string[];
  /** Places of a boolean for whether the instance is connected. */
  readonly connectedPaths: readonly string[];
  /** State words in the gateways' spelling, by meaning. */
  readonly words: Readonly<Partial<Record<Cause, readonly string[]>>>;
  /** Signs, where no state is named, that the gateway at least answers for the instance. */
  readonly positiveSigns: readonly { readonly path: string; readonly values: readonly (string | number | boolean)[] }[];
  /** What shows that a call failed, whatever the status says. */
  readonly denials: readonly Denial[];
  /** What shows, beyond that, that a restart was not accepted. */
  readonly restartDenials: readonly Denial[];
  /** Where the gateway explains itself in words; a text, or a list of texts or of objects with a text. */
  readonly textPaths: readonly string[];
  /** Where the gateway names a trouble by a word for programs, such as `INVALID_TOKEN`. */
  readonly codePaths: readonly string[];
  readonly troubles: readonly Trouble[];
  /** HTTP statuses of a restart that no repetition will ever change. */
  readonly restartRefusals: ReadonlyMap<number, NeedsHumanCause>;
}

/** The form in which state words are compared: lower case, without accents, `-`, `_`, blanks, and dots at the end. */
export function normalizeWord(word: string): string {
  return withoutAccents(word).replace(/[-_\s]+|[.!]+\s*$/gu, '');
}

/** The cause of a state word that is given only a verdict. */
const CAUSE_OF_BARE_VERDICT: Readonly<Record<Verdict, Cause>> = {
  healthy: 'connected',
  unhealthy: 'disconnected',
  transitional: 'connecting',
  needs_human: 'pairing_required',
  inconclusive: 'unknown_state',
};

/**
 * Every cause that a word in an answer may stand for. The others do not come from the gateway, but from the network, from
 * passing time, or from a restart call.
 */
export const WORD_CAUSES: readonly Cause[] = [
  'connected',
  'disconnected',
  'conflict',
  'stopped',
  'server_error',
  'connecting',
  'unauthorized',
  'not_found',
  'pairing_required',
  'banned',
  'rate_limited',
  'unknown_state',
];

/**
 * Reads the meaning that the configuration gives a state word: a verdict (`healthy`, `unhealthy`, `transitional`,
 * `needs_human`, `inconclusive`) or a verdict with one of its causes out of `WORD_CAUSES`
 * (`needs_human/pairing_required`). Null: neither.
 */
export function parseWordMeaning(text: string): Cause | null {
  const [verdict = '', cause, ...rest] = text.split('/');
  if (rest.length > 0 || !isVerdict(verdict)) return null;
  if (cause === undefined) return CAUSE_OF_BARE_VERDICT[verdict];
  return WORD_CAUSES.find((known) => known === cause && verdictOf(known) === verdict) ?? null;
}

function isVerdict(word: string): word is Verdict {
  return Object.hasOwn(CAUSES, word);
}

/**
 * Whether `text` can travel in a header as it is: visible ASCII and Latin-1 characters, blanks and tabs
 * (RFC 9110 section 5.5). A token that cannot is wrong, usually by a line break at its end.
 */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/u.test(text);
}

/** Fills `{name}` placeholders. Throws a TypeError for one without a value: the profile is wrong then. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/gu, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined)
      throw new TypeError(`template ${JSON.stringify(template)}: nothing to fill in for ${placeholder}`);
    return value;
  });
}

/**
 * Percent-encodes one part of a path, so that it can never become two parts or another one: `/` is encoded, lone
 * surrogates become U+FFFD, and the dots of `.` and `..` are encoded too.
 */
export function encodePathPart(text: string): string {
  // Nearly all are digits, and every probe needs this.
  if (/^\w+$/.test(text)) return text;
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\u{fffd}'));
}

/** A function from a phoneNumberId to the path of a request. Everything else is filled in now, so a call is cheap. */
export function pathBuilder(template: string, username: string): (phoneNumberId: string) => string {
  const values = { username: encodePathPart(username) };
  const parts = template.split('{phoneNumberId}').map((part) => fillTemplate(part, values));
  return (phoneNumberId) => parts.join(encodePathPart(phoneNumberId));
}
