import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { OutputFile } from './log-output.ts';

const STANDARD_OUTPUT = 1;

/** Standard output, for writing past `process.stdout`, which a full disk closes and a stopped terminal blocks. */
export function standardOutput(): OutputFile {
  const file = withoutBlocking(STANDARD_OUTPUT);
  return {
    write: (bytes, done) => write(file, bytes, (error, written) => done(error, written)),
    writeNow: (bytes) => writeSync(file, bytes),
    beforeExit: (callback) => process.once('exit', callback),
  };
}

/**
 * A way to write to the same pipe or terminal that answers EAGAIN instead of waiting for a reader: a write that waits
 * would keep the process from exiting. Files never wait for a reader, and sockets cannot be opened again; Node.js makes
 * those answer so by itself.
 */
function withoutBlocking(file: number): number {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    const kind = fstatSync(file);
    if (!kind.isFIFO() && !kind.isCharacterDevice()) return file;
    return openSync(`/dev/fd/${file}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return file;
  }
}
