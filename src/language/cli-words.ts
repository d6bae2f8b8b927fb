import type { CLI_WORDS } from './en/cli-words.ts';

/** What commands print beside the words of the core. Counts come as text, in the format of the language. */
export type CliWords = typeof CLI_WORDS;
