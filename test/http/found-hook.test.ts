import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { PeerRequest } from '../../src/http/peers/peers.ts';
import { fakePeers, jsonAnswer, peerOf } from './fake-peers.ts';
import { httpParts, NO_TOKENS } from './http-parts.ts';

const TOKENS: Readonly<Record<string, readonly string[]>> = { 'token-of-far': ['far'], 'token-of-near': ['near'] };

/** A replica that watches the account near; another one watches far, at whose gateway it has found far.shop. */
function start() {
  const calls: PeerRequest[] = [];
  const two = peerOf('two');
  const peers = fakePeers({
    discovers: true,
    list: () => [two],
    ownerOf: (account) => (account === 'far' ? two : 'self'),
    call(_, request) {
      calls.push(request);
      const isKnown = request.path.includes('far.shop');
      const isRead = request.method === 'GET';
      const body = isRead ? { name: 'far.shop', account: 'far' } : { probe: 'now' };
      return jsonAnswer(JSON.stringify(body), isKnown ? (isRead ? 200 : 202) : 404);
    },
  });
  const app = createApp(
    httpParts({
      peers,
      access: () => ({ ...NO_TOKENS, token: 'write-token' }),
      fleet: () => ({ accounts: new Map([['near', {} as never]]), instances: new Map() }),
      hooks: {
        accountsOf: (token) => TOKENS[token] ?? [],
        hasTokens: () => true,
        readers: () => new Map(),
        read: () => null,
      },
    }),
  );
  const post = async (path: string, token: string | null) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await app.request(path, { method: 'POST', headers, body: '{}' });
    return { status: answer.status, body: await answer.text() };
  };
  return { post, calls: () => calls.filter(({ method }) => method === 'POST').map(({ path }) => path) };
}

describe('the hook of an instance that another replica has found', () => {
  it.each([
    ['/api/v1/hooks/gateway/far.shop', 'token-of-far'],
    ['/api/v1/hooks/gateway/far.shop?token=token-of-far', null],
    ['/api/v1/hooks/gateway/far.shop/token-of-far', null],
    ['/api/v1/instances/far.shop/activity', 'token-of-far'],
  ])('is passed on once, with the token of its account in %s (header: %s)', async (path, token) => {
    const { post, calls } = start();
    expect(await post(path, token)).toEqual({ status: 202, body: '{"probe":"now"}' });
    expect(calls()).toEqual([path.replace(/\??\/?(?:token=)?token-of-far$/, '')]);
  });

  it.each([
    ['/api/v1/hooks/gateway/far.shop-9', 'token-of-near'],
    ['/api/v1/hooks/gateway/far.shop-9', 'token-of-nobody'],
    ['/api/v1/hooks/gateway/far.shop', null],
    ['/api/v1/hooks/gateway/far.kiosk', 'token-of-far'],
  ])('is refused at %s with the token %s', async (path, token) => {
    const { post, calls } = start();
    expect((await post(path, token)).status).toBe(401);
    expect(calls()).toEqual([]);
  });

  it('counts a name that nobody has found as a guess', async () => {
    const { post } = start();
    for (let guess = 0; guess < 20; guess += 1)
      expect((await post(`/api/v1/hooks/gateway/guess-${guess}-x1`, 'token-of-far')).status).toBe(401);
    expect((await post('/api/v1/hooks/gateway/guess-x1', 'token-of-far')).status).toBe(429);
    expect((await post('/api/v1/hooks/gateway/far.shop', 'token-of-far')).status).toBe(202);
  });
});
