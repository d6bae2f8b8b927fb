import type { OnReadOpts, Socket } from 'node:net';
import type { HeadMender } from './head-mender.ts';

/** As a rule a whole answer fits, head and body; what is longer comes in pieces. */
const BUFFER_SIZE = 8 * 1024;

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
 * way, so the socket gets one that hands it out. What it hands out is overwritten by what comes next, so whoever keeps
 * a piece of it copies that.
 *
 * @param mender gets all that comes first
 */
export function inPlace(mender: HeadMender | null = null): InPlace {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  let arrived: Buffer | null = null;
  let attached: Socket | null = null;
  const take = (): Buffer | null => {
    const piece = arrived;
    arrived = null;
    return piece;
  };
  return {
    onread: {
      buffer,
      callback: (length) => {
        const piece = buffer.subarray(0, length);
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
      // The stream tells of the end, and has what nobody took at once.
      socket.read = (size?: number): unknown => take() ?? readStream(size);
    },
  };
}
