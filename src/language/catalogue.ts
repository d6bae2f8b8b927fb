import { CALL_TROUBLES, callTroubleIn } from '../core/call-trouble.ts';
import { REMEDIES } from '../core/remedy.ts';
import { TROUBLES, troubleNameIn } from '../core/trouble.ts';
import type { Cause } from '../core/verdict.ts';
import type { CliWords } from './cli-words.ts';
import { CALL_TROUBLES as ENGLISH_CALL_TROUBLES } from './en/call-troubles.ts';
import { CLI_WORDS as ENGLISH_CLI_WORDS } from './en/cli-words.ts';
import { SENTENCES as ENGLISH_SENTENCES } from './en/sentences.ts';
import { WORDS as ENGLISH_WORDS } from './en/words.ts';
import type { Language } from './language.ts';
import { CLI_WORDS as PORTUGUESE_CLI_WORDS } from './pt-br/cli-words.ts';
import { REMEDIES as PORTUGUESE_REMEDIES } from './pt-br/remedies.ts';
import { SENTENCES as PORTUGUESE_SENTENCES } from './pt-br/sentences.ts';
import { CALL_TROUBLES as PORTUGUESE_CALL_TROUBLES, TROUBLES as PORTUGUESE_TROUBLES } from './pt-br/troubles.ts';
import { WORDS as PORTUGUESE_WORDS } from './pt-br/words.ts';
import type { CallTroubles, Remedies, Troubles } from './remedies.ts';
import type { Sentences } from './sentences.ts';
import type { Words } from './words.ts';

/**
 * All that people read in one language. Nothing in it needs Node.js, so browsers can use it; a page that wants less than
 * the whole imports the parts.
 */
export interface Catalogue {
  readonly words: Words;
  readonly remedies: Remedies;
  readonly troubles: Troubles;
  readonly callTroubles: CallTroubles;
  readonly sentences: Sentences;
  readonly cli: CliWords;
}

/** The compiler holds each language to the whole. */
export const CATALOGUES: Readonly<Record<Language, Catalogue>> = {
  en: {
    words: ENGLISH_WORDS,
    remedies: REMEDIES,
    troubles: TROUBLES,
    callTroubles: ENGLISH_CALL_TROUBLES,
    sentences: ENGLISH_SENTENCES,
    cli: ENGLISH_CLI_WORDS,
  },
  'pt-BR': {
    words: PORTUGUESE_WORDS,
    remedies: PORTUGUESE_REMEDIES,
    troubles: PORTUGUESE_TROUBLES,
    callTroubles: PORTUGUESE_CALL_TROUBLES,
    sentences: PORTUGUESE_SENTENCES,
    cli: PORTUGUESE_CLI_WORDS,
  },
};

/** `remedyFor` of the core, in a language. */
export function remedyIn(
  { remedies, troubles }: Pick<Catalogue, 'remedies' | 'troubles'>,
  cause: Cause | null,
  detail: string | null = null,
): string | null {
  if (cause === null) return null;
  const trouble = troubleNameIn(detail);
  return trouble === null ? remedies[cause] : troubles[trouble].remedy;
}

/** The detail of a probe, with our own words at its beginning in a language; the rest comes from outside. */
export function detailIn(
  { troubles, callTroubles }: Pick<Catalogue, 'troubles' | 'callTroubles'>,
  detail: string,
): string {
  const [english, said] = ourWords({ troubles, callTroubles }, detail);
  const rest = detail.slice(english.length);
  return `${said}${rest.replace(/^ within (?=\d)/, ` ${callTroubles.within} `)}`;
}

/** The words of ours that a detail begins with, in English and in a language; empty: none. */
function ourWords(
  { troubles, callTroubles }: Pick<Catalogue, 'troubles' | 'callTroubles'>,
  detail: string,
): readonly [english: string, said: string] {
  const trouble = troubleNameIn(detail);
  if (trouble !== null) return [TROUBLES[trouble].detail, troubles[trouble].detail];
  const ofCall = callTroubleIn(detail);
  return ofCall === null ? ['', ''] : [CALL_TROUBLES[ofCall], callTroubles[ofCall]];
}

/** A remedy that is there in English only, as in an answer of the API, in a language; unknown ones as they are. */
export function translateRemedy(catalogue: Pick<Catalogue, 'remedies' | 'troubles'>, remedy: string): string {
  return translationsOf(catalogue).get(remedy) ?? remedy;
}

const translations = new WeakMap<Remedies, ReadonlyMap<string, string>>();

function translationsOf({ remedies, troubles }: Pick<Catalogue, 'remedies' | 'troubles'>): ReadonlyMap<string, string> {
  const known = translations.get(remedies);
  if (known !== undefined) return known;
  const found = new Map<string, string>();
  for (const [cause, remedy] of Object.entries(REMEDIES) as [Cause, string | null][]) {
    if (remedy !== null) found.set(remedy, remedies[cause] ?? remedy);
  }
  for (const [name, { remedy }] of Object.entries(TROUBLES) as [keyof typeof TROUBLES, { remedy: string }][]) {
    found.set(remedy, troubles[name].remedy);
  }
  translations.set(remedies, found);
  return found;
}
