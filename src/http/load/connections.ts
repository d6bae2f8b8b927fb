import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The open connections of a server, at most `most`. When the table is full a new connection takes the place of the one that
 * has been idle for longest: it is waiting for a request, or sends one too slowly. If none is idle, it takes the place of one
 * whose client does not read its answer. So nobody keeps health checks and operators out by holding connections open.
 */
export class Connections {
  private readonly most: number;
  /** Whether a request is being answered; in the order in which that last changed. */
  private readonly sockets = new Map<Socket, 'idle' | 'answering'>();

  constructor(server: Server, most: number) {
    this.most = most;
    server.on('connection', (socket) => this.opened(socket));
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.changed(socket, 'answering');
      response.once('close', () => this.changed(socket, 'idle'));
    });
  }

  private opened(socket: Socket): void {
    if (this.sockets.size >= this.most && !this.makePlace()) {
      socket.destroy();
      return;
    }
    this.sockets.set(socket, 'idle');
    socket.once('close', () => this.sockets.delete(socket));
  }

  private changed(socket: Socket, to: 'idle' | 'answering'): void {
    if (!this.sockets.delete(socket)) return;
    this.sockets.set(socket, to);
  }

  private makePlace(): boolean {
    const [idle] = [...this.sockets].find(([, state]) => state === 'idle') ?? [];
    const socket = idle ?? [...this.sockets.keys()].find(({ writableLength }) => writableLength > 0);
    if (socket === undefined) return false;
    this.sockets.delete(socket);
    socket.destroy();
    return true;
  }
}
