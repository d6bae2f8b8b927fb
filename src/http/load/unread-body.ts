import type { IncomingMessage, ServerResponse } from 'node:http';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';

/** What is left of a body this long is read to its end, so that its connection can be used again. In bytes. */
const SHORT = 1024 * 1024;
/** A client gets this long to read the answer before its connection ends. */
const LINGER: DurationMs = SECOND / 2;

/**
 * Ends the connection of a client that has its answer and goes on sending a long body, or one whose end is not known: it
 * would cost memory and time as long as it likes. Until then nothing of it is read, so that the answer is not lost
 * (RFC 9112 section 9.6).
 */
export function endUnread(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  response.once('finish', () => {
    if (request.complete || lengthOf(request) <= SHORT) return;
    const { socket } = request;
    // Once the server itself has begun to read what nobody wants.
    clock.after(0, () => socket.pause());
    clock.after(LINGER, () => socket.destroy());
  });
}

function lengthOf({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Number.POSITIVE_INFINITY;
}
