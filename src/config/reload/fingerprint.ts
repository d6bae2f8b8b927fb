import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConfigInputs, IncludePattern } from '../inputs.ts';
import { expandPattern } from '../read/include-pattern.ts';
import { fingerprint } from '../read/input-reader.ts';
import { digestOf } from '../read/read-file.ts';

/**
 * A digest of the contents of all files and of which files the patterns match. It stays the same as long as reading the
 * configuration again would find the same. An unreadable file counts with the reason. Never rejects.
 */
export async function fingerprintOf({ files, includes }: ConfigInputs): Promise<string> {
  const matches = await Promise.all(includes.map(({ folder, pattern }) => expandPattern(folder, pattern)));
  const found = matches.flatMap((each) => ('names' in each ? each.names : []));
  const digests = new Map<string, string>();
  for (const name of new Set([...files, ...found].map((file) => resolve(file))))
    digests.set(name, await digestOf(name));
  return fingerprint(matches, digests);
}

/** The folders to watch for changes: those of the files, of what they link to, and of the patterns. */
export async function foldersOf({ files, includes }: ConfigInputs): Promise<readonly string[]> {
  const targets = await Promise.all(files.map((file) => realpath(file).catch(() => file)));
  const folders = [...files, ...targets].map((file) => dirname(resolve(file)));
  return [...new Set([...folders, ...includes.map(fixedFolder)])];
}

/** The folder before the first wildcard of a pattern: `conf.d/*.yaml` → `conf.d`. */
function fixedFolder({ folder, pattern }: IncludePattern): string {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part));
  return resolve(folder, parts.slice(0, wild === -1 ? -1 : wild).join('/') || (pattern.startsWith('/') ? '/' : '.'));
}
