import type { PageCatalogue } from '../page-catalogue.ts';
import { PAGE_WORDS } from './page-words.ts';
import { REMEDIES } from './remedies.ts';
import { TROUBLES } from './troubles.ts';
import { WORDS } from './words.ts';

export const PAGE_CATALOGUE: PageCatalogue = {
  words: WORDS,
  remedies: REMEDIES,
  troubles: TROUBLES,
  page: PAGE_WORDS,
};
