import type { PageCatalogue } from '../page-catalogue.ts';
import { translatedProblem } from '../problem-translation.ts';
import { stateTrouble } from './errors/state-errors.ts';
import { PAGE_WORDS } from './page-words.ts';
import { PROBLEM_SENTENCES } from './problems/problem-sentences.ts';
import { REMEDIES } from './remedies.ts';
import { CALL_TROUBLES, TROUBLES } from './troubles.ts';
import { WORDS } from './words.ts';

export const PAGE_CATALOGUE: PageCatalogue = {
  words: WORDS,
  remedies: REMEDIES,
  troubles: TROUBLES,
  callTroubles: CALL_TROUBLES,
  page: PAGE_WORDS,
  problem: (problem) => translatedProblem(PROBLEM_SENTENCES, problem),
  stateTrouble,
};
