import net from 'node:net';
import https from 'node:https';
import { describe, expect, it } from 'vitest';
import { closed, gatewayAt, HandClock, IDLE, listen, OPEN, TARGET } from '../../../test/gateway/wire.ts';

/** Self-signed for localhost alone, valid from 2020 to 2120; made for these tests and used nowhere else. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfDCCASKgAwIBAgIUPqTQaqhTZkVAO1gYwZWtljHUhy0wCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNd2F0Y2hkb2cgdGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIw
MDEwMTAwMDAwMFowGDEWMBQGA1UEAwwNd2F0Y2hkb2cgdGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABKcK/U1og0cohJwUCbn3u1gW1quEorymiM4/eC8M5pIq
Unj8f59o643CYfyoTIZiUrUWHmNIi7U+hpV6Qk/7yVWjSDBGMA8GA1UdEwEB/wQF
MAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0MB0GA1UdDgQWBBTMAKltxIu4pl0o
A84A1+0YxkJKAzAKBggqhkjOPQQDAgNIADBFAiAU5QzmqO2gVlgyBbN6KBEm+cJE
ywwkVpuI31VxWSkTkAIhAIkCjRAHZVAEBpFz21bg2dHLXaG32/L+aqOkEh0c+2y5
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgn8WkzBc2ULXalUre
Cv1PSOnzL27ZlI9tPQol4uKGOy+hRANCAASnCv1NaINHKIScFAm597tYFtarhKK8
pojOP3gvDOaSKlJ4/H+faOuNwmH8qEyGYlK1Fh5jSIu1PoaVekJP+8lV
-----END PRIVATE KEY-----`;

const listenTls = () =>
  listen(https.createServer({ cert: CERTIFICATE, key: KEY }, (_request, response) => response.end(OPEN)));

describe('over TLS', () => {
  it('a certificate of no known authority is a tls failure, and a restart was surely not delivered', async () => {
    const { port } = await listenTls();
    const gateway = gatewayAt(`https://127.0.0.1:${port}`);
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toEqual({
      cause: 'tls',
      detail: 'no trusted TLS connection (DEPTH_ZERO_SELF_SIGNED_CERT)',
      retryAfter: null,
    });
    const restart = await gateway.restart(TARGET, { timeout: 5_000, retries: 0, signal: IDLE });
    expect(restart.outcome).toBe('unreachable');
  });

  it('the account’s own authority is trusted', async () => {
    const { port } = await listenTls();
    const gateway = gatewayAt(`https://localhost:${port}`, { ca: CERTIFICATE });
    expect(await gateway.probe(TARGET, 5_000, IDLE)).toMatchObject({ cause: 'connected' });
    const restart = await gateway.restart(TARGET, { timeout: 5_000, retries: 0, signal: IDLE });
    expect(restart.outcome).toBe('accepted');
  });

  it('a trusted certificate for another name is a tls failure', async () => {
    const { port } = await listenTls();
    const gateway = gatewayAt(`https://127.0.0.1:${port}`, { ca: CERTIFICATE });
    const { cause, detail } = await gateway.probe(TARGET, 5_000, IDLE);
    expect(cause).toBe('tls');
    expect(detail).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('insecureSkipVerify trusts everybody', async () => {
    const { port } = await listenTls();
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
