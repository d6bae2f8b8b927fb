import type { Problem } from '../core/problem.ts';
import type { Language } from './language.ts';
import { translatedProblem, type ProblemSentences } from './problem-translation.ts';
import { PROBLEM_SENTENCES as PORTUGUESE } from './pt-br/problem-sentences.ts';

const SENTENCES: Readonly<Record<Exclude<Language, 'en'>, ProblemSentences>> = { 'pt-BR': PORTUGUESE };

/** A problem of a config in a language. */
export function problemIn(language: Language, problem: Problem): Problem {
  return language === 'en' ? problem : translatedProblem(SENTENCES[language], problem);
}
