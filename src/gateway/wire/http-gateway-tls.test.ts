import net from 'node:net';
import https from 'node:https';
import { describe, expect, it } from 'vitest';
import { closed, gatewayAt, HandClock, IDLE, listen, OPEN, TARGET } from '../../../test/gateway/wire.ts';
import { KEY, SELF_SIGNED } from '../../../test/integration/certificates.ts';

// Which certificates are believed: test/integration/chaos.test.ts.
describe('over TLS', () => {
  it('insecureSkipVerify trusts everybody', async () => {
    const { port } = await listen(
      https.createServer({ cert: SELF_SIGNED, key: KEY }, (_request, response) => response.end(OPEN)),
    );
    const gateway = gatewayAt(`https://127.0.0.1:${port}`, { insecureSkipVerify: true });
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
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

  it('authorities that are no certificates are refused before anything is sent', () => {
    expect(() => gatewayAt('https://127.0.0.1', { ca: 'not a certificate' })).toThrow(/tls\.caFile/u);
  });
});
