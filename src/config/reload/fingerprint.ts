import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConfigInputs, IncludePattern } from '../inputs.ts';
import { expandPattern } from '../read/sources.ts';

/**
 * A digest of the contents of all files and of which files the patterns match. It stays the same as long as reading the
 * configuration again would find the same. An unreadable file counts with the reason. Never rejects.
 */
export async function fingerprintOf({ files, includes }: ConfigInputs): Promise<string> {
  const matches = await Promise.all(
    includes.map(({ folder, pattern }) => expandPattern(folder, pattern).catch((): string[] => [])),
  );
  const names = [...new Set([...files, ...matches.flat()].map((file) => resolve(file)))].sort();
  const hash = createHash('sha256').update(JSON.stringify(matches));
  for (const name of names) hash.update(JSON.stringify([name, await digestOf(name)]));
  return hash.digest('base64url');
}

/** The folders to watch for changes: those of the files, of what they link to, and of the patterns. */
export async function foldersOf({ files, includes }: ConfigInputs): Promise<readonly string[]> {
  const targets = await Promise.all(files.map((file) => realpath(file).catch(() => file)));
  const folders = [...files, ...targets].map((file) => dirname(resolve(file)));
  return [...new Set([...folders, ...includes.map(fixedFolder)])];
}

async function digestOf(file: string): Promise<string> {
  try {
    const hash = createHash('sha256');
    // In pieces, because the digest of a large file at once would block the event loop.
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
    return hash.digest('base64url');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}

/** The folder before the first wildcard of a pattern: `conf.d/*.yaml` → `conf.d`. */
function fixedFolder({ folder, pattern }: IncludePattern): string {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part));
  return resolve(folder, parts.slice(0, wild === -1 ? -1 : wild).join('/') || (pattern.startsWith('/') ? '/' : '.'));
}
