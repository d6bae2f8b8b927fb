import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../time/clock.ts';
import { httpGateway } from './http-gateway.ts';
import { smileapi } from '../profiles/smileapi.ts';

const TOKEN = 'tok-3f9a/1+Z=';
const TARGET = { phoneNumberId: '5511987654321' };
const RESTARTED = '{"status":"success","message":"Instance restarted successfully","instanceId":"5511987654321"}';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

interface Listening {
  readonly port: number;
  readonly requests: string[];
  readonly connections: Socket[];
}

/** A server that answers the n-th request with the n-th text, the last one for ever; null: not at all. */
async function listen(answers: readonly ((socket: Socket) => void)[], port = 0): Promise<Listening> {
  const requests: string[] = [];
  const connections: Socket[] = [];
  const server = net.createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      requests.push(chunk.toString('latin1'));
      answers[Math.min(requests.length, answers.length) - 1]?.(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of connections) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, requests, connections };
}

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const { port } = await listen([]);
  await closers.pop()?.();
  return port;
}

const says =
  (status: string, body = '', head = '') =>
  (socket: Socket) =>
    socket.write(`HTTP/1.1 ${status}\r\n${head}content-length: ${body.length}\r\n\r\n${body}`);
const saysNothing = () => undefined;
const breaksOff = (socket: Socket) => socket.resetAndDestroy();

/** A clock whose time passes only on command, and which reports when something begins to wait. */
function handClock() {
  let now = 1_000_000;
  const timers = new Set<{ at: number; callback: () => void }>();
  const watchers = new Set<{ delay: number; resolve: () => void }>();
  const clock: Clock = {
    now: () => now,
    wall: () => now,
    random: () => 0,
    after(delay, callback) {
      const timer = { at: now + delay, callback };
      timers.add(timer);
      for (const watcher of watchers) if (watcher.delay === delay) watcher.resolve();
      return () => timers.delete(timer);
    },
  };
  return {
    clock,
    /** Resolves when the next timer of this length begins. */
    waitFor: (delay: number) => new Promise<void>((resolve) => watchers.add({ delay, resolve })),
    pass(ms: number) {
      now += ms;
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}

function restarting(port: number, { retries = 2, method = 'POST', hand = handClock() } = {}) {
  const gateway = httpGateway({
    profile: smileapi,
    baseUrl: `http://127.0.0.1:${port}`,
    username: 'acme',
    token: TOKEN,
    restartMethod: method,
    healthPath: null,
    statePath: null,
    stateWords: {},
    concurrency: 4,
    ca: null,
    insecureSkipVerify: false,
    clock: hand.clock,
  });
  closers.push(() => gateway.close());
  const controller = new AbortController();
  const restart = () => gateway.restart(TARGET, { timeout: 30_000, retries, signal: controller.signal });
  return { gateway, restart, hand, controller };
}

describe('a restart', () => {
  it('is exactly the documented request, without a body', async () => {
    const { port, requests } = await listen([says('200 OK', RESTARTED)]);
    expect(await restarting(port).restart()).toEqual({
      outcome: 'accepted',
      httpStatus: 200,
      body: JSON.parse(RESTARTED) as unknown,
      detail: null,
      refusal: null,
      rateLimited: false,
      retryAfter: null,
    });
    expect(requests).toEqual([
      `POST /acme/v1/5511987654321/instance/restart HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n` +
        `Authorization: Bearer ${TOKEN}\r\nAccept: application/json\r\ncontent-length: 0\r\n\r\n`,
    ]);
  });

  it.each(['PUT', 'PATCH', 'GET'])('uses the account’s method %s', async (method) => {
    const { port, requests } = await listen([says('200 OK', RESTARTED)]);
    await restarting(port, { method }).restart();
    expect(requests[0]).toMatch(new RegExp(`^${method} /acme/v1/5511987654321/instance/restart HTTP/1.1\r\n`, 'u'));
  });

  it('never travels on a connection that was used before', async () => {
    const { port, connections } = await listen([says('200 OK', '{"state":"open"}'), says('200 OK', RESTARTED)]);
    const { gateway, restart } = restarting(port);
    await gateway.probe(TARGET, 5_000, new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await restart()).toMatchObject({ outcome: 'accepted' });
    expect(connections).toHaveLength(2);
  });

  it('keeps the token out of what it reports', async () => {
    const { port } = await listen([says('500 Oops', JSON.stringify({ message: `bad ${TOKEN}`, echo: [TOKEN] }))]);
    const result = await restarting(port).restart();
    expect(result).toMatchObject({ outcome: 'rejected', body: { message: 'bad ***', echo: ['***'] } });
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });
});

describe('a restart that may have happened is unknown and never repeated', () => {
  it('when no answer comes in time', async () => {
    const { restart, hand } = restarting((await listen([(socket) => asked(socket)])).port);
    let connection: Socket | undefined;
    const asked = (socket: Socket) => {
      connection = socket;
      hand.pass(30_000);
    };
    expect(await restart()).toMatchObject({ outcome: 'unknown', httpStatus: null, detail: 'no answer within 30 s' });
    if (connection?.closed === false) await new Promise((resolve) => connection?.once('close', resolve));
  });

  it.each([
    ['the connection breaks off', breaksOff],
    ['the connection is closed', (socket: Socket) => socket.end()],
    ['the answer breaks off', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{')],
    ['a proxy gives up', says('504 Gateway Timeout')],
    ['a proxy loses the gateway', says('502 Bad Gateway')],
  ])('when %s', async (_what, behave) => {
    const { port, requests } = await listen([behave]);
    expect(await restarting(port, { retries: 5 }).restart()).toMatchObject({ outcome: 'unknown' });
    expect(requests).toHaveLength(1);
  });

  it('when it is given up after it was sent', async () => {
    const { port, requests } = await listen([() => controller.abort()]);
    const { restart, controller } = restarting(port);
    expect(await restart()).toMatchObject({ outcome: 'unknown' });
    expect(requests).toHaveLength(1);
  });
});

describe('a gateway that is closed', () => {
  it('leaves a restart that was sent unknown, and lets no other one leave', async () => {
    const { port, requests } = await listen([() => closed.push(gateway.close())]);
    const closed: Promise<void>[] = [];
    const { gateway, restart } = restarting(port);
    expect(await restart()).toMatchObject({ outcome: 'unknown' });
    await Promise.all(closed);
    expect(await restart()).toMatchObject({ outcome: 'unreachable' });
    expect(requests).toHaveLength(1);
  });
});

describe('a restart that surely was not delivered', () => {
  it('is repeated after 1 s, then 2 s, and succeeds as soon as something listens', async () => {
    const port = await freePort();
    const { restart, hand } = restarting(port);
    const [first, second] = [hand.waitFor(1_000), hand.waitFor(2_000)];
    const result = restart();
    await first;
    hand.pass(1_000);
    await second;
    const { requests } = await listen([says('200 OK', RESTARTED)], port);
    hand.pass(2_000);
    expect(await result).toMatchObject({ outcome: 'accepted' });
    expect(requests).toHaveLength(1);
  });

  it('is unreachable when the repetitions are used up', async () => {
    const { restart, hand } = restarting(await freePort(), { retries: 1 });
    const wait = hand.waitFor(1_000);
    const result = restart();
    await wait;
    hand.pass(1_000);
    expect(await result).toMatchObject({
      outcome: 'unreachable',
      httpStatus: null,
      detail: 'connection refused (ECONNREFUSED)',
    });
  });

  it('is not repeated when no repetitions are allowed', async () => {
    expect(await restarting(await freePort(), { retries: 0 }).restart()).toMatchObject({ outcome: 'unreachable' });
  });

  it('ends at once when it is given up while waiting', async () => {
    const { restart, hand, controller } = restarting(await freePort());
    const wait = hand.waitFor(1_000);
    const result = restart();
    await wait;
    controller.abort();
    expect(await result).toMatchObject({ outcome: 'unreachable', detail: 'connection refused (ECONNREFUSED)' });
  });

  it('never leaves when it was given up before', async () => {
    const { port, connections } = await listen([saysNothing]);
    const { restart, controller } = restarting(port);
    controller.abort();
    expect(await restart()).toMatchObject({ outcome: 'unreachable' });
    expect(connections).toHaveLength(0);
  });
});

describe('a gateway that asks for patience', () => {
  it('with 429 is asked again after the time that it names', async () => {
    const { port, requests } = await listen([
      says('429 Too Many Requests', '', 'retry-after: 5\r\n'),
      says('200 OK', RESTARTED),
    ]);
    const { restart, hand } = restarting(port);
    const wait = hand.waitFor(5_000);
    const result = restart();
    await wait;
    expect(requests).toHaveLength(1);
    hand.pass(5_000);
    expect(await result).toMatchObject({ outcome: 'accepted' });
  });

  it('with 429 for ever gets no more than the allowed repetitions', async () => {
    const { port, requests } = await listen([says('429 Too Many Requests', '', 'retry-after: 5\r\n')]);
    const { restart, hand } = restarting(port, { retries: 1 });
    const wait = hand.waitFor(5_000);
    const result = restart();
    await wait;
    hand.pass(5_000);
    expect(await result).toMatchObject({ outcome: 'rejected', rateLimited: true, retryAfter: 5_000, httpStatus: 429 });
    expect(requests).toHaveLength(2);
  });

  it('with 429 and no time is asked again after our own', async () => {
    const { port } = await listen([says('429 Too Many Requests'), says('200 OK', RESTARTED)]);
    const { restart, hand } = restarting(port);
    const wait = hand.waitFor(1_000);
    const result = restart();
    await wait;
    hand.pass(1_000);
    expect(await result).toMatchObject({ outcome: 'accepted' });
  });

  it('for longer than 30 s is not asked again', async () => {
    const { port, requests } = await listen([says('429 Too Many Requests', '', 'retry-after: 31\r\n')]);
    expect(await restarting(port).restart()).toMatchObject({ outcome: 'rejected', retryAfter: 31_000 });
    expect(requests).toHaveLength(1);
  });

  it('with 503 and a time is asked again', async () => {
    const { port } = await listen([
      says('503 Service Unavailable', '', 'retry-after: 3\r\n'),
      says('200 OK', RESTARTED),
    ]);
    const { restart, hand } = restarting(port);
    const wait = hand.waitFor(3_000);
    const result = restart();
    await wait;
    hand.pass(3_000);
    expect(await result).toMatchObject({ outcome: 'accepted' });
  });

  it.each(['503 Service Unavailable', '500 Internal Server Error', '404 Not Found', '401 Unauthorized'])(
    'with %s is not asked again',
    async (status) => {
      const { port, requests } = await listen([says(status)]);
      expect(await restarting(port).restart()).toMatchObject({ outcome: 'rejected' });
      expect(requests).toHaveLength(1);
    },
  );

  it('is not asked again because a success denies itself', async () => {
    const { port, requests } = await listen([says('200 OK', '{"error":true,"message":"[object Object]"}')]);
    expect(await restarting(port).restart()).toMatchObject({ outcome: 'rejected', httpStatus: 200 });
    expect(requests).toHaveLength(1);
  });
});
