import { link, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CommandError } from '../terminal.ts';

/** A text to be written, and who may read it. */
export interface NewFile {
  readonly text: string;
  readonly mode: number;
}

/** Only its owner may read it. */
export const PRIVATE = 0o600;
/** Others may, as far as the umask lets them. */
export const READABLE = 0o644;

/**
 * Writes files at once, whole or not at all: each to a place of its own first, where a check can still refuse it.
 *
 * @param files by path; a missing folder is an error
 * @param check sees where the files stand before any is in its place
 * @param force replaces files that are there already
 * @throws CommandError where a file is there already, or cannot be written; nothing is left then
 */
export async function writeTogether(
  folder: string,
  files: ReadonlyMap<string, NewFile>,
  check: (draftFolder: string) => Promise<void>,
  force: boolean,
): Promise<void> {
  const done: string[] = [];
  let draft: string | null = null;
  try {
    draft = await mkdtemp(join(folder, '.watchdog-init-'));
    for (const [name, { text, mode }] of files) await writeFile(join(draft, name), text, { mode, flag: 'wx' });
    await check(draft);
    for (const name of files.keys()) {
      const to = join(folder, name);
      // A link is refused where something is already, also if that came a moment ago.
      await (force ? rename(join(draft, name), to) : link(join(draft, name), to));
      done.push(to);
    }
  } catch (error) {
    if (!force) await Promise.all(done.map((path) => rm(path, { force: true })));
    if (!isSystemError(error)) throw error;
    throw draft === null ? nowhere(error, folder) : asCommandError(error, folder);
  } finally {
    if (draft !== null) await rm(draft, { recursive: true, force: true });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function nowhere(error: NodeJS.ErrnoException, folder: string): CommandError {
  return new CommandError(`Nothing can be written in ${folder} (${error.code ?? 'unknown error'}).`, { cause: error });
}

function asCommandError(error: NodeJS.ErrnoException, folder: string): CommandError {
  const file = basename(('dest' in error ? String(error.dest) : error.path) ?? folder);
  const message =
    error.code === 'EEXIST'
      ? `${file} is there already, and nothing was written. --force replaces it.`
      : `${file} cannot be written in ${folder} (${error.code ?? 'unknown error'}), so nothing was.`;
  return new CommandError(message, { cause: error });
}
