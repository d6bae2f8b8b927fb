import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import https from 'node:https';
import { describe, expect, it } from 'vitest';
import { opens, closed, gatewayAt, HandClock, IDLE, listen, OPEN, TARGET } from '../../../test/gateway/wire.ts';
import { AUTHORITY, EXPIRED, FOR_LOCALHOST, KEY, SELF_SIGNED } from '../../../test/integration/certificates.ts';
import { TROUBLES } from '../../core/trouble.ts';

const SERVER = { cert: FOR_LOCALHOST, key: KEY };
const OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
/** Of TLS: the other side speaks another version. */
const ALERT = Buffer.from([0x15, 3, 1, 0, 2, 2, 70]);

async function urlOf(server: net.Server): Promise<string> {
  return `https://localhost:${(await listen(server)).port}`;
}

// Which certificates are believed: test/integration/chaos.test.ts.
describe('over TLS', () => {
  it('insecureSkipVerify trusts everybody', async () => {
    const { port } = await listen(
      https.createServer({ cert: SELF_SIGNED, key: KEY }, (_request, response) => response.end(OPEN)),
    );
    const gateway = gatewayAt(`https://127.0.0.1:${port}`, { insecureSkipVerify: true });
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
  });

  it('the end of the certificate that a gateway shows is known', async () => {
    const server = https.createServer(SERVER, opens);
    const gateway = gatewayAt(await urlOf(server), { ca: AUTHORITY });
    expect(gateway.certificateEndsAt).toBeNull();
    await gateway.probe(TARGET, 5_000, IDLE);
    expect(gateway.certificateEndsAt).toBe(Date.UTC(2120, 0, 1));
  });

  it('a server that speaks no TLS is a tls failure', async () => {
    const { port } = await listen(net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await gatewayAt(`https://127.0.0.1:${port}`).probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'tls' });
  });

  it('a handshake that never ends is a timeout, and its connection does not linger', async () => {
    const clock = new HandClock();
    let arrived: () => void;
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    const { port, connections } = await listen(net.createServer((socket) => socket.once('data', () => arrived())));
    const gateway = gatewayAt(`https://127.0.0.1:${port}`, { clock });
    const probe = gateway.probe(TARGET, 10_000, IDLE);
    await hasArrived;
    clock.pass(10_000);
    expect(await probe).toMatchObject({ cause: 'timeout', detail: 'no connection within 10 s' });
    await closed(connections[0]);
  });

  it.each([
    ['authorities', { ca: 'not a certificate' }, /tls\.caFile/u],
    ['a client certificate', { client: { cert: FOR_LOCALHOST, key: 'not a key' } }, /PEM|DECODER/iu],
  ])('%s that cannot be used are refused before anything is sent', (_, options, words) => {
    expect(() => gatewayAt('https://127.0.0.1', options)).toThrow(words);
  });
});

const WANTS = { ...SERVER, ca: AUTHORITY, requestCert: true, rejectUnauthorized: true };
const showing = (cert: string) => ({ client: { cert, key: KEY } });

describe('a gateway that wants a client certificate', () => {
  const { clientCertificateWanted, handshakeRefused, endedAfterHandshake, cutInHandshake } = TROUBLES;

  it.each([
    ['TLSv1.3', 'none', {}, 'tls', clientCertificateWanted],
    ['TLSv1.2', 'none', {}, 'tls', handshakeRefused],
    // Node.js itself ends such connections without a word.
    ['TLSv1.3', 'one of a stranger', showing(SELF_SIGNED), 'tls', endedAfterHandshake],
    ['TLSv1.3', 'an expired one', showing(EXPIRED), 'tls', endedAfterHandshake],
    ['TLSv1.2', 'an expired one', showing(EXPIRED), 'reset', cutInHandshake],
  ] as const)('%s: is shown %s, gets no request, and says so', async (maxVersion, _, options, cause, { detail }) => {
    let requests = 0;
    const server = https.createServer({ ...WANTS, maxVersion }, () => (requests += 1));
    const gateway = gatewayAt(await urlOf(server), { ca: AUTHORITY, ...options });
    const found = await gateway.probe(TARGET, 20_000, IDLE);
    expect([found.cause, found.detail]).toEqual([cause, expect.stringContaining(detail)]);
    const call = { timeout: 20_000, retries: 0, signal: IDLE };
    expect(await gateway.restart(TARGET, call)).toMatchObject({ outcome: 'unreachable', detail: found.detail });
    expect(requests).toBe(0);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: takes the right one', async (maxVersion) => {
    const server = https.createServer({ ...WANTS, maxVersion }, opens);
    const gateway = gatewayAt(await urlOf(server), { ca: AUTHORITY, ...showing(FOR_LOCALHOST) });
    expect(await gateway.probe(TARGET, 20_000, IDLE)).toMatchObject({ cause: 'connected' });
  });
});

describe('a gateway that speaks something else', () => {
  it.each([
    ['no TLS', 'https', () => http.createServer(opens), 'tls', TROUBLES.noTls],
    ['only HTTP/2 over TLS', 'https', () => http2.createSecureServer(SERVER), 'tls', TROUBLES.onlyHttp2],
    ['only HTTP/2', 'http', () => http2.createServer(), 'unreadable', TROUBLES.onlyHttp2],
    ['only TLS 1.1', 'https', () => https.createServer({ ...SERVER, ...OLD }), 'tls', TROUBLES.oldProtocol],
    ['TLS', 'http', () => net.createServer((socket) => socket.end(ALERT)), 'unreadable', TROUBLES.onlyTls],
  ] as const)('%s, to %s', async (_, scheme, server, cause, { detail }) => {
    const url = (await urlOf(server())).replace('https', scheme);
    const found = await gatewayAt(url, { ca: AUTHORITY }).probe(TARGET, 20_000, IDLE);
    expect([found.cause, found.detail]).toEqual([cause, expect.stringContaining(detail)]);
  });
});
