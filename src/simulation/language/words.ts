import { originOf } from '../../core/origin.ts';
import { parseDuration } from '../../core/schedule/duration.ts';
import type { DurationMs } from '../../core/time.ts';
import { isCause, type Cause } from '../../core/verdict.ts';
import { NotUnderstood } from './form.ts';

/** Where instances belong to. */
export type Place =
  { readonly type: 'account'; readonly name: string } | { readonly type: 'gateway'; readonly origin: string };

/** What a sentence is about. */
export type Subject =
  | { readonly type: 'one'; readonly name: string }
  | ({ readonly of: Place | null } & (
      | { readonly type: 'all' }
      /** The same, but what is expected must be true of each by itself. */
      | { readonly type: 'each' }
      /** The first one, wherever a scenario says so. */
      | { readonly type: 'any' }
      /** The second one. */
      | { readonly type: 'another' }
      /** The first ones, from 0 to 1 of all. */
      | { readonly type: 'share'; readonly share: number }
    ));

export const EVERYBODY: Subject = { type: 'all', of: null };

/** Words that begin other sentences. */
const NO_NAMES: ReadonlySet<string> = new Set(['gateway', 'network', 'account', 'somebody', 'an', 'restart', 'expect']);

/** Who it is; nobody named means all. */
export function subject(text: string): Subject {
  if (text === '') return EVERYBODY;
  const [, part, kind, name] = /^(?:(\S+) of )?(account|gateway) (\S+)$/.exec(text) ?? [];
  if (name === undefined) return partOf(text, null) ?? { type: 'one', name: named(text) };
  const place: Place = kind === 'account' ? { type: 'account', name } : { type: 'gateway', origin: origin(name) };
  return partOf(part ?? 'all', place) ?? { type: 'all', of: place };
}

function partOf(word: string, of: Place | null): Subject | null {
  if (word === 'all' || word === 'each' || word === 'any' || word === 'another') return { type: word, of };
  const share = /^(\d{1,3})%$/.exec(word)?.[1];
  return share === undefined ? null : { type: 'share', share: Math.min(1, Number(share) / 100), of };
}

function named(word: string): string {
  if (NO_NAMES.has(word)) throw new NotUnderstood(`This is not understood: more must follow \`${word}\`.`);
  return word;
}

/** Scheme, host and port of a gateway, as in its baseUrl. */
export function origin(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return originOf(text);
  throw new NotUnderstood(
    `${text} is no address of a gateway. Write it as in baseUrl, such as https://api.example.com.`,
  );
}

export function duration(text: string): DurationMs {
  const length = parseDuration(text);
  if (length === null || length === 0) {
    throw new NotUnderstood(`${text} is no duration. Write it like 90s, 5m or 1h30m.`);
  }
  return length;
}

/** A duration that may be left out. */
export function durationOrNull(text: string): DurationMs | null {
  return text === '' ? null : duration(text);
}

/** A time after the start. */
export function moment(text: string): DurationMs {
  return text === '0' ? 0 : duration(text);
}

export function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new NotUnderstood(`${text} is no whole number.`);
}

/** 0 to 1; left out, it is certain. */
export function chance(text: string): number {
  if (text === '') return 1;
  if (/^\d(?:\.\d+)?$/.test(text) && Number(text) <= 1) return Number(text);
  throw new NotUnderstood(`A chance is a number from 0 to 1, not ${text}.`);
}

/** Some causes come from the watchdog alone; a gateway cannot give them. */
const OURS: ReadonlySet<Cause> = new Set<Cause>(['stuck_connecting', 'own_network', 'stalled', 'aborted']);

/** What a gateway can say about an instance. */
export function cause(text: string): Cause {
  if (isCause(text) && !OURS.has(text)) return text;
  const known = 'connected, disconnected, connecting, timeout, refused, server_error, unauthorized, pairing_required';
  throw new NotUnderstood(`${text} is no cause that a gateway can give. Some that are: ${known}.`);
}

/** One word of a closed set. */
export function oneOf<Word extends string>(words: readonly Word[], text: string, what: string): Word {
  const word = words.find((known) => known === text);
  if (word === undefined) throw new NotUnderstood(`${text} is no ${what}. Write one of: ${words.join(', ')}.`);
  return word;
}
