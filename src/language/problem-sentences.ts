import type { Problem } from '../core/problem.ts';
import type { Language } from './language.ts';
import { translatedProblem, translatedText, type ProblemSentences } from './problem-translation.ts';
import { ERROR_SENTENCES as PORTUGUESE_ERRORS } from './pt-br/errors/command-errors.ts';
import { HELP_SENTENCES as PORTUGUESE_HELP } from './pt-br/commands/help-sentences.ts';
import { PROBLEM_SENTENCES as PORTUGUESE } from './pt-br/problems/problem-sentences.ts';

const SENTENCES: Readonly<Record<Exclude<Language, 'en'>, ProblemSentences>> = { 'pt-BR': PORTUGUESE };
const ERRORS: typeof SENTENCES = { 'pt-BR': PORTUGUESE_ERRORS };
const HELP: typeof SENTENCES = { 'pt-BR': PORTUGUESE_HELP };

/** A problem of a config in a language. */
export function problemIn(language: Language, problem: Problem): Problem {
  return language === 'en' ? problem : translatedProblem(SENTENCES[language], problem);
}

/**
 * The error of a command in a language, line by line. What it has no sentence for stays English, so that nothing is lost: the
 * words of systems, gateways and the API.
 */
export function errorIn(language: Language, text: string): string {
  if (language === 'en') return text;
  const lines = text.split('\n').map((line) => translatedText(ERRORS[language], line));
  return lines.join('\n');
}

/** A text of the help of commands in a language. */
export function helpIn(language: Language, text: string): string {
  return language === 'en' ? text : translatedText(HELP[language], text);
}
