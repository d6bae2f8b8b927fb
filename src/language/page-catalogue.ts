import type { Catalogue } from './catalogue.ts';
import type { PageWords } from './page-words.ts';

/** What the status page needs of a language; the page loads that of one language only. */
export interface PageCatalogue extends Pick<Catalogue, 'words' | 'remedies' | 'troubles'> {
  readonly page: PageWords;
}
