import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { HookCall } from '../access/hook-call.ts';
import type { HttpEnv, HttpParts } from '../http-parts.ts';
import { fakePeers, jsonAnswer, peerOf } from '../../../test/http/fake-peers.ts';
import { HttpProblem } from '../problem.ts';
import { forwardToOwner } from './forward.ts';
import { FROM_PEER, PeerError, type PeerAnswer, type PeerRequest } from './peers.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const refusedHook = (): HttpProblem => new HttpProblem(401, 'refused');
const DONE: PeerAnswer = { status: 202, contentType: 'application/json', body: '{"done":true}' };

interface World {
  /** Of the account far: null: nobody is known to watch it. */
  readonly owner?: 'two' | 'self' | null;
  readonly answers?: () => Promise<PeerAnswer>;
  readonly hookCall?: HookCall;
  /** What other replicas say of an instance that the config does not name: an HTTP status, or no answer. */
  readonly found?: Readonly<Record<string, number | null>>;
}

/** A replica with the account near and its instance shop; another one has the account far and its instance kiosk. */
function start({ owner = 'two', answers = () => Promise.resolve(DONE), hookCall, found }: World = {}) {
  const calls: (PeerRequest & { readonly replica: string })[] = [];
  const here: string[] = [];
  const accountOf: Readonly<Record<string, string>> = { shop: 'near', kiosk: 'far', 'a b': 'far' };
  const peers = fakePeers({
    discovers: found !== undefined,
    list: () => Object.keys(found ?? {}).map((replica) => peerOf(replica, 'http://it')),
    ownerOf: () => (owner === null || owner === 'self' ? owner : peerOf(owner, 'http://two')),
    accountOf: (name) => accountOf[name] ?? null,
    hasAccount: (account) => account === 'near' || account === 'far',
    call({ replica }, request) {
      calls.push({ replica, ...request });
      const status = request.headers['accept'] === 'application/json' ? found?.[replica] : undefined;
      if (status === null) return Promise.reject(new PeerError('ECONNREFUSED at http://it', false));
      if (status === undefined) return answers();
      return jsonAnswer('{"name":"shop-9","account":"far"}', status);
    },
  });
  const accounts = new Map([['near', {}]]);
  const fleet = (() => ({ accounts, instances: new Map() })) as unknown as HttpParts['fleet'];
  const app = new Hono<HttpEnv>();
  app.use(
    '*',
    forwardToOwner({ peers, fleet }, { hookCall: () => hookCall ?? null, refusedHook, clientOf: () => '198.51.100.7' }),
  );
  app.all('*', async (c) => {
    here.push(`${c.req.method} ${c.req.path} ${await c.req.text()}`);
    return c.text('here');
  });
  app.onError((error) => {
    if (error instanceof HttpProblem) return error.response;
    throw error;
  });
  const send = async (path: string, init: RequestInit = {}) => {
    const answer = await app.request(path, init);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { send, calls, here };
}

const refused = (): Promise<PeerAnswer> => Promise.reject(new PeerError('ECONNREFUSED at http://two', false));
const lost = (): Promise<PeerAnswer> => Promise.reject(new PeerError('UND_ERR_SOCKET at http://two', true));

describe('a request about an account of another replica', () => {
  it.each([
    ['/api/v1/instances/kiosk'],
    ['/api/v1/instances/kiosk/availability?format=csv'],
    ['/api/v1/instances/a%20b'],
    ['/api/v1/accounts/far/release'],
    ['/api/v1/hooks/gateway/kiosk'],
  ])('%s goes to that one, once, as it is', async (path) => {
    const { send, calls, here } = start();
    expect(await send(path)).toMatchObject({ status: 202, text: '{"done":true}' });
    expect(calls).toMatchObject([{ replica: 'two', method: 'GET', path, body: null, timeout: 10_000 }]);
    expect(here).toEqual([]);
  });

  it('passes the address of the client on, which a restart shows as requested by', async () => {
    const { send, calls } = start();
    await send('/api/v1/instances/kiosk/restart', { method: 'POST', headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(calls[0]?.headers['x-forwarded-for']).toBe('198.51.100.7');
  });

  it.each([
    ['/api/v1/instances/shop/restart'],
    ['/api/v1/instances/nobody'],
    ['/api/v1/instances'],
    ['/api/v1/accounts/near/release'],
    ['/api/v1/accounts/nobody/release'],
    ['/api/v1/status'],
    ['/api/v1/instances/%E0%A4%A'],
  ])('is not %s: that is answered here', async (path) => {
    const { send, calls, here } = start();
    expect(await send(path, { method: 'POST', body: 'text' })).toMatchObject({ status: 200, text: 'here' });
    expect(calls).toEqual([]);
    expect(here).toEqual([expect.stringMatching(/^POST .* text$/)]);
  });

  it('has its body passed on once, and as long as a restart may take', async () => {
    const { send, calls, here } = start();
    const body = '{"force":true,"reason":"ção"}';
    await send('/api/v1/instances/kiosk/restart', { method: 'POST', body, headers: JSON_TYPE });
    expect(calls).toMatchObject([{ method: 'POST', body, headers: JSON_TYPE, timeout: 150_000 }]);
    expect(here).toEqual([]);
  });

  it('has nothing of a body that is longer than any that is read', async () => {
    const { send, calls } = start();
    const body = 'x '.repeat(512 * 1024) + 'x';
    await send('/api/v1/hooks/gateway/kiosk', { method: 'POST', body });
    expect(calls).toMatchObject([{ body: '' }]);
    await send('/api/v1/hooks/gateway/kiosk', { method: 'POST', body: body.slice(1) });
    expect(calls[1]?.body).toHaveLength(1024 * 1024);
  });

  it('is answered with 503 while nobody is known to watch it, and may be tried again', async () => {
    const { send, calls, here } = start({ owner: null });
    const { status, text, headers } = await send('/api/v1/instances/kiosk/restart', { method: 'POST' });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(text).toContain('No replica is known to watch the account far now');
    expect([calls, here]).toEqual([[], []]);
  });

  it('is answered here when this replica has just got the account', async () => {
    const { send, calls } = start({ owner: 'self' });
    expect((await send('/api/v1/instances/kiosk')).text).toBe('here');
    expect(calls).toEqual([]);
  });

  it.each([
    { what: 'a write that was never sent', method: 'POST', answers: refused, mayBeDone: false },
    { what: 'a write whose answer is lost', method: 'POST', answers: lost, mayBeDone: true },
    { what: 'a read whose answer is lost', method: 'GET', answers: lost, mayBeDone: false },
  ])('is not sent again when there is no answer: $what', async ({ method, answers, mayBeDone }) => {
    const { send, calls, here } = start({ answers });
    const { status, text } = await send('/api/v1/instances/kiosk/restart', { method });
    expect(status).toBe(503);
    expect(text).toContain('The replica two watches it, and gave no answer');
    expect(text.includes('It may have done it; look before you try again.')).toBe(mayBeDone);
    expect([calls.length, here]).toEqual([1, []]);
  });

  it('is a bug of this program when anything else fails', async () => {
    const { send } = start({ answers: () => Promise.reject(new Error('a bug')) });
    await expect(send('/api/v1/instances/kiosk')).rejects.toThrow('a bug');
  });

  it('carries no token of the client, in whatever place, and no header but what the body is, and where it comes from', async () => {
    const { send, calls } = start();
    const headers = {
      ...{ authorization: 'Bearer client-token', cookie: 'client-token', 'x-forwarded-for': '1.2.3.4' },
      ...{ [FROM_PEER]: 'true', accept: 'text/csv', ...JSON_TYPE },
    };
    await send('/api/v1/hooks/gateway/kiosk/client-token/messages-upsert?x=1', { method: 'POST', headers, body: '{}' });
    await send('/api/v1/hooks/gateway/kiosk?token=client-token&x=1', { method: 'POST', headers, body: '{}' });
    await send('/api/v1/instances/kiosk/activity?token=client-token', { method: 'POST', headers });
    expect(JSON.stringify(calls)).not.toContain('client-token');
    expect(calls.map(({ path }) => path)).toEqual([
      '/api/v1/hooks/gateway/kiosk?x=1',
      '/api/v1/hooks/gateway/kiosk?x=1',
      '/api/v1/instances/kiosk/activity',
    ]);
    const client = { 'x-forwarded-for': '198.51.100.7' };
    for (const call of calls) expect(call.headers).toEqual({ accept: 'text/csv', ...JSON_TYPE, ...client });
  });

  it('is not routed by its path when its hook is for whole accounts: the body names the instance', async () => {
    const hookCall = { isOf: 'accounts', accounts: null, event: null } as const;
    const { send, calls, here } = start({ hookCall });
    await send('/api/v1/hooks/gateway/kiosk', { method: 'POST', body: 'x' });
    expect([calls, here]).toEqual([[], ['POST /api/v1/hooks/gateway/kiosk x']]);
  });
});

describe('a request about an instance that only another replica has found', () => {
  const PATH = '/api/v1/instances/shop-9/restart';
  const send = (found: Record<string, number | null>, path = PATH) => {
    const world = start({ found });
    return { ...world, answer: world.send(path, { method: 'POST', body: '{}', headers: JSON_TYPE }) };
  };

  it('goes to that one, once, after every other replica was asked for its owner', async () => {
    const { answer, calls, here } = send({ one: 404, two: 200, three: 404 });
    expect(await answer).toMatchObject({ status: 202, text: '{"done":true}' });
    expect(calls.filter(({ method }) => method === 'POST')).toMatchObject([{ replica: 'two', path: PATH, body: '{}' }]);
    const looks = calls.filter(({ method }) => method === 'GET').map(({ replica, path }) => `${replica} ${path}`);
    expect(looks.toSorted()).toEqual(['one', 'three', 'two'].map((each) => `${each} /api/v1/instances/shop-9`));
    expect(here).toEqual([]);
  });

  it('is answered here, with 404, when nobody has it', async () => {
    const { answer, calls, here } = send({ one: 404, two: 404 });
    expect((await answer).text).toBe('here');
    expect([calls.length, here.length]).toEqual([2, 1]);
  });

  it('is not refused as unknown while one of them gives no answer', async () => {
    const { answer, here } = send({ one: 404, two: null });
    const { status, text } = await answer;
    expect([status, here]).toEqual([503, []]);
    expect(text).toContain('It is not known who watches shop-9: the replica two gave no answer');
  });

  it('is not looked for where another replica has it under that name in the config', async () => {
    const { answer, calls } = send({ one: 200 }, '/api/v1/instances/shop/restart');
    expect((await answer).text).toBe('here');
    expect(calls).toEqual([]);
  });

  it('goes there though one of them gives no answer, and not to one that answers about another instance', async () => {
    expect((await send({ one: null, two: 200 }).answer).status).toBe(202);
    expect((await send({ one: 200 }, '/api/v1/instances/shop-8/restart').answer).status).toBe(503);
  });
});

describe('the hook of an instance that this replica does not know, with the token of an account', () => {
  const send = (accounts: readonly string[], world: World) => {
    const hookCall = { isOf: 'instance', name: 'shop-9', accounts } as const;
    const { calls, here, send: request } = start({ ...world, hookCall });
    const answer = request('/api/v1/hooks/gateway/shop-9/token', { method: 'POST', body: '{}', headers: JSON_TYPE });
    return { answer, calls, here };
  };

  it('goes once to the replica that has found it in this account', async () => {
    const { answer, calls } = send(['far'], { found: { one: 404, two: 200 } });
    expect(await answer).toMatchObject({ status: 202, text: '{"done":true}' });
    expect(calls.filter(({ method }) => method === 'POST')).toMatchObject([
      { replica: 'two', path: '/api/v1/hooks/gateway/shop-9', body: '{}' },
    ]);
  });

  it.each([
    { what: 'nobody has', accounts: ['far'], found: { one: 404, two: 404 } },
    { what: 'is in another account', accounts: ['near'], found: { one: 404, two: 200 } },
  ])('is refused where it is one that $what', async ({ accounts, found }) => {
    const { answer, calls, here } = send(accounts, { found });
    expect((await answer).status).toBe(401);
    expect([calls.filter(({ method }) => method === 'POST'), here]).toEqual([[], []]);
  });

  it('may be tried again while the account has no owner', async () => {
    const { status, headers } = await send(['far'], { found: { one: 404 }, owner: null }).answer;
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  });
});

describe('a request of another replica', () => {
  const from = (token: string) => ({ headers: { [FROM_PEER]: 'true', authorization: `Bearer ${token}` } });

  it('is not forwarded again, whichever replica watches the account now', async () => {
    const { send, calls } = start({ found: { two: 200 } });
    for (const path of ['instances/shop', 'instances/found-elsewhere', 'instances', 'accounts/near/release'])
      expect((await send(`/api/v1/${path}`, from('peer-token'))).text).toBe('here');
    expect(calls).toEqual([]);
  });

  it.each(['/api/v1/instances/kiosk', '/api/v1/accounts/far/release'])(
    'may be made again where this one does not watch the account yet, or no longer: %s',
    async (path) => {
      const { send, calls, here } = start({ found: { two: 200 } });
      const { status, text, headers } = await send(path, from('peer-token'));
      expect([status, headers.get('retry-after'), calls, here]).toEqual([503, '5', [], []]);
      expect(text).toContain('No replica is known to watch the account far now');
    },
  );

  it('is one of a client when its token is not that of the replicas', async () => {
    const { send, calls } = start();
    await send('/api/v1/instances/kiosk', from('guess'));
    await send('/api/v1/instances/kiosk', { headers: { authorization: 'Bearer peer-token' } });
    expect(calls).toHaveLength(2);
  });
});

describe('the answer of another replica', () => {
  it.each([
    [200, 'application/json; charset=utf-8'],
    [404, 'application/problem+json'],
    [200, 'text/csv; charset=utf-8'],
    [429, 'application/problem+json'],
  ])('is shown as it is: %i %s', async (status, contentType) => {
    const { send } = start({ answers: () => Promise.resolve({ status, contentType, body: 'text' }) });
    const answer = await send('/api/v1/instances/kiosk');
    expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([status, contentType, 'text']);
  });

  it.each([
    ['a web page', 200, 'text/html; charset=utf-8'],
    ['an image that can hold scripts', 200, 'image/svg+xml'],
    ['a page that begins like JSON', 200, 'application/jsonx'],
    ['a redirect', 302, 'application/json'],
    ['no status that a server may send', 101, 'application/json'],
    ['no status at all', 999, 'application/json'],
    ['a status that has no body', 204, 'application/json'],
  ])('does not count when it is %s: something else answers there', async (_, status, contentType) => {
    const body = '<script>alert(1)</script>';
    const { send, calls } = start({ answers: () => Promise.resolve({ status, contentType, body }) });
    const { status: shown, text } = await send('/api/v1/instances/kiosk/restart', { method: 'POST' });
    expect(shown).toBe(503);
    expect(text).toContain('The replica two watches it, and gave no answer: what it answers is not of a replica');
    expect(text).toContain('It may have done it');
    expect(text).not.toContain('script');
    expect(calls).toHaveLength(1);
  });
});
