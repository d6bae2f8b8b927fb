import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { receivedText } from '../http/access/json-body.ts';
import type { Config } from '../config/config.ts';
import { pacedClock } from '../../test/simulator/paced-clock.ts';
import { ReplicaPeers } from './peers.ts';

const MIB = 1024 * 1024;

function peersWith(config: object): ReplicaPeers {
  const coordinator = { replicas: [], ownerOf: () => null, trouble: null };
  const peers = new ReplicaPeers({
    clock: pacedClock(),
    ...{ coordinator, replica: 'one', config: () => config as Config, fingerprint: () => 'c1' },
  });
  onTestFinished(() => peers.close());
  return peers;
}

/** Calls a replica that answers like this. */
async function answerOf(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const advertise = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const peers = peersWith({ cluster: { token: 'token-of-the-replicas' }, instances: [] });
  onTestFinished(() => void server.close());
  const peer = { replica: 'two', advertise };
  return await peers.call(peer, { method: 'GET', path: '/api/v1/status', headers: {}, body: null, timeout: 10_000 });
}

it('the config says what people call an instance, wherever that is watched', () => {
  const instance = { account: 'acme', phoneNumberId: '1' };
  const peers = peersWith({
    instances: [
      { ...instance, name: 'a', displayName: null },
      { ...instance, name: 'b', displayName: 'Recepção' },
    ],
  });
  expect(['a', 'b', 'c'].map((name) => peers.displayNameOf(name))).toEqual([null, 'Recepção', null]);
});

it('a replica that says to be where this one is cannot be called: this one would answer', async () => {
  const advertise = 'http://127.0.0.1:9847';
  const peers = peersWith({ cluster: { token: 'token-of-the-replicas', advertise }, instances: [] });
  const request = { method: 'GET', path: '/', headers: {}, body: null, timeout: 10_000 };
  const call = peers.call({ replica: 'two', advertise }, request);
  await expect(call).rejects.toMatchObject({
    sent: false,
    message: expect.stringContaining('same cluster.advertise') as string,
  });
});

describe('the answer of another replica', () => {
  it('that has another token is an error that says so, and nothing has happened', async () => {
    const answer = answerOf((_, response) => response.writeHead(401, { 'x-watchdog-replica': 'refused' }).end('{}'));
    await expect(answer).rejects.toMatchObject({ sent: false, message: 'its config sets another cluster.token' });
  });

  it('that breaks off is an error that says why', async () => {
    const answer = answerOf((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await expect(answer).rejects.toThrow(/^UND_ERR_SOCKET at http:/u);
  });

  it('is read even while clients send as much as is received at a time', async () => {
    const stopped = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(32 * MIB);
      await once(stopped.signal, 'abort');
    }
    const received = receivedText(40 * MIB, endless());
    const answer = await answerOf((_, response) => response.end('x'.repeat(MIB)));
    expect(answer.body).toHaveLength(MIB);
    stopped.abort();
    await received;
  });
});
