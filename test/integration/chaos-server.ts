import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';

/** How one request is answered, on the bare connection. */
export type Reply = (socket: Socket) => void;

export interface ChaosOptions {
  /** What answers a request; it gets the request's head. */
  readonly reply: (request: string) => Reply;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Certificate and key (PEM); without, plain TCP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Sees every connection before anything is read from it. */
  readonly onConnect?: (socket: Socket) => void;
}

/** A server that understands requests and answers them with what the test says. It ends with the test. */
export interface ChaosServer {
  readonly port: number;
  /** Every connection so far. */
  readonly connections: readonly Socket[];
  /** The heads of all requests so far. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startChaosServer(options: ChaosOptions): Promise<ChaosServer> {
  const connections: Socket[] = [];
  const requests: string[] = [];
  const serve = (socket: Socket): void => {
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        requests.push(request);
        options.reply(request)(socket);
      }
    });
  };
  const server: Server = options.tls === undefined ? net.createServer(serve) : tls.createServer(options.tls, serve);
  server.on('connection', (socket: Socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    options.onConnect?.(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    for (const socket of connections) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, connections, requests, close };
}

/** Resolves when the other side has let go of every connection. */
export async function allClosed(connections: readonly Socket[]): Promise<void> {
  const open = connections.filter((socket) => !socket.closed);
  await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}

/** Sends this and nothing more; the connection stays open. */
export function says(...parts: (string | Buffer)[]): Reply {
  return (socket) => {
    for (const part of parts) socket.write(part, 'latin1');
  };
}

/** Sends this, then ends the connection properly. */
export function saysAndEnds(text: string): Reply {
  return (socket) => void socket.end(text, 'latin1');
}

/** Sends this, then resets the connection. */
export function saysAndResets(text: string): Reply {
  return (socket) => {
    if (text === '') socket.resetAndDestroy();
    else socket.write(text, 'latin1', () => socket.resetAndDestroy());
  };
}

/** Sends `start`, then one `piece` every `milliseconds`, as long as somebody listens. */
export function drips(start: string, piece: string, milliseconds: number): Reply {
  return (socket) => {
    socket.write(start);
    const timer = setInterval(() => socket.write(piece), milliseconds);
    socket.once('close', () => clearInterval(timer));
  };
}

/** Sends `start`, then `pieces` as fast as they are taken, `times` times; default: as long as somebody listens. */
export function pours(start: string, pieces: string, times = Number.POSITIVE_INFINITY): Reply {
  const chunk = Buffer.from(pieces, 'latin1');
  return (socket) => {
    socket.write(start);
    let left = times;
    const pour = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= 1;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on('drain', pour);
    pour();
  };
}

/** A proper answer with status 200. */
export function answer(body: string | Buffer, head = ''): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}content-length: ${length}\r\n\r\n${body.toString('latin1')}`;
}
