import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { MINUTE, SECOND, type DurationMs } from '../core/time.ts';
import type { Clock } from '../time/clock.ts';
import { createApp } from './app.ts';
import type { HttpParts } from './http-parts.ts';
import { limitConnections } from './load/connections.ts';
import { refusePipelined } from './load/pipelined.ts';
import { inTurns, isForNobody } from './load/turns.ts';
import { endUnread } from './load/unread-body.ts';
import { BUG, problem } from './problem.ts';

export interface HttpServerOptions {
  /** Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly parts: HttpParts;
}

export interface HttpServer {
  readonly port: number;
  /** Where this machine reaches it. */
  readonly url: string;
  /** Accepts no further requests, gives answers under way a moment, and ends every connection. May be called again. */
  close(): Promise<void>;
}

/** A client beyond these limits is cut off: it is slower, sends more or keeps more connections than an honest one. */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  /** Longer than the usual scrape interval, so that Prometheus keeps its connection. */
  keepAliveTimeout: 75 * SECOND,
} as const;
const MOST_CONNECTIONS = 512;
/** A connection on which nothing moves for this long is ended, an unread answer included. */
const IDLE_TIMEOUT: DurationMs = 2 * MINUTE;
/** Answers under way get this long when the server closes. */
const LAST_ANSWERS: DurationMs = 500;

/** Everything here is live, made for programs, and never to be run or framed by a browser. */
const SECURITY_HEADERS: ReadonlyMap<string, string> = new Map([
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
]);

/**
 * Listens and answers.
 *
 * @throws Error naming address and remedy when it cannot be listened on
 */
export async function startHttpServer({ listen, parts }: HttpServerOptions): Promise<HttpServer> {
  const answer = getRequestListener(createApp(parts).fetch, {
    overrideGlobalObjects: false,
    // HTTP/1.0 needs no Host, and health checks that speak it send none.
    hostname: 'localhost',
    errorHandler: (error) => {
      if (error instanceof RequestError) return problem(400, 'The request has no valid URL or Host.');
      parts.onError(error);
      return problem(500, BUG);
    },
  });
  const inTurn = inTurns(parts.clock);
  const server = createServer(LIMITS, (request: IncomingMessage, response: ServerResponse) => {
    if (refusePipelined(request, response)) return;
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    endUnread(request, response, parts.clock);
    // HAProxy checks health with OPTIONS / HTTP/1.0 unless it is configured otherwise.
    if (request.httpVersion === '1.0' && request.method === 'OPTIONS') request.method = 'GET';
    if (request.url?.startsWith('/-/') === true) void answer(request, response);
    else {
      inTurn(() => {
        if (isForNobody(request, response)) return false;
        void answer(request, response);
        return true;
      });
    }
  });
  limitConnections(server, MOST_CONNECTIONS);
  server.setTimeout(IDLE_TIMEOUT);
  await listening(server, listen);
  server.on('error', (error) => parts.onError(error));
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | null = null;
  return {
    port,
    url: urlOf({ host: listen.host, port }),
    close: () => (closed ??= close(server, parts.clock)),
  };
}

/**
 * Connections that may wait to be accepted, of which the system takes as many as it allows. A client that finds no room, as
 * after 511 by default, tries again after a second.
 */
const WAITING_CONNECTIONS = 4096;

async function listening(server: Server, { host, port }: HttpServerOptions['listen']): Promise<void> {
  server.listen({ host, port, backlog: WAITING_CONNECTIONS });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const remedy = LISTEN_REMEDIES.get(code) ?? `${message}; set listen to another address`;
    throw new Error(`cannot listen on ${addressOf(host, port)}: ${remedy}`, { cause });
  }
}

const LISTEN_REMEDIES: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the address is in use; end the program that uses it, or set listen to another port'],
  ['EACCES', 'no permission; set listen to a port above 1023, or allow this program to use lower ones'],
  ['EADDRNOTAVAIL', 'this machine has no such address; set listen to one of its own, or to 0.0.0.0'],
  ['ENOTFOUND', 'the host name is not known; set listen to an IP address'],
]);

function close(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(LAST_ANSWERS, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
  });
}

/** Where this machine reaches a server. A wildcard address can be listened on, but not be called. */
export function urlOf({ host, port }: HttpServerOptions['listen']): string {
  return `http://${addressOf(host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port)}`;
}

/** As it is written in a URL or in `listen`: an IPv6 address in brackets. */
export function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
