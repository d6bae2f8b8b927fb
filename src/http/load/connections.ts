import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The open connections of a server, at most `most`. When the table is full a new connection takes the place of the one that
 * has been idle for longest: it is waiting for a request, or sends one too slowly. If none is idle, it takes the place of one
 * whose client does not read its answer, or else of the one that has been sending its request for longest. So nobody keeps
 * health checks and operators out by holding connections open.
 */
export class Connections {
  private readonly most: number;
  /** The request that is being answered; null: none. In the order in which that last changed. */
  private readonly sockets = new Map<Socket, IncomingMessage | null>();

  constructor(server: Server, most: number) {
    this.most = most;
    server.on('connection', (socket) => this.opened(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      if (socket.destroyed) return;
      this.changed(socket, request);
      response.once('close', () => this.changed(socket, null));
    });
  }

  private opened(socket: Socket): void {
    if (this.sockets.size >= this.most && !this.makePlace()) {
      socket.destroy();
      return;
    }
    this.sockets.set(socket, null);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private changed(socket: Socket, to: IncomingMessage | null): void {
    if (!this.sockets.delete(socket)) return;
    this.sockets.set(socket, to);
  }

  private makePlace(): boolean {
    const all = [...this.sockets];
    const [socket] =
      all.find(([, request]) => request === null) ??
      all.find(([{ writableLength }]) => writableLength > 0) ??
      all.find(([, request]) => request?.complete === false) ??
      [];
    if (socket === undefined) return false;
    this.sockets.delete(socket);
    socket.destroy();
    return true;
  }
}
