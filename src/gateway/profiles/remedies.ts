import type { Remedy } from './profile.ts';
import { normalizeWord } from './words.ts';

/** Finds the remedy that fits a state word; null: no remedy does. */
export type RemedyChoice = (word: string | null) => Remedy | null;

/** Prepares the choice: the first remedy that names the word, or none, counts. */
export function compileRemedies(remedies: readonly Remedy[]): RemedyChoice {
  const choices = remedies.map((remedy) => ({ remedy, words: new Set(remedy.on.map(normalizeWord)) }));
  return (word) => {
    const normalized = word === null ? null : normalizeWord(word);
    const fits = ({ words }: { readonly words: ReadonlySet<string> }): boolean =>
      words.size === 0 || (normalized !== null && words.has(normalized));
    return choices.find(fits)?.remedy ?? null;
  };
}
