import type { PAGE_WORDS } from './en/page-words.ts';

/** What the status page says beside the words of the core. English is the pattern; the compiler holds the others to it. */
export type PageWords = typeof PAGE_WORDS;
