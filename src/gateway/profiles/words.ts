import { VERDICTS, verdictOf, type Cause, type Verdict } from '../../core/verdict.ts';
import { withoutAccents } from './plain-words.ts';

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
  const [first, cause, ...rest] = text.split('/');
  const verdict = VERDICTS.find((known) => known === first);
  if (rest.length > 0 || verdict === undefined) return null;
  if (cause === undefined) return CAUSE_OF_BARE_VERDICT[verdict];
  return WORD_CAUSES.find((known) => known === cause && verdictOf(known) === verdict) ?? null;
}
