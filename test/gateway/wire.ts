import http, { type IncomingMessage, type RequestListener } from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { builtIn } from './answers.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { httpGateway, type HttpGatewayOptions } from '../../src/gateway/wire/http-gateway.ts';
import { processNames } from '../../src/network/process-names.ts';
import { VERSION } from '../../src/version.ts';
import type { Cancel, Clock } from '../../src/time/clock.ts';
import { pacedClock } from '../simulator/paced-clock.ts';

export const TOKEN = 'tok-3f9a/1+Z=';
export const OPEN = JSON.stringify({ status: 200, instance: { state: 'open' } });
export const TARGET = { phoneNumberId: '5511987654321' };
export const IDLE = new AbortController().signal;

/** The headers of every request, besides its profile's. */
export const COMMON = `User-Agent: smileapi-watchdog/${VERSION}\r\nCache-Control: no-cache\r\nAccept-Encoding: identity\r\n`;

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Every connection so far. */
  readonly connections: readonly Socket[];
}

/** Answers that the instance is connected. */
export const opens: RequestListener = (_request, response) => response.end(OPEN);

/** A finished connection can be used again a turn of the event loop later. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An answer with this body, and with these further headers. */
export function says(body: string, head = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}content-length: ${body.length}\r\n\r\n${body}`;
}

/** Listens, on a free port unless it is given one, until the test ends. */
export async function listen(server: Server, port = 0, host = '127.0.0.1'): Promise<Listening> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    if (server.listening) server.close();
  });
  const { port: own } = server.address() as AddressInfo;
  return { port: own, url: `http://127.0.0.1:${own}`, connections };
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  const { port } = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that answers over HTTP, until the test ends. */
export const listenHttp = (handle: RequestListener): Promise<Listening> => listen(http.createServer(handle));

/** What is sent with a request, as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

/** A server that gets the raw text of every request, however it was sent. */
export function listenRaw(
  onRequest: (request: string, socket: Socket, number: number) => void,
  { port, host }: { readonly port?: number; readonly host?: string } = {},
): Promise<Listening> {
  let number = 0;
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        number += 1;
        const request = text.slice(0, end + 4);
        text = text.slice(end + 4);
        onRequest(request, socket, number);
      }
    });
  });
  return listen(server, port, host);
}

/** The gateway of an account at this address, closed when the test ends. */
export function gatewayAt(baseUrl: string, options: Partial<HttpGatewayOptions> = {}): ReturnType<typeof httpGateway> {
  const gateway = httpGateway({
    profile: builtIn('smileapi'),
    baseUrl,
    values: { username: 'acme', token: TOKEN },
    restartMethod: 'POST',
    healthPath: null,
    statePath: null,
    stateWords: {},
    concurrency: 4,
    ca: null,
    insecureSkipVerify: false,
    client: null,
    proxy: null,
    masks: new Masks(() => [TOKEN]),
    headers: {},
    clock: pacedClock(),
    names: processNames,
    ...options,
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** Resolves when a connection is closed, which it may be already. */
export async function closed(connection: Socket | undefined): Promise<void> {
  if (connection?.closed === false) await new Promise((resolve) => connection.once('close', resolve));
}

/** A clock whose time passes only when it is made to, and which says when somebody begins to wait. */
export class HandClock implements Clock {
  private time = 1_000_000;
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  private readonly watchers = new Set<{ readonly delay: number; readonly resolve: () => void }>();

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  after(delay: number, callback: () => void): Cancel {
    const timer = { at: this.time + delay, callback };
    this.timers.add(timer);
    for (const watcher of this.watchers) if (watcher.delay === delay) watcher.resolve();
    return () => this.timers.delete(timer);
  }

  /** Resolves when the next timer of this length begins. */
  waitFor(delay: number): Promise<void> {
    return new Promise((resolve) => this.watchers.add({ delay, resolve }));
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      this.timers.delete(timer);
      timer.callback();
    }
  }
}
