import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { opens, freePort, gatewayAt, HandClock, IDLE, listen, TARGET } from '../../../test/gateway/wire.ts';
import { AUTHORITY, FOR_LOCALHOST, KEY } from '../../../test/integration/certificates.ts';
import { TROUBLES } from '../../core/trouble.ts';

const CALL = { timeout: 20_000, retries: 0, signal: IDLE };

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly login: string | undefined;
}

/** A proxy that gives a way to `port` whatever the name, and answers plain requests itself. */
async function startProxy(port: number) {
  const seen: Seen[] = [];
  const note = ({ method, url, headers }: http.IncomingMessage): void =>
    void seen.push({ method, url, login: headers['proxy-authorization'] });
  const server = http.createServer();
  server.on('request', (request, response) => {
    note(request);
    opens(request, response);
  });
  server.on('connect', (request, client: Socket) => {
    note(request);
    const gateway = net.connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Go on\r\nX: y\r\n\r\n'));
    gateway.pipe(client).pipe(gateway);
    for (const socket of [client, gateway]) socket.on('error', () => gateway.destroy());
  });
  return { seen, port: (await listen(server)).port };
}

describe('through a proxy', () => {
  it('a gateway with TLS is called in a tunnel, by a name that only the proxy knows', async () => {
    const server = https.createServer({ cert: FOR_LOCALHOST, key: KEY }, opens);
    const gateway = await listen(server);
    const proxy = await startProxy(gateway.port);
    const options = {
      ca: AUTHORITY,
      insecureSkipVerify: true,
      concurrency: 1,
      proxy: `http://user:p%3Ass@127.0.0.1:${proxy.port}`,
    };
    const account = gatewayAt('https://gateway.invalid:8443', options);
    expect(await account.probe(TARGET, 20_000, IDLE)).toMatchObject({ cause: 'connected' });
    expect(await account.probe(TARGET, 20_000, IDLE)).toMatchObject({ cause: 'connected' });
    expect(await account.restart(TARGET, CALL)).toMatchObject({ outcome: 'accepted' });
    const tunnel = { method: 'CONNECT', url: 'gateway.invalid:8443', login: `Basic ${btoa('user:p:ss')}` };
    expect(proxy.seen).toEqual([tunnel, tunnel]);
  });

  it('a gateway without TLS is called by its whole address', async () => {
    const proxy = await startProxy(0);
    const options = { healthPath: '/v1/health', proxy: `http://user:pass@127.0.0.1:${proxy.port}` };
    const account = gatewayAt('http://gateway.invalid/base', options);
    expect(await account.probe(TARGET, 20_000, IDLE)).toMatchObject({ cause: 'connected' });
    await account.restart(TARGET, CALL);
    expect(await account.health(20_000, IDLE)).toBe('up');
    const instance = 'http://gateway.invalid/base/acme/v1/5511987654321/instance';
    const login = `Basic ${btoa('user:pass')}`;
    expect(proxy.seen).toEqual([
      { method: 'GET', url: instance, login },
      { method: 'POST', url: `${instance}/restart`, login },
      { method: 'GET', url: 'http://gateway.invalid/base/v1/health', login },
    ]);
  });
});

describe('a proxy that gives no way', () => {
  const says = (text: string) => net.createServer((socket) => socket.once('data', () => socket.end(text)));
  const { noProxy, noTunnel, proxyLogin } = TROUBLES;

  it.each([
    ['wants a login', 'https', 'HTTP/1.1 407 Login\r\n\r\n', proxyLogin],
    ['wants a login', 'http', 'HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n', proxyLogin],
    ['refuses', 'https', 'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno', noTunnel],
    ['does not reach the gateway', 'https', 'HTTP/1.1 502 Bad Gateway\r\n\r\n<html>', noTunnel],
    ['speaks for the gateway', 'https', 'HTTP/1.1 200 OK\r\n\r\n\u0015\u0003', noTunnel],
    ['speaks no HTTP', 'https', 'SSH-2.0-x\r\n\r\n', noProxy],
    ['says too much', 'https', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(17_000)}`, noProxy],
    ['says nothing', 'https', '', noProxy],
  ])(
    'because it %s, to %s, says nothing of the instance, and nothing was delivered',
    async (_, scheme, text, trouble) => {
      const proxy = await listen(says(text));
      const account = gatewayAt(`${scheme}://gateway.invalid`, { proxy: `http://127.0.0.1:${proxy.port}` });
      const probe = await account.probe(TARGET, 20_000, IDLE);
      expect([probe.cause, probe.detail]).toEqual(['not_the_gateway', expect.stringContaining(trouble.detail)]);
      expect(await account.restart(TARGET, CALL)).toMatchObject({ outcome: 'unreachable' });
    },
  );

  it.each(['http', 'https'])('because it is not there, to %s', async (scheme) => {
    const account = gatewayAt(`${scheme}://gateway.invalid`, { proxy: `http://127.0.0.1:${await freePort()}` });
    const detail = `${noProxy.detail} (ECONNREFUSED)`;
    expect(await account.probe(TARGET, 20_000, IDLE)).toMatchObject({ cause: 'not_the_gateway', detail });
    expect(await account.restart(TARGET, CALL)).toMatchObject({ outcome: 'unreachable', detail });
  });

  it('because its name is unknown', async () => {
    const account = gatewayAt('https://127.0.0.1', { proxy: 'http://proxy.invalid:3128' });
    const found = await account.probe(TARGET, 20_000, IDLE);
    expect([found.cause, found.detail]).toEqual(['not_the_gateway', expect.stringContaining(noProxy.detail)]);
  });

  it('because it never answers, within the deadline, and its connection does not linger', async () => {
    const clock = new HandClock();
    let arrived: () => void;
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    const proxy = await listen(net.createServer((socket) => socket.once('data', () => arrived())));
    const account = gatewayAt('https://127.0.0.1', { clock, proxy: `http://127.0.0.1:${proxy.port}` });
    const probe = account.probe(TARGET, 10_000, IDLE);
    await hasArrived;
    clock.pass(10_000);
    expect(await probe).toMatchObject({ cause: 'not_the_gateway', detail: `${noProxy.detail} within 10 s` });
  });
});
