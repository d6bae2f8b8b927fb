import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/instance/instance.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { HttpGatewayOptions } from '../../src/gateway/wire/http-gateway.ts';
import { sleep } from '../../src/time/clock.ts';
import { gatewayAt as anyGatewayAt, IDLE, OPEN } from '../gateway/wire.ts';
import { pacedClock, quickClock } from '../simulator/paced-clock.ts';
import { AUTHORITY, EXPIRED, FOR_ANOTHER_HOST, FOR_LOCALHOST, KEY, SELF_SIGNED } from './certificates.ts';
import {
  allClosed,
  answer,
  drips,
  pours,
  says,
  saysAndEnds,
  saysAndResets,
  startChaosServer,
  type ChaosServer,
  type Reply,
} from './chaos-server.ts';
import { retainedBytes } from './retained-bytes.ts';

const CLOSED = '{"status":200,"instance":{"state":"close"}}';
const SICK = { phoneNumberId: '5511900000001' };
const NEIGHBOUR = { phoneNumberId: '5511900000002' };
/** For what must end by the deadline: whatever the machine's speed, the request has come before it, and the answer is never complete. */
const SHORT = 300;
/** For what must end by itself: no machine is so slow that the deadline comes first. */
const LONG = 80_000;
const MIB = 1024 * 1024;

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const healthy = says(answer(OPEN));
/** Whole JSON, but not the whole answer. */
const HALF = `${CHUNKED}${OPEN.length.toString(16)}\r\n${OPEN}\r\n`;
const wholeChunk = `${OPEN.length.toString(16)}\r\n${OPEN}\r\n0\r\n\r\n`;
/** The same answer, with the word that the connection ends after it. */
const last = (text: string): string => text.replace('\r\n', '\r\nconnection: close\r\n');

const gatewayAt = (baseUrl: string, options: Partial<HttpGatewayOptions> = {}): Gateway =>
  anyGatewayAt(baseUrl, { concurrency: 2, clock: quickClock(), ...options });

const restartsSeen = ({ requests }: ChaosServer): number => requests.filter((head) => head.startsWith('POST ')).length;

interface Chaos {
  readonly name: string;
  readonly reply: Reply;
  readonly within: number;
  readonly cause: Cause;
  readonly restart: Outcome;
}

/** Replies that come to the same: what a probe finds within this time, and how a restart ends. */
function chaos(within: number, cause: Cause, restart: Outcome, replies: Readonly<Record<string, Reply>>): Chaos[] {
  return Object.entries(replies).map(([name, reply]) => ({ name, reply, within, cause, restart }));
}

const manyHeaders = (count: number): string => 'a: b\r\n'.repeat(count);

const CHAOS: readonly Chaos[] = [
  ...chaos(SHORT, 'timeout', 'unknown', {
    silence: says(),
    'a head of one byte per second': drips('H', 'T', 1_000),
    'a body of one byte per second': drips(`${HEAD}content-length: 1000\r\n\r\n{`, ' ', 1_000),
    'a status line that never ends': drips('HTTP/1.1 200 ', 'O', 5),
    'a body of one byte whenever one might lose patience': drips(`${HEAD}content-length: 1000\r\n\r\n{`, ' ', 5),
    'headers that never end': drips(HEAD, 'x: y\r\n', 5),
    'a body that never ends': says(`${HEAD}content-length: 1000\r\n\r\n{"status":200`),
    'chunks that never end': drips(CHUNKED, '1\r\n \r\n', 5),
    'a chunk extension that never ends': pours(`${CHUNKED}1;`, 'x'.repeat(4096)),
    'a flood of 102 Processing': pours('', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)),
    'a flood of 103 Early Hints': pours('', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(100)),
    'a Content-Length that is too long': says(`${HEAD}content-length: 100\r\n\r\n${OPEN}`),
  }),
  ...chaos(LONG, 'reset', 'unknown', {
    'a reset after the request': saysAndResets(''),
    'a reset in the status line': saysAndResets('HTTP/1.1 20'),
    'a reset in the headers': saysAndResets(HEAD),
    'a reset in the body': saysAndResets(answer(OPEN).slice(0, -5)),
    'a reset in a chunk': saysAndResets(`${CHUNKED}20\r\n{"stat`),
    'an end after the request': saysAndEnds(''),
    'an end in the status line': saysAndEnds('HTTP/1.1 20'),
    'an end in the headers': saysAndEnds(HEAD),
    'an end in the body': saysAndEnds(answer(OPEN).slice(0, -5)),
    'an end in a chunk': saysAndEnds(`${CHUNKED}20\r\n{"stat`),
    'an end in the body of a last answer': saysAndEnds(last(answer(OPEN).slice(0, -5))),
    'an end in a chunk of a last answer': saysAndEnds(last(`${CHUNKED}20\r\n{"stat`)),
    'an end between the chunks of a last answer': saysAndEnds(last(HALF)),
    'an end in the headers of a last answer': saysAndEnds(last(HEAD)),
  }),
  ...chaos(LONG, 'unreadable', 'unknown', {
    'HTTP/0.9': saysAndEnds(OPEN),
    'a flood of 100 Continue': pours('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
    'HTTP/2': says(Buffer.from('0000000400000000000000', 'hex')),
    'binary noise': says(Buffer.alloc(4096, 0xa5)),
    'tens of thousands of headers': says(HEAD, manyHeaders(30_000), `content-length: ${OPEN.length}\r\n\r\n${OPEN}`),
    'headers without end, poured': pours(HEAD, manyHeaders(500)),
    'trailers without end, poured': pours(`${CHUNKED}1\r\n{\r\n0\r\n`, manyHeaders(500)),
    'chunk sizes that are none': says(`${CHUNKED}zz\r\n${OPEN}\r\n0\r\n\r\n`),
    'two different Content-Lengths': says(answer(OPEN, 'content-length: 7\r\n')),
    'a negative Content-Length': says(`${HEAD}content-length: -5\r\n\r\n${OPEN}`),
    'a Content-Length beside chunks': says(answer(OPEN, 'transfer-encoding: chunked\r\n')),
    'a Content-Length that is too short': says(`${HEAD}content-length: 12\r\n\r\n${OPEN}`),
    '100 MB': pours(`${HEAD}content-length: 104857600\r\n\r\n`, ' '.repeat(64 * 1024), 1600),
    'a gzip bomb': says(...gzipped(OPEN + ' '.repeat(32 * MIB))),
    'gzip that is none': says(...coded('gzip', Buffer.from('no gzip'))),
    'an unknown coding': says(...coded('compress', Buffer.from('1f9d9000aa', 'hex'))),
  }),
  ...chaos(LONG, 'not_the_gateway', 'rejected', {
    'a 304 with the length of another answer': says('HTTP/1.1 304 Not Modified\r\ncontent-length: 500\r\n\r\n'),
  }),
  ...chaos(LONG, 'unreadable', 'accepted', {
    'a 204 that claims to be longer': says(answer(OPEN).replace('200 OK', '204 No Content')),
  }),
  ...chaos(LONG, 'connected', 'accepted', {
    'two thousand headers': says(HEAD, manyHeaders(2_000), `content-length: ${OPEN.length}\r\n\r\n${OPEN}`),
    'a few early hints': says('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20), answer(OPEN)),
    'no length, and the end says it': saysAndEnds(`${HEAD}\r\n${OPEN}`),
    'two answers at once': says(answer(OPEN) + answer(CLOSED)),
    'two equal Content-Lengths': says(answer(OPEN, `content-length: ${OPEN.length}\r\n`)),
    'a Content-Length beside right chunks': says(CHUNKED.replace('\r\n', '\r\ncontent-length: 99\r\n'), wholeChunk),
    'an unasked 100 Continue': says('HTTP/1.1 100 Continue\r\n\r\n', answer(OPEN)),
    'an unasked 101 Switching Protocols': says('HTTP/1.1 101 Switching Protocols\r\n\r\n', answer(OPEN)),
    'bare line feeds': says(answer(OPEN).replaceAll('\r\n', '\n')),
    'JSON in gzip that nobody asked for': says(...gzipped(OPEN)),
    'JSON in Brotli': says(...coded('br', brotliCompressSync(OPEN))),
    'JSON in deflate': says(...coded('deflate', deflateSync(OPEN))),
    'JSON in deflate without a frame': says(...coded('deflate', deflateRawSync(OPEN))),
    'JSON in gzip, coded twice': says(...coded('gzip, gzip', gzipSync(gzipSync(OPEN)))),
    'JSON in gzip without a word': says(...coded('identity', gzipSync(OPEN))),
    'JSON that claims to be gzip': says(...coded('gzip', Buffer.from(OPEN))),
    'JSON whose character set stands for a coding': says(...coded('utf-8', Buffer.from(OPEN))),
  }),
];

function coded(coding: string, body: Buffer): (string | Buffer)[] {
  return [`${HEAD}connection: close\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`, body];
}

function gzipped(body: string): (string | Buffer)[] {
  return coded('gzip', gzipSync(body));
}

describe('a gateway that answers with', () => {
  it.each(CHAOS)(
    '$name: $cause, a restart $restart, and nobody else notices',
    async ({ reply, within, ...expected }) => {
      let sick = true;
      const inChaos: Socket[] = [];
      const server = await startChaosServer({
        reply: (request) => {
          if (!sick || !request.includes(SICK.phoneNumberId)) return healthy;
          return (socket) => {
            inChaos.push(socket);
            reply(socket);
          };
        },
      });
      const gateway = gatewayAt(`http://127.0.0.1:${server.port}`);
      const [probe, neighbour] = await Promise.all([
        gateway.probe(SICK, within, IDLE),
        gateway.probe(NEIGHBOUR, LONG, IDLE),
      ]);
      expect(probe.cause).toBe(expected.cause);
      expect(neighbour.cause).toBe('connected');

      const restart = await gateway.restart(SICK, { timeout: within, retries: 2, signal: IDLE });
      expect(restart.outcome).toBe(expected.restart);
      expect(restartsSeen(server), 'what may have happened is not repeated').toBe(1);

      sick = false;
      expect((await gateway.probe(SICK, LONG, IDLE)).cause).toBe('connected');
      // Nobody goes on listening to chaos; only a good answer leaves its connection to the next call.
      if (expected.cause !== 'connected') await allClosed(inChaos);
    },
  );

  it.each([
    ['100 MB', pours(`${HEAD}content-length: 104857600\r\n\r\n`, ' '.repeat(64 * 1024), 1600)],
    ['a body without end', pours(`${HEAD}\r\n`, ' '.repeat(64 * 1024))],
  ])('%s: more than 64 KiB is not listened to, for its connection is closed', async (_what, reply) => {
    const server = await startChaosServer({ reply: () => reply });
    const gateway = gatewayAt(`http://127.0.0.1:${server.port}`);
    expect((await gateway.probe(SICK, LONG, IDLE)).detail).toContain('64 KiB');
    await allClosed(server.connections);
    // What was on its way is in the buffers of the system.
    for (const { bytesWritten } of server.connections) expect(bytesWritten).toBeLessThan(32 * MIB);
  });

  it.each(CHAOS.filter(({ name }) => /flood of 10[23]|never ends/u.test(name)))(
    '$name does not fill the memory while it lasts',
    async ({ reply }) => {
      const server = await startChaosServer({ reply: () => reply });
      const clock = pacedClock();
      const gateway = gatewayAt(`http://127.0.0.1:${server.port}`, { clock });
      const before = retainedBytes();
      const probe = gateway.probe(SICK, 3 * SHORT, IDLE);
      // By the clock of the deadline: it still lasts then.
      await sleep(clock, 2 * SHORT, IDLE);
      expect(retainedBytes() - before).toBeLessThan(64 * MIB);
      expect((await probe).cause).toBe('timeout');
    },
  );

  it('two answers at once gives none of them to the call that waits for the connection', async () => {
    const server = await startChaosServer({
      reply: (request) => (request.includes(SICK.phoneNumberId) ? says(answer(OPEN) + answer(CLOSED)) : healthy),
    });
    const gateway = gatewayAt(`http://127.0.0.1:${server.port}`, { concurrency: 1 });
    const causes = await Promise.all(
      [SICK, NEIGHBOUR, SICK, NEIGHBOUR].map(async (target) => (await gateway.probe(target, LONG, IDLE)).cause),
    );
    expect(causes).toEqual(['connected', 'connected', 'connected', 'connected']);
  });
});

describe('a connection that', () => {
  it('a connection that is reset as soon as it is made is a reset, and a restart over it is at most unknown', async () => {
    const server = await startChaosServer({ reply: () => healthy, onConnect: (socket) => socket.resetAndDestroy() });
    const gateway = gatewayAt(`http://127.0.0.1:${server.port}`);
    expect((await gateway.probe(SICK, LONG, IDLE)).cause).toBe('reset');
    const { outcome } = await gateway.restart(SICK, { timeout: LONG, retries: 0, signal: IDLE });
    // The reset may come before the request is written, or after it.
    expect(['unreachable', 'unknown']).toContain(outcome);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['ended', saysAndEnds],
    ['reset', saysAndResets],
  ])('is %s by the gateway after each answer, without a warning, costs no probe', async (_how, saysAndLeaves) => {
    const server = await startChaosServer({ reply: () => saysAndLeaves(answer(OPEN)) });
    const gateway = gatewayAt(`http://127.0.0.1:${server.port}`);
    for (let round = 0; round < 5; round += 1) {
      expect((await gateway.probe(SICK, LONG, IDLE)).cause).toBe('connected');
      await allClosed(server.connections);
    }
  });

  it('a kept connection that breaks off within an answer is a reset: only one without any answer was closed before', async () => {
    let kept = false;
    const server = await startChaosServer({
      reply: () => {
        const reply = kept ? saysAndResets(answer(OPEN).slice(0, -5)) : healthy;
        kept = true;
        return reply;
      },
    });
    const gateway = gatewayAt(`http://127.0.0.1:${server.port}`, { concurrency: 1 });
    expect((await gateway.probe(SICK, LONG, IDLE)).cause).toBe('connected');
    expect((await gateway.probe(SICK, LONG, IDLE)).cause).toBe('reset');
    expect(server.requests).toHaveLength(2);
    expect(server.connections).toHaveLength(1);
  });
});

describe('a certificate', () => {
  it.each([
    ['that the account’s own authority vouches for', FOR_LOCALHOST, 'connected', null],
    ['for another host', FOR_ANOTHER_HOST, 'tls', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that has expired', EXPIRED, 'tls', 'CERT_HAS_EXPIRED'],
    ['that is self-signed', SELF_SIGNED, 'tls', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('%s', async (_what, cert, cause, code) => {
    const server = await startChaosServer({ reply: () => healthy, tls: { cert, key: KEY } });
    const gateway = gatewayAt(`https://localhost:${server.port}`, { ca: AUTHORITY });
    const probe = await gateway.probe(SICK, LONG, IDLE);
    expect(probe.cause).toBe(cause);
    if (code !== null) expect(probe.detail).toContain(code);
    const restart = await gateway.restart(SICK, { timeout: LONG, retries: 0, signal: IDLE });
    expect(restart.outcome).toBe(code === null ? 'accepted' : 'unreachable');
    expect(server.requests.length, 'no token is sent to whom nobody vouches for').toBe(code === null ? 2 : 0);
  });

  it('a certificate of an authority that the system does not know is not accepted without tls.caFile', async () => {
    const server = await startChaosServer({ reply: () => healthy, tls: { cert: FOR_LOCALHOST, key: KEY } });
    const probe = await gatewayAt(`https://localhost:${server.port}`).probe(SICK, LONG, IDLE);
    expect(probe.cause).toBe('tls');
    expect(server.requests).toEqual([]);
  });
});
