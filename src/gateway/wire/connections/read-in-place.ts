import type { OnReadOpts, Socket } from 'node:net';
import type { HeadMender } from './head-mender.ts';

/** As a rule a whole answer fits, head and body; what is longer comes in pieces. */
const BUFFER_SIZE = 8 * 1024;
/** For a connection that brings lists: a piece costs some 50 µs, however long it is. */
const LARGE_BUFFER_SIZE = 64 * 1024;
/** A connection that fills its buffer so often in a row gets a large one. */
const FULL_READS = 4;

/** The reading of one connection, as `net.connect` and `tls.connect` take it, and the socket that then reads so. */
export interface InPlace {
  readonly onread: OnReadOpts;
  attach(socket: Socket): void;
}

/**
 * Has a connection read into one buffer, over and over. Node.js else takes 64 KiB from the system for each answer,
 * cuts what was not needed off, and leads it through the queue of a stream: a third of what a probe costs.
 *
 * Undici calls `read` when it hears that something is readable. The socket's own `read` knows nothing of what came this
 * way, so the socket gets one that hands it out. What it hands out is overwritten by what comes next, so a piece
 * that is to be kept must be copied.
 *
 * @param mender gets all that comes first
 */
export function inPlace(mender: HeadMender | null = null): InPlace {
  let buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  let fullReads = 0;
  let arrived: Buffer | null = null;
  let attached: Socket | null = null;
  const take = (): Buffer | null => {
    const piece = arrived;
    arrived = null;
    return piece;
  };
  return {
    onread: {
      // Asked for after each read: where the next one goes.
      buffer: () => buffer,
      callback: (length) => {
        const piece = buffer.subarray(0, length);
        fullReads = length === BUFFER_SIZE ? fullReads + 1 : 0;
        if (fullReads === FULL_READS) buffer = Buffer.allocUnsafeSlow(LARGE_BUFFER_SIZE);
        arrived = mender === null ? piece : mender.next(piece);
        if (arrived.length === 0) {
          arrived = null;
          return true;
        }
        attached?.emit('readable');
        const left = take();
        // Nobody was there to take it, or who was has stopped: it waits in the stream, as long as that has room.
        return left === null || attached === null || attached.push(Buffer.from(left));
      },
    },
    attach(socket) {
      attached = socket;
      const readStream = socket.read.bind(socket);
      // The stream reports the end, and has what nobody took at once.
      socket.read = (size?: number): unknown => take() ?? readStream(size);
    },
  };
}
