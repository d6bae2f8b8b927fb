import { FORMAT_VERSION } from '../format.ts';
import { StoreError } from '../store.ts';

/** The folder cannot be read as what this program wrote. `what` names the damaged thing. */
export function corruptState(path: string, what: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `the state in ${path} is corrupt: ${what}. Restore a copy of the folder, or move it away to start with an empty ` +
      'one, and then cooldowns and budgets are forgotten. Nothing was changed.',
    { cause },
  );
}

/** A later version of the program wrote here. `what` names the thing and its format. */
export function newerState(path: string, what: string): StoreError {
  return new StoreError(
    'newer_version',
    `the state in ${path} was written by a newer version (${what}, this one knows ${FORMAT_VERSION}): run that ` +
      'version, or move the folder away. Nothing was changed.',
  );
}

/** Another process works on this folder. */
export function lockedState(path: string, cause?: unknown): StoreError {
  return new StoreError(
    'locked',
    `the state in ${path} is in use by another running copy of smileapi-watchdog: stop that one, or give this one a ` +
      'state.path of its own. Nothing was changed.',
    { cause },
  );
}

/** No state can be kept there; `remedy` names where it could be. */
export function misplacedState(path: string, reason: string, remedy: string): StoreError {
  return unusableState(path, reason, ['misplaced', remedy]);
}

/** A batch could not be written. */
export function failedSave(path: string, error: unknown): StoreError {
  return unusableState(path, `saving failed (${innermost(error).message})`, remedyFor(error), error);
}

/** The error of an operation on the folder, by Node.js or by LevelDB, as a StoreError. */
export function asStoreError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = innermost(error);
  if (code === 'LEVEL_LOCKED' && !NO_LOCKS.test(message)) return lockedState(path, error);
  if (isDamage(code, message)) return corruptState(path, message, error);
  return unusableState(path, message, remedyFor(error), error);
}

/** abstract-level wraps LevelDB's error into "Database failed to open"; people need the cause. */
function innermost(error: unknown): { readonly code: string | null; readonly message: string } {
  if (!(error instanceof Error)) return { code: null, message: String(error) };
  if (error.cause instanceof Error) return innermost(error.cause);
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : null, message: error.message };
}

/** Network file systems may have no locks at all; LevelDB reports that like a lock that is held. */
const NO_LOCKS = /No locks available|not supported|not implemented/i;

/** LevelDB reports a file of its own that is gone or too short by these words within an I/O error. */
const BROKEN_FILE = /No such file or directory|Invalid argument/;

/** LevelDB's other errors about data, a foreign comparator for example; classic-level gives them no code. */
const REFUSED_DATA = /^(Invalid argument|Not implemented|NotFound): /;

/** Whether the data is bad and not the disk. LevelDB passes on only the text of the system's error. */
function isDamage(code: string | null, message: string): boolean {
  if (code === 'LEVEL_IO_ERROR') return BROKEN_FILE.test(message);
  return code === 'LEVEL_CORRUPTION' || (code === null && REFUSED_DATA.test(message));
}

/** Somebody moved or removed what is open. */
export const FOLDER_GONE = 'its folder is no longer there';

type Remedy = readonly [kind: 'unavailable' | 'misplaced', words: string];

/** The remedies, by the words of operating systems; LevelDB passes on only their text. */
const REMEDIES: readonly (readonly [RegExp, ...Remedy])[] = [
  [/ENOSPC|EDQUOT|No space left|quota/i, 'unavailable', 'free some space on that disk'],
  [/EROFS|Read-only file system/i, 'unavailable', 'mount it writable, or set state.path to a writable folder'],
  [
    /EACCES|EPERM|Permission denied|not permitted/i,
    'unavailable',
    'give this user read and write permission there, or set state.path',
  ],
  [NO_LOCKS, 'misplaced', 'that file system has no locks: set state.path to a folder on a local disk'],
  [
    new RegExp(FOLDER_GONE),
    'unavailable',
    'put it back, or start the daemon again, and then cooldowns and budgets are forgotten',
  ],
  [/ENOTDIR|EEXIST|Not a directory/i, 'misplaced', 'a part of the path is a file: set state.path to a folder'],
];

const OTHERWISE: Remedy = ['unavailable', 'check that disk, or set state.path to a folder on another one'];

function remedyFor(error: unknown): Remedy {
  const { code, message } = innermost(error);
  const match = REMEDIES.find(([words]) => words.test(`${code ?? ''} ${message}`));
  return match === undefined ? OTHERWISE : [match[1], match[2]];
}

function unusableState(path: string, reason: string, [kind, words]: Remedy, cause?: unknown): StoreError {
  return new StoreError(kind, `the state in ${path} cannot be used: ${reason}; ${words}`, { cause });
}
