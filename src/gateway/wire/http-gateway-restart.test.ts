import net, { type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  closed,
  COMMON,
  freePort,
  gatewayAt,
  HandClock,
  IDLE,
  listen as listenOn,
  TARGET,
  TOKEN,
} from '../../../test/gateway/wire.ts';

const RESTARTED = '{"status":"success","message":"Instance restarted successfully","instanceId":"5511987654321"}';

/** A server that answers the n-th request with the n-th text, the last one for ever. */
async function listen(answers: readonly ((socket: Socket) => void)[], port = 0) {
  const requests: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('data', (chunk) => {
      requests.push(chunk.toString('latin1'));
      answers[Math.min(requests.length, answers.length) - 1]?.(socket);
    });
  });
  return { ...(await listenOn(server, port)), requests };
}

const says =
  (status: string, body = '', head = '') =>
  (socket: Socket) =>
    socket.write(`HTTP/1.1 ${status}\r\n${head}content-length: ${body.length}\r\n\r\n${body}`);
const saysNothing = () => undefined;
const breaksOff = (socket: Socket) => socket.resetAndDestroy();

function restarting(port: number, { retries = 2, method = 'POST', hand = new HandClock() } = {}) {
  const gateway = gatewayAt(`http://127.0.0.1:${port}`, { restartMethod: method, clock: hand });
  const controller = new AbortController();
  const restart = () => gateway.restart(TARGET, { timeout: 30_000, retries, signal: controller.signal });
  /** The restart after these waits, each of which passes as soon as it begins. */
  const restartAfter = async (...waits: readonly number[]) => {
    const begun = waits.map((wait) => hand.waitFor(wait));
    const result = restart();
    for (const [index, wait] of waits.entries()) {
      await begun[index];
      hand.pass(wait);
    }
    return await result;
  };
  return { gateway, restart, restartAfter, hand, controller };
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
        `Authorization: Bearer ${TOKEN}\r\nAccept: application/json\r\n${COMMON}content-length: 0\r\n\r\n`,
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
    await gateway.probe(TARGET, 5_000, IDLE);
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
    await closed(connection);
  });

  it.each([
    ['the connection breaks off', breaksOff],
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
  it('because a proxy says so, is repeated', async () => {
    const { port, requests } = await listen([says('522 Connection timed out'), says('200 OK', RESTARTED)]);
    const { restart, hand } = restarting(port, { retries: 1 });
    const wait = hand.waitFor(1_000);
    const result = restart();
    await wait;
    hand.pass(1_000);
    expect(await result).toMatchObject({ outcome: 'accepted' });
    expect(requests).toHaveLength(2);
  });

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
    const { restartAfter } = restarting(await freePort(), { retries: 1 });
    expect(await restartAfter(1_000)).toMatchObject({
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

describe('a gateway that requests a wait', () => {
  it.each([
    ['with 429 is asked again after the time that it names', '429 Too Many Requests', 'retry-after: 5\r\n', 5_000],
    ['with 429 and no time is asked again after our own', '429 Too Many Requests', '', 1_000],
    ['with 503 and a time is asked again after that', '503 Service Unavailable', 'retry-after: 3\r\n', 3_000],
  ])('%s', async (_what, status, head, wait) => {
    const { port, requests } = await listen([says(status, '', head), says('200 OK', RESTARTED)]);
    const { restart, hand } = restarting(port);
    const waiting = hand.waitFor(wait);
    const result = restart();
    await waiting;
    expect(requests).toHaveLength(1);
    hand.pass(wait);
    expect(await result).toMatchObject({ outcome: 'accepted' });
  });

  it('with 429 for ever gets only the allowed repetitions', async () => {
    const { port, requests } = await listen([says('429 Too Many Requests', '', 'retry-after: 5\r\n')]);
    const { restartAfter } = restarting(port, { retries: 1 });
    const result = await restartAfter(5_000);
    expect(result).toMatchObject({ outcome: 'rejected', rateLimited: true, retryAfter: 5_000, httpStatus: 429 });
    expect(requests).toHaveLength(2);
  });

  it('for longer than 30 s is not called again', async () => {
    const { port, requests } = await listen([says('429 Too Many Requests', '', 'retry-after: 31\r\n')]);
    expect(await restarting(port).restart()).toMatchObject({ outcome: 'rejected', retryAfter: 31_000 });
    expect(requests).toHaveLength(1);
  });

  it.each(['503 Service Unavailable', '500 Internal Server Error', '404 Not Found', '401 Unauthorized'])(
    'with %s is not asked again',
    async (status) => {
      const { port, requests } = await listen([says(status)]);
      expect(await restarting(port).restart()).toMatchObject({ outcome: 'rejected' });
      expect(requests).toHaveLength(1);
    },
  );

  it('is not called again because a success denies itself', async () => {
    const { port, requests } = await listen([says('200 OK', '{"error":true,"message":"[object Object]"}')]);
    expect(await restarting(port).restart()).toMatchObject({ outcome: 'rejected', httpStatus: 200 });
    expect(requests).toHaveLength(1);
  });
});
