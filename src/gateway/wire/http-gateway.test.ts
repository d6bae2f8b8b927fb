import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  nextTurn,
  closed,
  COMMON,
  freePort,
  gatewayAt,
  HandClock,
  IDLE,
  listenHttp,
  listenRaw,
  OPEN,
  says as answer,
  TARGET,
  TOKEN,
} from '../../../test/gateway/wire.ts';
import type { HttpGatewayOptions } from './http-gateway.ts';

describe('a probe calls', () => {
  it('with exactly the documented request', async () => {
    const requests: string[] = [];
    const { url } = await listenRaw((request, socket) => {
      requests.push(request);
      socket.write(answer(OPEN));
    });
    const result = await gatewayAt(url).probe(TARGET, 5_000, IDLE);
    expect(result).toEqual({ cause: 'connected', detail: null, retryAfter: null });
    expect(requests).toEqual([
      `GET /acme/v1/5511987654321/instance HTTP/1.1\r\nhost: ${url.slice(7)}\r\nconnection: keep-alive\r\n` +
        `Authorization: Bearer ${TOKEN}\r\nAccept: application/json\r\n${COMMON}\r\n`,
    ]);
  });

  it('below the path of the base URL, and with every part of the path percent-encoded', async () => {
    const paths: string[] = [];
    const { url } = await listenHttp((request, response) => {
      paths.push(request.url ?? '');
      response.end(OPEN);
    });
    await gatewayAt(`${url}/wa/gateway/`, { values: { username: 'a b/ç', token: TOKEN } }).probe(
      { phoneNumberId: '../+55?x#y' },
      5_000,
      IDLE,
    );
    await gatewayAt(url, { values: { username: '..', token: TOKEN } }).probe({ phoneNumberId: '.' }, 5_000, IDLE);
    expect(paths).toEqual(['/wa/gateway/a%20b%2F%C3%A7/v1/..%2F%2B55%3Fx%23y/instance', '/%2E%2E/v1/%2E/instance']);
  });

  it('over one connection as long as the gateway keeps it', async () => {
    const { url, connections } = await listenRaw((_request, socket) => socket.write(answer(OPEN)));
    const gateway = gatewayAt(url);
    for (let round = 0; round < 5; round += 1) {
      await gateway.probe(TARGET, 5_000, IDLE);
      await nextTurn();
    }
    expect(connections).toHaveLength(1);
  });

  it('over at most as many connections as the account allows', async () => {
    const { url, connections } = await listenRaw((_request, socket) => socket.write(answer(OPEN)));
    const gateway = gatewayAt(url, { concurrency: 3 });
    const results = await Promise.all(Array.from({ length: 40 }, () => gateway.probe(TARGET, 5_000, IDLE)));
    expect(new Set(results.map(({ cause }) => cause))).toEqual(new Set(['connected']));
    expect(connections).toHaveLength(3);
  });

  it('and listens once to a signal that many calls share, for as long as it is open', async () => {
    const listeners: string[] = [];
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.push('added');
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.push('removed');
      remove(...args);
    };
    const { url } = await listenRaw((_request, socket) => socket.write(answer(OPEN)));
    const gateway = gatewayAt(url);
    await Promise.all(Array.from({ length: 20 }, () => gateway.probe(TARGET, 5_000, signal)));
    await gateway.probe(TARGET, 5_000, signal);
    expect(listeners).toEqual(['added']);
    await gateway.close();
    expect(listeners).toEqual(['added', 'removed']);
  });

  it('refuses a token with a line break, without repeating it', () => {
    expect(() => gatewayAt('http://127.0.0.1', { values: { username: 'acme', token: `${TOKEN}\n` } })).toThrow(
      /token: .*line break/u,
    );
    expect(() => gatewayAt('http://127.0.0.1', { values: { username: 'acme', token: `${TOKEN}\n` } })).not.toThrow(
      TOKEN,
    );
  });
});

it('sends headers of its own with every call, in place of those that it has by itself', async () => {
  const seen: [string | undefined, string[]][] = [];
  const { url } = await listenHttp(({ method, rawHeaders }, response) => {
    seen.push([method, rawHeaders]);
    response.end(OPEN);
  });
  const headers = { 'X-Access': 'access-secret', authorization: 'Basic abc', 'user-agent': 'mine' };
  const gateway = gatewayAt(url, { headers, healthPath: '/v1/health' });
  await gateway.probe(TARGET, 5_000, IDLE);
  await gateway.restart(TARGET, { timeout: 5_000, retries: 0, signal: IDLE });
  await gateway.health(5_000, IDLE);
  expect(seen.map(([method]) => method)).toEqual(['GET', 'POST', 'GET']);
  for (const [, raw] of seen) {
    expect(raw).toEqual(expect.arrayContaining(Object.entries(headers).flat()));
    expect(raw.filter((name) => /^(authorization|user-agent)$/iu.test(name))).toHaveLength(2);
  }
});

describe('the health route', () => {
  const ask = (url: string, options: Partial<HttpGatewayOptions> = {}) =>
    gatewayAt(url, { healthPath: '/v1/health', ...options }).health(5_000, new AbortController().signal);

  it('is called without credentials, below the path of the base URL', async () => {
    const seen: [string | undefined, string | undefined][] = [];
    const { url } = await listenHttp((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      response.end('{}');
    });
    expect(await ask(`${url}/smile`)).toBe('up');
    expect(seen).toEqual([['/smile/v1/health', undefined]]);
  });

  it.each([
    [204, 'up'],
    [302, 'unknown'],
    [401, 'unknown'],
    [404, 'unknown'],
    [500, 'down'],
    [503, 'down'],
  ])('that answers %i says %s', async (status, health) => {
    const { url } = await listenHttp((_, response) => response.writeHead(status).end());
    expect(await ask(url)).toBe(health);
  });

  it('is down without an answer, and unknown where none is configured', async () => {
    const { url } = await listenRaw((_, socket) => socket.destroy());
    expect(await ask(url)).toBe('down');
    expect(await ask(url, { healthPath: null })).toBe('unknown');
  });
});

describe('a probe reads', () => {
  it('at most 64 KiB, even of an answer that never ends', async () => {
    const { url, connections } = await listenHttp((_request, response) => {
      const chunk = Buffer.alloc(16 * 1024, 0x20);
      const pour = () => {
        while (response.write(chunk));
      };
      response.on('drain', pour);
      pour();
    });
    const result = await gatewayAt(url).probe(TARGET, 20_000, IDLE);
    expect(result).toMatchObject({ cause: 'unreadable', detail: 'the answer is longer than 64 KiB' });
    await closed(connections[0]);
  });

  it('an answer that comes in pieces, though each is read to where the one before lay', async () => {
    const blanks = ' '.repeat(60);
    const { url } = await listenHttp((_request, response) => {
      const pieces = [blanks, OPEN.slice(0, 20), OPEN.slice(20), blanks, blanks];
      const send = () => {
        const piece = pieces.shift();
        if (piece === undefined) response.end();
        else response.write(piece, () => setImmediate(send));
      };
      send();
    });
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
  });

  it('an answer of exactly 64 KiB', async () => {
    const { url } = await listenHttp((_request, response) => response.end(OPEN.padEnd(64 * 1024)));
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
  });

  it('the answer that follows an informational one', async () => {
    const { url } = await listenRaw((_request, socket) => {
      socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${answer(OPEN)}`);
    });
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
  });

  it('the wait that comes with a 429', async () => {
    const { url } = await listenHttp((_request, response) => response.writeHead(429, { 'Retry-After': '7' }).end());
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'rate_limited', retryAfter: 7_000 });
  });

  it('a redirect without following it', async () => {
    let followed = 0;
    const elsewhere = await listenHttp((_request, response) => {
      followed += 1;
      response.end(OPEN);
    });
    const { url } = await listenHttp((_request, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/` }).end(),
    );
    const result = await gatewayAt(url).probe(TARGET, 5_000, IDLE);
    expect(result.cause).toBe('not_the_gateway');
    expect(result.detail).toContain('redirects are not followed');
    expect(followed).toBe(0);
  });

  it.each([
    ['in a message', (token: string) => ({ status: 401, error: `Unauthorized: Bearer ${token}` })],
    ['as the state', (token: string) => ({ state: token })],
    ['percent-encoded', (token: string) => ({ error: true, message: encodeURIComponent(token) })],
    ['in base64', (token: string) => ({ error: true, message: Buffer.from(token).toString('base64') })],
  ])('a token that the gateway repeats %s without passing it on', async (_where, body) => {
    const { url } = await listenHttp((_request, response) => response.end(JSON.stringify(body(TOKEN))));
    const { detail } = await gatewayAt(url).probe(TARGET, 5_000, IDLE);
    expect(detail).toContain('***');
    for (const form of [TOKEN, encodeURIComponent(TOKEN), Buffer.from(TOKEN).toString('base64')]) {
      expect(detail).not.toContain(form);
    }
  });
});

describe('a probe that gets no answer', () => {
  it('is a timeout when the gateway hangs', async () => {
    const clock = new HandClock();
    let asked: () => void;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const { url, connections } = await listenRaw(() => asked());
    const result = gatewayAt(url, { clock }).probe(TARGET, 10_000, IDLE);
    await isAsked;
    clock.pass(10_000);
    expect(await result).toMatchObject({ cause: 'timeout', detail: 'no answer within 10 s' });
    await closed(connections[0]);
  });

  it('is a timeout when the answer drips, however lively the dripping is', async () => {
    const clock = new HandClock();
    let dripping: Socket | undefined;
    let asked: () => void;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const { url } = await listenRaw((_request, socket) => {
      dripping = socket;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{');
      asked();
    });
    let ended = false;
    const result = gatewayAt(url, { clock })
      .probe(TARGET, 10_000, IDLE)
      .finally(() => (ended = true));
    await isAsked;
    for (let second = 1; second < 10; second += 1) {
      await new Promise((resolve) => dripping?.write(' ', resolve));
      clock.pass(1_000);
    }
    expect(ended).toBe(false);
    clock.pass(1_000);
    expect(await result).toMatchObject({ cause: 'timeout' });
  });

  it('is refused where no server listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toEqual({
      cause: 'refused',
      detail: 'connection refused (ECONNREFUSED)',
      retryAfter: null,
    });
  });

  it('is a dns failure where the name does not exist', async () => {
    const gateway = gatewayAt('http://gateway.invalid');
    expect(await gateway.probe(TARGET, 20_000, IDLE)).toMatchObject({ cause: 'dns' });
  });

  // How else an answer may break off, or be none: test/integration/chaos.test.ts.
  it('is a reset when a new connection breaks off, and is not repeated', async () => {
    const { url, connections } = await listenRaw((_request, socket) => socket.resetAndDestroy());
    expect(await gatewayAt(url).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'reset' });
    expect(connections).toHaveLength(1);
  });

  it('is aborted when it is no longer needed, before sending or while waiting', async () => {
    const controller = new AbortController();
    const { url, connections } = await listenRaw(() => controller.abort());
    const gateway = gatewayAt(url);
    expect(await gateway.probe(TARGET, 5_000, controller.signal)).toMatchObject({ cause: 'aborted' });
    expect(await gateway.probe(TARGET, 5_000, controller.signal)).toMatchObject({ cause: 'aborted' });
    expect(connections).toHaveLength(1);
  });

  it('is aborted when the gateway is closed, during the call or before it', async () => {
    const { url } = await listenRaw(() => closed.push(gateway.close()));
    const closed: Promise<void>[] = [];
    const gateway = gatewayAt(url);
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'aborted' });
    await Promise.all(closed);
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'aborted' });
  });
});

describe('a connection that the gateway closed while it was idle', () => {
  it.each([
    ['costs a second connection, and no failure', [2], 'connected'],
    ['is a reset if the second connection breaks off too', [2, 3], 'reset'],
  ])('%s', async (_what, breaking, cause) => {
    const { url, connections } = await listenRaw((_request, socket, number) => {
      if (breaking.includes(number)) socket.resetAndDestroy();
      else socket.write(answer(OPEN));
    });
    const gateway = gatewayAt(url);
    await gateway.probe(TARGET, 5_000, IDLE);
    await nextTurn();
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause });
    expect(connections).toHaveLength(2);
  });

  it('leaves the repetition only the rest of the time', async () => {
    const clock = new HandClock();
    let repeated: () => void;
    const isRepeated = new Promise<void>((resolve) => (repeated = resolve));
    const { url } = await listenRaw((_request, socket, number) => {
      if (number === 1) socket.write(answer(OPEN));
      else if (number === 2) {
        clock.pass(9_000);
        socket.resetAndDestroy();
      } else repeated();
    });
    const gateway = gatewayAt(url, { clock });
    await gateway.probe(TARGET, 10_000, IDLE);
    await nextTurn();
    const result = gateway.probe(TARGET, 10_000, IDLE);
    await isRepeated;
    clock.pass(1_000);
    expect(await result).toMatchObject({ cause: 'timeout' });
  });
});
