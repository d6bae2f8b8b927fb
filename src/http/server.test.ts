import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { handMadeFleet, QUIET_GUARDS } from '../../test/fleet/fleet.ts';
import { httpParts, NO_TOKENS } from '../../test/http/http-parts.ts';
import { parseExposition } from '../../test/http/parse-exposition.ts';
import { systemClock } from '../time/clock.ts';
import { EventBus } from '../telemetry/event-bus.ts';
import { Metrics } from '../telemetry/metrics/metrics.ts';
import { createApp } from './app.ts';
import type { HttpParts } from './http-parts.ts';
import { NO_OBJECTION } from '../core/instance/draft.ts';
import { startHttpServer, type HttpServer } from './server.ts';

const servers: HttpServer[] = [];
const unexpected: unknown[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  expect(unexpected.splice(0)).toEqual([]);
});

const clock = systemClock();
const fleet = handMadeFleet([
  { name: 'support', phoneNumberId: '5511', state: { phase: 'down' } },
  { name: 'sales', phoneNumberId: '5512', state: { phase: 'healthy' } },
]);

async function start(parts: Partial<HttpParts> = {}): Promise<HttpServer> {
  const events = new EventBus(vi.fn());
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    parts: httpParts({
      clock,
      fleet: () => fleet,
      metrics: new Metrics({
        clock,
        events,
        fleet: () => fleet,
        guards: () => QUIET_GUARDS,
        version: '1.2.3',
        perInstance: () => true,
      }),
      onError: (error) => unexpected.push(error),
      ...parts,
    }),
  });
  servers.push(server);
  return server;
}

async function get(server: HttpServer, path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(server.url + path, init);
}

/** Sends a body that is never over. What comes back, and how much was sent until the connection ended, in bytes. */
async function sendWithoutEnd(server: HttpServer, head: string): Promise<{ answer: string; sent: number }> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const piece = `10000\r\n${'a'.repeat(65_536)}\r\n`;
  const send = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', send);
  socket.write(`${head}\r\nHost: 127.0.0.1\r\n`);
  socket.write(head.includes('Length') ? '\r\n' : 'Transfer-Encoding: chunked\r\n\r\n');
  send();
  await closed;
  return { answer, sent: socket.bytesWritten - socket.writableLength };
}

/** Asks without the conveniences of fetch, which would unzip and take a response apart. */
async function ask(server: HttpServer, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const asked = request(server.url + path, { headers });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const GUARDED = { access: () => ({ ...NO_TOKENS, readToken: 's3cret' }) };
const eventDropped = (): void => undefined;

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

/** What is answered first to bytes that are sent as they are. */
async function firstAnswer(server: HttpServer, bytes: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

describe('/metrics', () => {
  test('is what Prometheus reads', async () => {
    const response = await get(await start(), '/metrics');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = parseExposition(await response.text());
    expect(samples).toContainEqual({
      name: 'watchdog_instance_phase',
      labels: { account: 'acme', name: 'support', phase: 'down' },
      value: 1,
    });
  });

  test.each(['gzip', 'deflate, GZIP;q=0.5', '*'])('is compressed for a client that accepts %s', async (accepted) => {
    const response = await ask(await start(), '/metrics', { 'accept-encoding': accepted });
    expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(parseExposition(gunzipSync(await bytesOf(response)).toString()).length).toBeGreaterThan(50);
  });

  test.each(['identity', 'gzip;q=0', '*, gzip;q=0', 'gzip;q=no'])(
    'is plain for a client that accepts %s',
    async (accepted) => {
      const response = await ask(await start(), '/metrics', { 'accept-encoding': accepted });
      expect(response.headers['content-encoding']).toBeUndefined();
      expect(parseExposition((await bytesOf(response)).toString()).length).toBeGreaterThan(50);
    },
  );

  test('breaks off when it cannot be completed, so that half of it never looks like all', async () => {
    const onError = vi.fn();
    const bug = new Error('a bug');
    async function* render(): AsyncGenerator<string> {
      yield 'watchdog_instances 1\n';
      await Promise.resolve();
      throw bug;
    }
    const server = await start({ metrics: { contentType: 'text/plain', render, eventDropped }, onError });
    await expect(get(server, '/metrics').then((response) => response.text())).rejects.toThrow();
    expect(onError).toHaveBeenCalledExactlyOnceWith(bug);
    expect((await get(server, '/-/healthy')).status).toBe(200);
  });

  test('stops being made when the reader leaves, and that is no bug', async () => {
    const onError = vi.fn();
    let stopped: () => void = vi.fn();
    const ended = new Promise<void>((resolve) => (stopped = resolve));
    async function* render(signal: AbortSignal): AsyncGenerator<string> {
      yield 'watchdog_instances 1\n';
      await once(signal, 'abort');
      setImmediate(stopped);
      throw signal.reason;
    }
    const server = await start({ metrics: { contentType: 'text/plain', render, eventDropped }, onError });
    const response = await ask(server, '/metrics', {});
    response.destroy();
    await ended;
    expect(onError).not.toHaveBeenCalled();
  });

  test('requested with HEAD, is not rendered', async () => {
    const render = vi.fn();
    const server = await start({ metrics: { contentType: 'text/plain', render, eventDropped } });
    const response = await get(server, '/metrics', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(render).not.toHaveBeenCalled();
  });
});

describe('health', () => {
  test('is ok while the loop makes progress', async () => {
    const response = await get(await start(), '/-/healthy');
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
  });

  test('names what is late, and at most ten of them', async () => {
    const late = ['the scheduler is 12 s behind', ...Array.from({ length: 20 }, (_, index) => `probe ${index}`)];
    const response = await get(await start({ late: () => late }), '/-/healthy');
    expect(response.status).toBe(503);
    const body = await response.text();
    expect(body).toContain('the scheduler is 12 s behind');
    expect(body).toContain('probe 8; and 11 more');
    expect(body).not.toContain('probe 9');
  });

  test('ready is another question', async () => {
    let ready = false;
    const server = await start({ ready: () => ready, late: () => ['everything'] });
    expect((await get(server, '/-/ready')).status).toBe(503);
    ready = true;
    expect((await get(server, '/-/ready')).status).toBe(200);
  });
});

describe('the API', () => {
  test('lists instances, filtered and in pages', async () => {
    const server = await start();
    const all = (await (await get(server, '/api/v1/instances')).json()) as Record<string, unknown>;
    expect(all).toMatchObject({ instances: [{ name: 'support' }, { name: 'sales' }], total: 2, nextCursor: null });
    const page = (await (await get(server, '/api/v1/instances?limit=1')).json()) as { nextCursor: string };
    const next = await get(server, `/api/v1/instances?limit=1&cursor=${page.nextCursor}`);
    expect(await next.json()).toMatchObject({ instances: [{ name: 'sales' }], total: 2, nextCursor: null });
    const healthy = await get(server, '/api/v1/instances?phase=healthy');
    expect(await healthy.json()).toMatchObject({ instances: [{ name: 'sales', phase: 'healthy' }], total: 1 });
  });

  test('shows one instance with its restarts and verdicts', async () => {
    const response = await get(await start(), '/api/v1/instances/support');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ name: 'support', phase: 'down', history: [], heartbeats: [] });
  });

  test.each([
    ['/api/v1/instances?phase=sick', 400, 'phase: must be one of'],
    ['/api/v1/instances?limit=0', 400, 'limit: must be'],
    ['/api/v1/instances/nobody', 404, 'No instance of this name'],
    ['/api/v1/instances/%E0%A4%A', 404, 'No instance of this name'],
    ['/api/v1/instances/__proto__', 404, 'No instance of this name'],
    ['/api/v2', 404, 'nothing here'],
    ['/nothing', 404, 'nothing here'],
  ])('answers %s with problem %i', async (path, status, words) => {
    const response = await get(await start(), path);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    const body = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'detail']);
    expect(body).toMatchObject({ type: 'about:blank', status });
    expect(body['detail']).toContain(words);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'answers %s to a route for reading with 405',
    async (method) => {
      const server = await start({ access: () => ({ ...NO_TOKENS, token: 'write' }) });
      for (const path of ['/', '/metrics', '/-/healthy', '/api/v1/instances', '/api/v1/instances/support']) {
        const response = await get(server, path, { method, ...bearer('write') });
        expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
        expect(response.headers.get('content-type')).toBe('application/problem+json');
      }
    },
  );

  test('reveals of a bug only that there is one', async () => {
    const onError = vi.fn();
    const bug = new Error('secret words');
    const broken = (): never => {
      throw bug;
    };
    const response = await get(await start({ fleet: broken, onError }), '/api/v1/instances');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(onError).toHaveBeenCalledExactlyOnceWith(bug);
  });

  test('is not to be kept, run or guessed at by browsers', async () => {
    const server = await start();
    for (const path of ['/metrics', '/api/v1/instances', '/nothing']) {
      const { headers } = await get(server, path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test('serves the status page, which may load nothing but its own files, and asks for no token', async () => {
    const server = await start(GUARDED);
    const response = await get(server, '/');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
    expect(policy).not.toContain('unsafe');
    const [, script = ''] = /src="\.\/(assets\/[^"]+\.js)"/.exec(await response.text()) ?? [];
    const file = await get(server, `/${script}`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(file.headers.get('cache-control')).toContain('immutable');
  });

  test('serves the status page in the language of the config, or else of the browser', async () => {
    const html = async (lang: 'en' | 'pt-BR' | null, accepted: string): Promise<string> => {
      const server = await start({ publicPage: () => ({ public: null, lang }) });
      const response = await get(server, '/', { headers: { 'accept-language': accepted } });
      expect(response.headers.get('vary')).toContain('accept-language');
      return (await response.text()).slice(0, 80);
    };
    expect(await html(null, 'pt-BR,pt;q=0.9')).toContain('<html lang="pt-BR">');
    expect(await html('pt-BR', 'en')).toContain('<html lang="pt-BR">');
    expect(await html(null, 'de')).toContain('<html lang="en">');
  });

  test('serves a status page that a slow phone can load: at most 96 KiB compressed, all languages together', () => {
    const folder = new URL('../../dist/page/assets/', import.meta.url);
    const files = readdirSync(folder).map((name) => readFileSync(new URL(name, folder)));
    expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0) / 1024).toBeLessThan(96);
    // What is tested is what is shipped: a build for development names its sources.
    expect(files.filter((file) => file.includes('.tsx'))).toHaveLength(0);
  });

  test.each(['/assets/..%2f..%2fmain.js', '/assets/%2e%2e/page.html', '/assets/page.html', '/assets/nothing.js'])(
    'serves no other file: %s',
    async (path) => {
      expect((await get(await start(), path)).status).toBe(404);
    },
  );
});

describe('with a read token', () => {
  const guarded = ['/api/v1/instances', '/api/v1/instances/support', '/api/v1/instances/nobody', '/api/nothing'];

  test('reading without it, or with another one, is refused', async () => {
    const server = await start(GUARDED);
    for (const path of guarded) {
      const without = await get(server, path);
      expect([without.status, without.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="smileapi-watchdog"',
      ]);
      for (const wrong of ['s3cre', 's3cret1', 'S3CRET']) {
        const response = await get(server, path, bearer(wrong));
        expect([response.status, response.headers.get('www-authenticate')]).toEqual([
          401,
          'Bearer realm="smileapi-watchdog", error="invalid_token"',
        ]);
        expect(await response.text()).not.toMatch(/s3cre/i);
      }
    }
  });

  test.each(['Basic s3cret', 's3cret', 'Bearer', 'Bearer s3cret s3cret'])(
    '%s is no bearer token',
    async (authorization) => {
      const response = await get(await start(GUARDED), '/api/v1/instances', { headers: { authorization } });
      expect(response.status).toBe(401);
    },
  );

  test('reading with it is allowed', async () => {
    const server = await start(GUARDED);
    expect((await get(server, '/api/v1/instances', bearer('s3cret'))).status).toBe(200);
    expect((await get(server, '/api/v1/instances', { headers: { authorization: 'bearer s3cret' } })).status).toBe(200);
    expect((await get(server, '/api/v1/instances/nobody', bearer('s3cret'))).status).toBe(404);
  });

  test('health checks need none, and do not learn the names of instances', async () => {
    const late = (): readonly string[] => ['support is late'];
    const server = await start({ ...GUARDED, late });
    for (const path of ['/', '/-/ready']) expect((await get(server, path)).status).toBe(200);
    expect(await (await get(server, '/-/healthy')).text()).not.toContain('support');
    expect(await (await get(server, '/-/healthy', bearer('s3cret'))).text()).toContain('support is late');
  });

  test.each([
    [{ readToken: 'read' }, { none: 401, read: 200, scrape: 401, write: 200 }],
    [
      { readToken: 'read', metricsToken: 'scrape' },
      { none: 401, read: 200, scrape: 200, write: 200 },
    ],
    [{ metricsToken: 'scrape' }, { none: 401, read: 401, scrape: 200, write: 200 }],
    [{}, { none: 200, read: 200, scrape: 200, write: 200 }],
  ])('%j: /metrics answers %j', async (tokens, expected) => {
    const server = await start({ access: () => ({ ...NO_TOKENS, token: 'write', ...tokens }) });
    for (const [token, status] of Object.entries(expected)) {
      expect((await get(server, '/metrics', token === 'none' ? {} : bearer(token))).status, token).toBe(status);
    }
  });

  test('the problems of a config need the read token', async () => {
    const problems = [{ file: '/etc/w.yaml', line: 1, column: 1, path: 'x', message: 'is wrong', remedy: 'Mend it.' }];
    const server = await start({ ...GUARDED, reload: () => Promise.resolve({ ok: false, problems }) });
    const reload = async (more: RequestInit = {}) =>
      (await get(server, '/-/reload', { ...more, method: 'POST' })).text();
    expect(await reload()).not.toContain('w.yaml');
    expect(await reload(bearer('s3cret'))).toContain('w.yaml');
  });
});

describe('the server', () => {
  test('names address and remedy when the address is in use', async () => {
    const { port } = await start();
    const again = startHttpServer({ listen: { host: '127.0.0.1', port }, parts: httpParts() });
    await expect(again).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the address is in use; end the program`);
  });

  test('names address and remedy when this machine has no such address', async () => {
    const elsewhere = startHttpServer({ listen: { host: '192.0.2.1', port: 0 }, parts: httpParts() });
    await expect(elsewhere).rejects.toThrow('cannot listen on 192.0.2.1:0: this machine has no such address');
  });

  test('has an address that can be called, even if it listens on all', async () => {
    const server = await startHttpServer({
      listen: { host: '0.0.0.0', port: 0 },
      parts: httpParts(),
    });
    servers.push(server);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect((await get(server, '/')).status).toBe(200);
  });

  test.each([
    ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', '400'],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ['nonsense\r\n\r\n', '400'],
  ])('refuses what is no fair request, and lives on', async (bytes, status) => {
    const server = await start();
    expect(await firstAnswer(server, bytes)).toContain(`HTTP/1.1 ${status}`);
    expect((await get(server, '/-/healthy')).status).toBe(200);
  });

  test('answers one request of a connection at a time', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    const one = 'GET /api/v1/instances HTTP/1.1\r\nHost: a\r\n';
    socket.write(`${one}\r\n${one}\r\n${one}Connection: close\r\n\r\n`);
    let text = '';
    for await (const part of socket) text += String(part);
    expect(text.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual(['200', '503', '503']);
  });

  test('ends a connection on which far more requests than one come at a time', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000));
    socket.resume();
    await once(socket, 'close');
    // Each answer has more than 400 bytes.
    expect(socket.bytesRead).toBeLessThan(20 * 1_000);
    expect((await get(server, '/-/healthy')).status).toBe(200);
  });

  test('gives the place of a client that is slow to send its request to a new one when none is idle', async () => {
    const server = await start({ access: () => ({ ...NO_TOKENS, token: 'w' }) });
    const slow: Socket[] = [];
    for (let index = 0; index < 512; index += 1) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(
        'POST /api/v1/instances/support/reset HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer w\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n{',
      );
      await once(socket, 'data');
      slow.push(socket);
    }
    const closed = once(slow[0]!, 'close');
    expect((await get(server, '/-/healthy')).status).toBe(200);
    await closed;
    expect(slow.filter((socket) => socket.closed)).toEqual([slow[0]]);
    for (const socket of slow) socket.destroy();
  });

  test('gives the place of the connection that is idle for longest to a new one when all are taken', async () => {
    const server = await start();
    const open = async (): Promise<Socket> => {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const idle: Socket[] = [];
    for (let index = 0; index < 512; index += 1) idle.push(await open());
    const closed = once(idle[0]!, 'close');
    expect((await get(server, '/-/healthy')).status).toBe(200);
    await closed;
    expect(idle.filter((socket) => socket.closed)).toEqual([idle[0]]);
    for (const socket of idle) socket.destroy();
  });

  test('closes although connections are kept alive, half open, or not read', async () => {
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        yield '#'.repeat(65_536);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const server = await start({ metrics: { contentType: 'text/plain', render: endless, eventDropped } });
    const keptAlive = connect(server.port, '127.0.0.1');
    keptAlive.write('GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(keptAlive, 'data');
    const halfOpen = connect(server.port, '127.0.0.1');
    halfOpen.write('GET /-/healthy HTTP/1.1\r\nHost:');
    await once(halfOpen, 'connect');
    const unread = connect(server.port, '127.0.0.1');
    unread.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(unread, 'readable');
    for (const socket of [keptAlive, halfOpen, unread]) socket.on('error', () => undefined);
    await Promise.all([server.close(), server.close()]);
    await expect(get(server, '/-/healthy')).rejects.toThrow();
    unread.destroy();
  });
});

test.each([
  ['a client that is there gets a place', false, 1],
  ['one that left while its request waited takes none, which would never be free again', true, 0],
])('of the live streams %s', async (_, destroyed, begun) => {
  const closed = vi.fn<(event: string, work: () => void) => void>();
  const outgoing = { destroyed, writeHead: vi.fn(), write: vi.fn(), once: closed, writableLength: 0 };
  const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } }, outgoing };
  const headers = { accept: 'text/event-stream', host: '127.0.0.1' };
  await createApp(httpParts()).request('/api/v1/events', { headers }, env);
  expect(outgoing.writeHead).toHaveBeenCalledTimes(begun);
  for (const [, work] of closed.mock.calls) work();
});

describe('HTTP/1.0', () => {
  test.each([
    ['GET /-/healthy HTTP/1.0\r\n\r\n', '200'],
    ['OPTIONS / HTTP/1.0\r\n\r\n', '200'],
    ['HEAD /-/ready HTTP/1.0\r\nUser-Agent: check\r\n\r\n', '200'],
    ['GET /metrics HTTP/1.0\r\n\r\n', '200'],
    ['GET /api/v1/instances HTTP/1.0\r\n\r\n', '200'],
  ])('is answered without a Host: %s', async (bytes, status) => {
    const server = await start({ onLoopback: true });
    expect(await firstAnswer(server, bytes)).toContain(`HTTP/1.1 ${status}`);
  });
});

describe('the body of a call', () => {
  const head =
    'POST /api/v1/instances/support/reset HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer w\r\n';
  const json = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n';
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

  /** Sends bytes as they are, because clients of HTTP add the headers that are missing here. */
  async function answerTo(sent: string): Promise<{ readonly status: string; readonly by: readonly string[] }> {
    const by: string[] = [];
    const control = {
      ...httpParts().control,
      reset: (_: unknown, who: string) => {
        by.push(who);
        return Promise.resolve({ answer: NO_OBJECTION, saved: true });
      },
    };
    const server = await start({ access: () => ({ ...NO_TOKENS, token: 'w' }), control });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(sent));
    let text = '';
    for await (const part of socket) text += String(part);
    return { status: text.slice(9, 12), by };
  }

  test('may be missing together with the headers that announce one, as curl -X POST sends it', async () => {
    expect(await answerTo(`${head}\r\n`)).toEqual({ status: '200', by: ['api'] });
  });

  test('may come in chunks', async () => {
    const sent = `${head}${json}\r\n${chunk('{"requestedBy": "ana"}')}`;
    expect(await answerTo(sent)).toEqual({ status: '200', by: ['ana'] });
  });

  test.each([
    `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${head}Content-Type: application/json\r\nContent-Length: 0\r\n\r\n`,
    `${head}${json}\r\n0\r\n\r\n`,
    `${head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n`,
  ])('may be empty although it is announced', async (sent) => {
    expect(await answerTo(sent)).toEqual({ status: '200', by: ['api'] });
  });

  test.each([
    ['POST /api/v1/instances/support/reset HTTP/1.1', '403'],
    ['POST /nowhere HTTP/1.1\r\nContent-Length: 4000000000', '404'],
    ['GET /-/healthy HTTP/1.1', '200'],
  ])('that does not end does so with its answer: %j', async (head, status) => {
    const { answer, sent } = await sendWithoutEnd(await start(), head);
    expect(answer.slice(9, 12)).toBe(status);
    // What the system takes in advance for a connection, on its own.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test('that breaks off is not taken for all of it, however late its turn comes', async () => {
    const by: unknown[] = [];
    const { control } = httpParts();
    const reset = (_: unknown, who: string) => {
      by.push(who);
      return Promise.resolve({ answer: NO_OBJECTION, saved: true });
    };
    const server = await start({ access: () => ({ ...NO_TOKENS, token: 'w' }), control: { ...control, reset } });
    const sockets = Array.from({ length: 60 }, () => connect(server.port, '127.0.0.1'));
    for (const socket of sockets) socket.write(`${head}Content-Length: 9\r\n\r\n`);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.resetAndDestroy();
    for (let request = 0; request < 60; request += 1) await get(server, '/nowhere');
    expect(by).toEqual([]);
  });

  test('waits where others send as much as there is room for', async () => {
    const server = await start({ access: () => ({ ...NO_TOKENS, token: 'w' }) });
    const many =
      'POST /api/v1/hooks/alertmanager HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer w\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n';
    const sockets = Array.from({ length: 5 }, () => connect(server.port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write(many);
      socket.write(Buffer.alloc(7_999_999, ' '));
    }
    const [answer] = (await Promise.race(sockets.map((socket) => once(socket, 'data')))) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 .*\r\n[\s\S]*retry-after: 5/u);
    for (const socket of sockets) socket.destroy();
  });

  test('is limited also when it comes in chunks', async () => {
    const sent = `${head}${json}\r\n${chunk(JSON.stringify({ requestedBy: 'x'.repeat(70_000) }))}`;
    expect(await answerTo(sent)).toEqual({ status: '413', by: [] });
  });
});
