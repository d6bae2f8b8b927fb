import { REMEDIES } from '../../core/remedy.ts';
import { TROUBLES } from '../../core/trouble.ts';
import { CALL_TROUBLES } from './call-troubles.ts';
import type { PageCatalogue } from '../page-catalogue.ts';
import { PAGE_WORDS } from './page-words.ts';
import { WORDS } from './words.ts';

export const PAGE_CATALOGUE: PageCatalogue = {
  words: WORDS,
  remedies: REMEDIES,
  troubles: TROUBLES,
  callTroubles: CALL_TROUBLES,
  page: PAGE_WORDS,
  problem: (problem) => problem,
  stateTrouble: (reason) => reason,
};
