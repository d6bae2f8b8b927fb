import type { Problem } from '../core/problem.ts';
import type { Catalogue } from './catalogue.ts';
import type { PageWords } from './page-words.ts';

/** What the status page needs of a language; the page loads that of one language only. */
export interface PageCatalogue extends Pick<Catalogue, 'words' | 'remedies' | 'troubles' | 'callTroubles'> {
  readonly page: PageWords;
  /** A problem of a config, which the API has in English. */
  readonly problem: (problem: Problem) => Problem;
  /** Why the state cannot be used, which the API has in English. */
  readonly stateTrouble: (reason: string) => string;
}
