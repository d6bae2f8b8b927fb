import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps a server to at most `most` open connections. When there are as many, a new connection takes the place of the one that
 * has been idle for longest: it is waiting for a request, or sends one too slowly. If none is idle, it takes the place of one
 * whose client does not read its answer, or else of the one that has been sending its request for longest. So nobody keeps
 * health checks and operators out by holding connections open.
 */
export function limitConnections(server: Server, most: number): void {
  const sockets: Sockets = new Map();
  const changed = (socket: Socket, to: IncomingMessage | null): void => {
    if (sockets.delete(socket)) sockets.set(socket, to);
  };
  server.on('connection', (socket) => {
    if (sockets.size >= most && !makePlace(sockets)) {
      socket.destroy();
      return;
    }
    sockets.set(socket, null);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (socket.destroyed) return;
    changed(socket, request);
    response.once('close', () => changed(socket, null));
  });
}

/** The request that is being answered; null: none. In the order in which that last changed. */
type Sockets = Map<Socket, IncomingMessage | null>;

function makePlace(sockets: Sockets): boolean {
  const all = [...sockets];
  const [socket] =
    all.find(([, request]) => request === null) ??
    all.find(([{ writableLength }]) => writableLength > 0) ??
    all.find(([, request]) => request?.complete === false) ??
    [];
  if (socket === undefined) return false;
  sockets.delete(socket);
  socket.destroy();
  return true;
}
