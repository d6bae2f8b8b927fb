import fs, { type Dirent, type Stats } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { glob, isDynamicPattern, type GlobOptions } from 'tinyglobby';
import { whyUnreadable } from './read-file.ts';

/** The files that a pattern matches, or why they cannot be found. */
export type Matches =
  | { readonly names: readonly string[]; /** There is no such folder. */ readonly noFolder: boolean }
  | { readonly mistake: string };

/** A pattern such as `/**` must not walk through a whole disk. */
const MOST_ENTRIES = 100_000;
const MOST_FILES = 10_000;

/** A path as written in a file of `folder`. */
export function fromFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * Files that a pattern matches, sorted; the path itself when it has no wildcards, whether it exists or not. A folder that
 * cannot be read is a mistake, and not an empty one: the instances in it would no longer be watched. Never rejects.
 */
export async function expandPattern(folder: string, pattern: string): Promise<Matches> {
  if (!isDynamicPattern(pattern)) return { names: [fromFolder(folder, pattern)], noFolder: false };
  const cwd = resolve(folder);
  const walk = new Walk();
  let found: readonly string[] = [];
  try {
    const options = { cwd, absolute: true, expandDirectories: false, fs: walk.fs, signal: walk.signal };
    found = await Promise.race([glob(pattern, options), walk.stopped]);
  } catch (error) {
    walk.mistake ??= `cannot be searched: ${String(error)}`;
  }
  if (walk.mistake === null && found.length > MOST_FILES) walk.mistake = `matches more than ${MOST_FILES} files`;
  if (walk.mistake !== null) return { mistake: walk.mistake };
  const names = found.map((name) => (isAbsolute(pattern) ? name : join(folder, relative(cwd, name)))).sort();
  return { names, noFolder: walk.noFolder };
}

type FileSystem = NonNullable<GlobOptions['fs']>;
type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/** What the search of one pattern sees of the file system. */
class Walk {
  mistake: string | null = null;
  noFolder = false;
  readonly fs: FileSystem;
  readonly #stop = new AbortController();
  #entries = 0;

  constructor() {
    this.fs = {
      readdir: (path: string, options: { withFileTypes: true }, done: Done<Dirent[]>) => {
        fs.readdir(path, options, (error, entries) => {
          if (error === null) this.#count(entries.length);
          // The search begins with the folder of the pattern; what is not there matches nothing.
          else if (error.code === 'ENOENT' || error.code === 'ENOTDIR') this.noFolder ||= this.#entries === 0;
          else this.mistake ??= `cannot be searched: the folder ${path} ${whyUnreadable(error.code ?? error.message)}`;
          done(error, error === null ? entries.map(withOddOnes) : entries);
        });
      },
      // A link that leads nowhere counts as a file: if it matches, reading it says what is wrong.
      realpath: (path: string, done: Done<string>) => {
        fs.realpath(path, (error, real) => done(null, error === null ? real : path));
      },
      stat: (path: string, done: Done<Stats | typeof A_FILE>) => {
        fs.stat(path, (error, stats) => done(null, error === null ? stats : A_FILE));
      },
    } as FileSystem;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Resolves when the search is too long. */
  get stopped(): Promise<readonly string[]> {
    return new Promise((resolve) => this.signal.addEventListener('abort', () => resolve([]), { once: true }));
  }

  #count(entries: number): void {
    this.#entries += entries;
    if (this.#entries <= MOST_ENTRIES) return;
    this.mistake ??= `searches more than ${MOST_ENTRIES} files`;
    this.#stop.abort();
  }
}

/** Pipes, devices and sockets count as files, too: passed over, what is in their place would silently no longer be watched. */
function withOddOnes(entry: Dirent): Dirent {
  const isOdd = entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
  return isOdd ? (Object.assign(Object.create(entry), { isFile: () => true }) as Dirent) : entry;
}

const A_FILE = { isDirectory: () => false, isFile: () => true };
