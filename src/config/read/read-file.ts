import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const MIB = 1024 * 1024;
/** A list of 100,000 instances takes 10 to 20 MB. */
export const LONGEST_FILE = 64 * MIB;
const PIECE = 64 * 1024;

/** Why a file is not read, in the words of the system or in our own; digests hold the key. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'no such file',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'this process has too many open files',
  ESTALE: 'its network file system has lost it',
  not_a_file: 'it is a pipe, a device or a socket, and not a file',
  too_long: `it is longer than ${LONGEST_FILE / MIB} MiB`,
};

/** The same of an error of the system, such as that of a file which may also be a pipe. */
export function whyFailed(error: unknown): string {
  return whyUnreadable(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'unknown error';
}

/** In words, after the name of the file or folder. */
export function whyUnreadable(reason: string): string {
  return `cannot be read: ${REASONS[reason] ?? reason}`;
}

/** What a file holds, or why it is not read; with the digest by which a change is noticed. */
export type Content = { readonly digest: string } & ({ readonly bytes: Buffer } | { readonly mistake: string });

/** Reads a file; never waits for a pipe or a device, and never rejects. */
export async function readContent(file: string): Promise<Content> {
  const pieces: Buffer[] = [];
  const reason = await readPieces(file, (piece) => pieces.push(Buffer.from(piece)));
  if (reason !== null) return { digest: reason, mistake: whyUnreadable(reason) };
  const bytes = Buffer.concat(pieces);
  return { digest: createHash('sha256').update(bytes).digest('base64url'), bytes };
}

/** The digest that `readContent` would give, without keeping the content. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  // In pieces, because the digest of a large file at once would block the event loop.
  const reason = await readPieces(file, (piece) => hash.update(piece));
  return reason ?? hash.digest('base64url');
}

/** Passes on a file piece by piece; returns null, or why it cannot be read. */
async function readPieces(file: string, take: (piece: Buffer) => void): Promise<string | null> {
  try {
    // Opened like this, a pipe that nobody writes to does not wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const kind = await handle.stat();
      if (kind.isDirectory()) return 'EISDIR';
      if (!kind.isFile()) return 'not_a_file';
      const buffer = Buffer.alloc(Math.min(Math.max(kind.size, 1024) + 1, PIECE));
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) return null;
        length += bytesRead;
        if (length > LONGEST_FILE) return 'too_long';
        take(buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    return codeOf(error);
  }
}
