import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client that sends more at once would have each of them take memory until it reads the answers. */
const MOST_REFUSED = 16;

const ONE_AT_A_TIME = JSON.stringify({
  type: 'about:blank',
  title: STATUS_CODES[503],
  status: 503,
  detail: 'A connection has one request at a time: wait for its answer before you send the next one.',
});

/** How many requests of a connection were refused. */
const refusals = new WeakMap<Socket, number>();

/**
 * Refuses the requests of a connection that come before the answer to the last one: else a client would get all of its
 * answers made at once. A connection that goes on with them is ended.
 *
 * @returns whether this one was refused; then nothing more is to be done about it
 */
export function refusePipelined(request: IncomingMessage, response: ServerResponse): boolean {
  const { socket } = request;
  // What stands behind it in the same packet still comes when the connection is gone. Node.js would end each with an error.
  if (socket.destroyed) {
    request.destroy();
    return true;
  }
  if (response.socket !== null) return false;
  const refused = (refusals.get(socket) ?? 0) + 1;
  refusals.set(socket, refused);
  if (refused > MOST_REFUSED) socket.destroy();
  else response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' }).end(ONE_AT_A_TIME);
  return true;
}
