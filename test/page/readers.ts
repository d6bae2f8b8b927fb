import { PAGE_CATALOGUE as ENGLISH } from '../../src/language/en/page-catalogue.ts';
import type { Language } from '../../src/language/language.ts';
import type { PageCatalogue } from '../../src/language/page-catalogue.ts';
import { PAGE_CATALOGUE as PORTUGUESE } from '../../src/language/pt-br/page-catalogue.ts';
import { volume } from '../volume.ts';

/** A person with a browser, and the words that the page has for it: a walk reads and clicks on those, and on no copies. */
export interface Reader {
  readonly language: Language;
  readonly locale: string;
  readonly timezoneId: string;
  readonly catalogue: PageCatalogue;
}

/** One of each language. */
export const READERS: readonly Reader[] = [
  { language: 'en', locale: 'en-GB', timezoneId: 'Asia/Tokyo', catalogue: ENGLISH },
  { language: 'pt-BR', locale: 'pt-BR', timezoneId: 'America/Sao_Paulo', catalogue: PORTUGUESE },
];

/** Who takes a long walk through the page: one of each language; in a sample only who speaks this one. */
export const walkers = (sample: Language): readonly Reader[] =>
  volume(
    READERS.filter(({ language }) => language === sample),
    READERS,
  );
