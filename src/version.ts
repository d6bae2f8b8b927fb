import { readFileSync } from 'node:fs';

/** The product's version, from its package.json, which lies above both `src` and `dist`. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
