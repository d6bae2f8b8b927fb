import { verdictOf, type Cause, type Verdict } from '../../core/verdict.ts';
import { keysOf, Places, valueAt, type Placed } from './places.ts';
import { statedConnection } from '../profiles/phrases.ts';
import { plainWords } from '../profiles/plain-words.ts';
import { normalizeWord } from '../profiles/words.ts';
import type { Profile } from '../profiles/profile.ts';

/** A place that names the connection state. `cause` is null where the word is not known. */
export interface Reading {
  readonly path: string;
  readonly word: string | boolean;
  readonly cause: Cause | null;
  /** `false` without a meaning of its own, at a place that may hold a word as well: perhaps there is no state. */
  readonly mayBeNone: boolean;
}

interface KnownReading extends Reading {
  readonly cause: Cause;
}

/** The connection state by all places of an answer together. */
export type ConnectionState =
  /** No place names a state. */
  | { readonly type: 'absent' }
  /** Only unknown words. */
  | { readonly type: 'unknown'; readonly reading: Reading }
  | { readonly type: 'known'; readonly cause: Cause; readonly reading: Reading }
  /** One place is healthy, another one is not. */
  | { readonly type: 'contradiction'; readonly healthy: Reading; readonly other: Reading };

export type StateReader = (json: unknown) => ConnectionState;

interface Place extends Placed {
  readonly path: string;
  readonly holds: 'word' | 'boolean' | 'either';
}

/** Which reading wins when several are not healthy: the one that prevents a restart. */
const CAREFULNESS: Readonly<Record<Verdict, number>> = {
  needs_human: 4,
  inconclusive: 3,
  transitional: 2,
  unhealthy: 1,
  healthy: 0,
};

const ABSENT: ConnectionState = { type: 'absent' };

/**
 * Prepares the search for the connection state. With a `statePath` only that place counts, and a boolean or a number
 * there is understood as well. `stateWords` come before the profile's words.
 */
export function compileStateReader(
  profile: Profile,
  statePath: string | null,
  stateWords: Readonly<Record<string, Cause>>,
): StateReader {
  const words = meaningsOf(profile.state.words, stateWords);
  const places = new Places(statePath === null ? usualPlaces(profile) : [place(statePath, 'either')]);
  return (json) => weigh(json, places.in(json), words);
}

function usualPlaces(profile: Profile): Place[] {
  return [
    ...profile.state.at.map((path) => place(path, 'word')),
    ...profile.state.connectedAt.map((path) => place(path, 'boolean')),
  ];
}

function place(path: string, holds: Place['holds']): Place {
  return { path, keys: keysOf(path), holds };
}

/** What state words mean: normalized, and as the profile spells them. Those of the config come before its words. */
export function meaningsOf(
  known: Profile['state']['words'],
  own: Readonly<Record<string, Cause>>,
): ReadonlyMap<string, Cause> {
  const spelt = (Object.entries(known) as [Cause, readonly string[]][]).flatMap(([cause, spellings]) =>
    spellings.map((word) => [word, cause] as const),
  );
  const meanings = new Map([...spelt, ...Object.entries(own)].map(([word, cause]) => [normalizeWord(word), cause]));
  for (const [word, cause] of spelt) meanings.set(word, meanings.get(normalizeWord(word)) ?? cause);
  return meanings;
}

function readPlace(json: unknown, { path, keys, holds }: Place, words: ReadonlyMap<string, Cause>): Reading | null {
  const value = valueAt(json, keys);
  if (typeof value === 'string' && holds !== 'boolean') {
    // Most answers use one of the words as it stands in the table.
    const word = words.has(value) ? value : normalizeWord(value);
    if (word === '') return null;
    return { path, word: value, cause: words.get(word) ?? statedConnection(plainWords(value)), mayBeNone: false };
  }
  if (typeof value === 'boolean' && holds !== 'word') {
    const known = holds === 'either' ? words.get(String(value)) : undefined;
    const mayBeNone = holds === 'either' && known === undefined && !value;
    return { path, word: value, cause: known ?? (value ? 'connected' : 'disconnected'), mayBeNone };
  }
  if (typeof value === 'number' && holds === 'either') {
    return { path, word: String(value), cause: words.get(normalizeWord(String(value))) ?? null, mayBeNone: false };
  }
  return null;
}

/** Unknown words count only where no other word is known. */
function weigh(json: unknown, places: readonly Place[], words: ReadonlyMap<string, Cause>): ConnectionState {
  let healthy: KnownReading | null = null;
  let other: KnownReading | null = null;
  let unknown: Reading | null = null;
  for (const candidate of places) {
    const reading = readPlace(json, candidate, words);
    if (reading === null) continue;
    if (!isKnown(reading)) unknown ??= reading;
    else if (verdictOf(reading.cause) === 'healthy') healthy ??= reading;
    else if (other === null || isMoreCareful(reading, other)) other = reading;
  }
  if (healthy !== null && other !== null) return { type: 'contradiction', healthy, other };
  const decisive = healthy ?? other;
  if (decisive !== null) return { type: 'known', cause: decisive.cause, reading: decisive };
  return unknown === null ? ABSENT : { type: 'unknown', reading: unknown };
}

function isKnown(reading: Reading): reading is KnownReading {
  return reading.cause !== null;
}

function isMoreCareful(one: KnownReading, other: KnownReading): boolean {
  return CAREFULNESS[verdictOf(one.cause)] > CAREFULNESS[verdictOf(other.cause)];
}
