import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { configuredHooks } from '../../src/assembly/account-hooks.ts';
import type { AccountConfig } from '../../src/config/config.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { createApp } from '../../src/http/app.ts';
import type { HttpApp, HttpParts } from '../../src/http/http-parts.ts';
import { FROM_PEER, PeerError, type PeerRequest } from '../../src/http/peers/peers.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import type { TestInstance } from '../fleet/fleet.ts';
import { testPolicy } from '../fleet/policy.ts';
import { startSmallFleet } from '../fleet/small-fleet.ts';
import { compileWebhooks } from '../../src/gateway/answers/webhook.ts';
import { builtIn } from '../gateway/answers.ts';
import { fakePeers, jsonAnswer, peerOf } from './fake-peers.ts';
import { httpParts, NO_TOKENS, partsOf } from './http-parts.ts';

const HOOK = '/api/v1/hooks/gateway';
const GENERAL = 'token-for-all-gateways';

const accounts = new Map(
  [
    { name: 'acme', gateway: 'evolution', hookToken: 'token-of-acme' },
    { name: 'acme2', gateway: 'evolution', hookToken: 'token-of-acme2' },
    { name: 'cloud', gateway: 'smileapi', hookToken: 'token-of-cloud' },
  ].map(({ gateway, ...account }) => [account.name, { ...account, profile: builtIn(gateway) } as AccountConfig]),
);

const evolution = (event: string, id: string, more: Record<string, unknown> = {}) => ({
  event,
  instance: id,
  data: { instance: id, state: 'close', statusReason: 401 },
  server_url: 'http://localhost:8080',
  apikey: 'B6D711FCDE4D4FD5936544120E713976',
  ...more,
});

interface Options {
  readonly instances?: readonly TestInstance[];
  readonly parts?: Partial<HttpParts>;
  readonly clock?: SimulatedClock;
}

/** Accounts acme and acme2 of Evolution, with the instances shop-1, shop-2, and shop-1 again. */
async function start(options: Options = {}) {
  const clock = options.clock ?? new SimulatedClock();
  const gateway = new FakeGateway(clock);
  const fleet = await startSmallFleet({
    clock,
    gateway,
    origins: ['http://one', 'http://two'],
    policy: testPolicy({ silentAfter: 3_600 }),
    instances: options.instances ?? [
      { id: 'shop-1', name: 'first', account: 'acme' },
      { id: 'shop-2', name: 'second', account: 'acme' },
      { id: 'shop-1', name: 'other', account: 'acme2' },
      { id: 'shop-3', name: 'third', account: 'acme2' },
    ],
  });
  const counted: string[] = [];
  const app = createApp(
    httpParts({
      ...partsOf(fleet),
      access: () => ({ ...NO_TOKENS, gatewayHookToken: GENERAL, token: 'write-token' }),
      hooks: configuredHooks(() => ({ accounts })),
      webhookEnded: (account, result) => counted.push(`${account ?? '-'} ${result}`),
      ...options.parts,
    }),
  );
  await clock.run(10 * SECOND);
  const post = (path: string, body: unknown, token: string | null = 'token-of-acme') =>
    answered(app, clock, path, body, token);
  const probesOf = (id: string) => gateway.probes.filter((probe) => probe.id === id).length;
  return { ...fleet, app, counted, post, probesOf };
}

async function answered(app: HttpApp, clock: SimulatedClock, path: string, body: unknown, token: string | null) {
  const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answering = Promise.resolve(app.request(path, { method: 'POST', headers, body: text }));
  await clock.run(SECOND / 2);
  const response = await answering;
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the webhook of a gateway for a whole account', () => {
  it('leads to a probe of the instance in its body, and to no verdict', async () => {
    const { post, probesOf, instance, counted } = await start();
    const before = [probesOf('shop-1'), probesOf('shop-2')];
    const { status, body } = await post(HOOK, evolution('connection.update', 'shop-2'));
    expect([status, body]).toEqual([202, { instance: 'second', result: 'probe', probe: 'now' }]);
    expect([probesOf('shop-1'), probesOf('shop-2')]).toEqual([before[0], (before[1] ?? 0) + 1]);
    expect([instance('second').state.phase, instance('second').activity.lastAt]).toEqual(['healthy', null]);
    expect(counted).toEqual(['acme probe']);
  });

  it('is a sign of life where it reports a message, and causes no probe of an instance that is well', async () => {
    const { post, probesOf, instance, clock } = await start();
    const before = probesOf('shop-2');
    const { body } = await post(HOOK, evolution('messages.upsert', 'shop-2'));
    expect(body).toEqual({ instance: 'second', result: 'message', probe: null });
    expect(probesOf('shop-2')).toBe(before);
    expect(instance('second').activity.lastAt).toBeGreaterThan(clock.now() - SECOND);
    expect(instance('first').activity.lastAt).toBeNull();
  });

  it('causes a probe where it reports a message of an instance that is not well', async () => {
    const { post, gateway, clock } = await start();
    gateway.causes.set('shop-2', 'disconnected');
    await clock.run(MINUTE);
    const { body } = await post(HOOK, evolution('messages.upsert', 'shop-2'));
    expect(body).toMatchObject({ result: 'message', probe: expect.stringMatching(/now|later/) as unknown });
  });

  it('comes to nothing where it reports something else', async () => {
    const { post, probesOf, counted } = await start();
    const before = probesOf('shop-2');
    expect((await post(HOOK, evolution('presence.update', 'shop-2'))).body).toEqual({
      instance: 'second',
      result: 'ignored',
      probe: null,
    });
    expect([probesOf('shop-2'), counted]).toEqual([before, ['acme ignored']]);
  });

  it.each([
    [HOOK, 'token-of-acme'],
    [`${HOOK}/connection-update`, 'token-of-acme'],
    [`${HOOK}?token=token-of-acme`, null],
    [`${HOOK}?token=token-of-acme/connection-update`, null],
    [`${HOOK}/token-of-acme`, null],
    [`${HOOK}/token-of-acme/connection-update`, null],
    [`${HOOK}/token-of-acme//connection-update`, null],
    [`${HOOK}//token-of-acme/`, null],
    [`http://wd.test/${HOOK}/?token=token-of-acme`, null],
    [`${HOOK}?token=${GENERAL}&account=acme`, null],
    [`${HOOK}/${GENERAL}?account=acme`, null],
    [`${HOOK}?account=acme`, 'write-token'],
  ])('is known by its token in %s (header: %s)', async (path, token) => {
    const { post } = await start();
    const { status, body } = await post(path, { instance: 'shop-1', event: 'connection.update' }, token);
    expect([status, body]).toEqual([202, { instance: 'first', result: 'probe', probe: 'now' }]);
  });

  it.each([
    [HOOK, null],
    [HOOK, 'token-of-nobody'],
    [`${HOOK}?token=write-token`, null],
    [`${HOOK}/write-token`, null],
    [`${HOOK}/connection-update`, null],
    // An instance of another account, and one that nobody has.
    [`${HOOK}/third`, 'token-of-acme'],
    [`${HOOK}/nobody`, 'token-of-acme'],
  ])('is refused at %s with the token %s', async (path, token) => {
    const { post, probesOf } = await start();
    const before = probesOf('shop-1');
    const { status, body } = await post(path, evolution('connection.update', 'shop-1'), token);
    expect([status, JSON.stringify(body)]).toEqual([401, expect.not.stringContaining('write-token')]);
    expect(probesOf('shop-1')).toBe(before);
  });

  it('reaches only instances of the account whose token it has', async () => {
    const { post } = await start();
    expect((await post(HOOK, evolution('connection.update', 'shop-1'), 'token-of-acme2')).body).toMatchObject({
      instance: 'other',
    });
    expect((await post(HOOK, evolution('connection.update', 'shop-3'))).body).toMatchObject({ instance: null });
    expect((await post(`${HOOK}?account=acme2`, evolution('connection.update', 'shop-3'))).status).toBe(400);
  });

  it('has its account found by the id, as far as only one account has it', async () => {
    const { post } = await start();
    expect((await post(HOOK, evolution('connection.update', 'shop-3'), GENERAL)).body).toMatchObject({
      instance: 'third',
    });
    const { status, body } = await post(HOOK, evolution('connection.update', 'shop-1'), GENERAL);
    expect([status, body['detail']]).toEqual([409, expect.stringMatching(/acme and acme2 both .*\?account=/)]);
  });

  it('of an instance that is not watched is answered, counted, and logged once in ten minutes', async () => {
    const { post, published, counted, clock } = await start();
    for (let call = 0; call < 30; call += 1) {
      expect(await post(HOOK, evolution('connection.update', `ghost-${call}`))).toEqual({
        status: 202,
        body: { instance: null, result: 'unknown_instance', probe: null },
      });
    }
    expect(counted).toEqual(Array.from({ length: 30 }, () => 'acme unknown_instance'));
    expect(published('webhooks_unmatched')).toMatchObject([
      { webhooks: 1, why: 'unknown_instance', accounts: ['acme'] },
    ]);
    await clock.run(10 * MINUTE);
    await post(HOOK, evolution('connection.update', 'ghost'));
    expect(published('webhooks_unmatched')).toMatchObject([{ webhooks: 1 }, { webhooks: 30 }]);
    expect((await post(HOOK, evolution('connection.update', 'shop-1'))).body).toMatchObject({ instance: 'first' });
  });

  it.each<[string, unknown, number]>([
    ['no JSON', '{"instance":', 400],
    ['nothing', '', 400],
    ['no id', { event: 'connection.update' }, 400],
    ['an id that is no text', evolution('connection.update', 'x', { instance: { name: 'shop-1' } }), 400],
    ['an empty list', [], 400],
    ['a list of what names no instance', [1, null, { event: 'x' }], 400],
    ['a list of more than 100 events', Array.from({ length: 101 }, () => evolution('x', 'shop-1')), 413],
    ['an endless id', evolution('connection.update', 'x'.repeat(10_000)), 400],
    ['more than 1 MiB of text', evolution('messages.upsert', 'shop-1', { data: 'xxxx '.repeat(256 * 1024) }), 413],
  ])('that holds %s is refused, and logged without what it holds', async (_, body, status) => {
    const { post, events, counted } = await start();
    const before = events.length;
    const refused = await post(HOOK, body);
    expect([refused.status, new Set(counted)]).toEqual([status, new Set(['acme unreadable'])]);
    const said = JSON.stringify([refused.body, events.slice(before)]);
    expect(said).toContain('webhooks_unmatched');
    expect(said).not.toMatch(/B6D711FC|xxxx|localhost:8080/);
  });

  it('is read without its media, which would be sent again and again if it were refused', async () => {
    const { post } = await start();
    const { body } = await post(HOOK, {
      base64: 'x'.repeat(8 * 1024 * 1024),
      ...evolution('messages.upsert', 'shop-2'),
    });
    expect(body).toMatchObject({ instance: 'second', result: 'message' });
  });

  it('that is a list has each of its events taken by itself', async () => {
    const { post, probesOf, instance, counted } = await start();
    const before = probesOf('shop-1');
    const { status, body } = await post(HOOK, [
      evolution('connection.update', 'shop-1'),
      evolution('messages.upsert', 'shop-2'),
      evolution('presence.update', 'shop-2'),
      evolution('connection.update', 'ghost'),
      { event: 'connection.update' },
    ]);
    expect([status, body]).toEqual([
      202,
      {
        results: [
          { instance: 'first', result: 'probe', probe: 'now' },
          { instance: 'second', result: 'message', probe: null },
          { instance: 'second', result: 'ignored', probe: null },
          { instance: null, result: 'unknown_instance', probe: null },
          {
            instance: null,
            result: 'unreadable',
            probe: null,
            problem: expect.stringContaining('names no instance at "instance"') as unknown,
          },
        ],
      },
    ]);
    expect([probesOf('shop-1') - before, instance('second').activity.lastAt]).toEqual([1, expect.any(Number)]);
    expect(counted).toEqual(
      ['probe', 'message', 'ignored', 'unknown_instance', 'unreadable'].map((of) => `acme ${of}`),
    );
  });

  it('is one event where the gateway is described as one that sends lists', async () => {
    const profile = { ...builtIn('evolution'), webhook: { id: ['0.of'], event: { '0.is': ['x'] }, message: null } };
    const acme = { name: 'acme', gateway: 'own', hookToken: 'token-of-acme', profile };
    const hooks = configuredHooks(() => ({ accounts: new Map([['acme', acme as unknown as AccountConfig]]) }));
    const { post } = await start({ parts: { hooks } });
    expect((await post(HOOK, [{ of: 'shop-2', is: 'x' }, { more: true }])).body).toMatchObject({ result: 'probe' });
  });

  it.each([HOOK, `${HOOK}/second`])('that is a list has its messages, and marks, found at %s', async (path) => {
    const { post, watch, gateway, instance } = await start();
    const { isMessage, isSent } = compileWebhooks(builtIn('evolution'));
    Object.assign(gateway, { isMessage, isSent });
    const marks: string[] = [];
    watch.control.echoed = (mark) => marks.push(mark) > 0;
    const events = ['send.message', 'messages.upsert', 'presence.update'].map((event, index) =>
      evolution(event, 'shop-2', { data: { message: { conversation: `watchdog-echo-0123456789abcde${index}` } } }),
    );
    expect((await post(path, events.slice(0, 1))).status).toBe(202);
    expect([marks, instance('second').activity.lastAt]).toEqual([[], null]);
    expect((await post(path, events)).status).toBe(202);
    expect(marks).toEqual(['0123456789abcde1', '0123456789abcde2']);
    expect(instance('second').activity.lastAt).not.toBeNull();
  });

  it.each([HOOK, `${HOOK}/second`])('at %s is a list without end, and no bug', async (path) => {
    const { post } = await start();
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect((await post(path, deep)).status).toBe(path === HOOK ? 400 : 202);
  });

  it.each([HOOK, `${HOOK}/second`])('may be compressed at %s', async (path) => {
    const { app, clock, gateway, instance } = await start();
    Object.assign(gateway, compileWebhooks(builtIn('evolution')));
    const headers = { authorization: 'Bearer token-of-acme', 'content-encoding': 'gzip' };
    const body = gzipSync(JSON.stringify(evolution('messages.upsert', 'shop-2')));
    const answering = Promise.resolve(app.request(path, { method: 'POST', headers, body }));
    await vi.waitFor(() => {
      expect(instance('second').activity.lastAt).not.toBeNull();
    });
    await clock.run(SECOND);
    expect((await answering).status).toBe(202);
  });

  it('compressed in an unknown way is refused, and leads to a probe where the URL names its instance', async () => {
    const { app, counted } = await start();
    const headers = { authorization: 'Bearer token-of-acme', 'content-encoding': 'zstd' };
    const send = async (path: string) =>
      await app.request(path, { method: 'POST', headers, body: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) });
    const refused = await send(HOOK);
    expect([refused.status, await refused.json()]).toEqual([
      415,
      expect.objectContaining({ detail: expect.stringContaining('gzip, deflate or br') as unknown }),
    ]);
    expect((await send(`${HOOK}/second`)).status).toBe(202);
    expect(counted).toEqual(['acme unreadable', 'acme probe']);
  });

  it.each([HOOK, `${HOOK}/second`])('is a sign of life as a form at %s, too', async (path) => {
    const acme = { name: 'acme', gateway: 'wuzapi', hookToken: 'token-of-acme', profile: builtIn('wuzapi') };
    const hooks = configuredHooks(() => ({ accounts: new Map([['acme', acme as AccountConfig]]) }));
    const { gateway, app, clock, instance } = await start({ parts: { hooks } });
    gateway.isMessage = compileWebhooks(acme.profile).isMessage;
    const form = new URLSearchParams({ jsonData: '{"type":"Message"}', instanceName: 'shop-2' });
    const answering = Promise.resolve(app.request(`${path}?token=token-of-acme`, { method: 'POST', body: form }));
    await clock.run(SECOND);
    expect((await answering).status).toBe(202);
    expect(instance('second').activity.lastAt).not.toBeNull();
  });

  it.each([HOOK, `${HOOK}/second`])('has the mark of a message that was sent recognised at %s', async (path) => {
    const { post, watch } = await start();
    const marks: string[] = [];
    watch.control.echoed = (mark) => marks.push(mark) > 0;
    const data = { message: { conversation: 'watchdog-echo-0123456789abcdef' } };
    await post(path, evolution('messages.upsert', 'shop-2', { data }));
    await post(path, evolution('messages.upsert', 'shop-2'));
    expect(marks).toEqual(['0123456789abcdef']);
  });

  it.each([HOOK, `${HOOK}/second`])(
    'is no echo at %s where it only says that the message is being sent',
    async (path) => {
      const { post, watch, gateway } = await start();
      const { isMessage, isSent } = compileWebhooks(builtIn('evolution'));
      Object.assign(gateway, { isMessage, isSent });
      const marks: string[] = [];
      watch.control.echoed = (mark) => marks.push(mark) > 0;
      const data = { message: { conversation: 'watchdog-echo-0123456789abcdef' } };
      expect((await post(path, evolution('send.message', 'shop-2', { data }))).status).toBe(202);
      expect(marks).toEqual([]);
    },
  );

  it('finds an instance by any of the ids that it may have there', async () => {
    const acme = { name: 'acme', gateway: 'gowa', hookToken: 'token-of-acme', profile: builtIn('gowa') };
    const hooks = configuredHooks(() => ({ accounts: new Map([['acme', acme as AccountConfig]]) }));
    const { post } = await start({ parts: { hooks } });
    const found = async (body: object) => (await post(HOOK, { event: 'message', ...body })).body['instance'];
    expect(await found({ session_id: 'shop-2', device_id: '55@s.whatsapp.net' })).toBe('second');
    expect(await found({ session_id: 'org_2', device_id: 'shop-2' })).toBe('second');
    expect(await found({ device_id: 'shop-2' })).toBe('second');
    expect(await found({ session_id: 'shop-1', device_id: 'shop-2' })).toBe('first');
    expect(await found({ session_id: 'org_2', device_id: '55@s.whatsapp.net' })).toBeNull();
  });

  it('never shows the secrets of its body', async () => {
    const { post, events } = await start();
    const said = [];
    for (const id of ['shop-1', 'ghost']) {
      for (const event of ['connection.update', 'messages.upsert', 'presence.update']) {
        said.push((await post(HOOK, evolution(event, id))).body);
      }
    }
    expect(JSON.stringify([said, events])).not.toContain('B6D711FC');
  });

  it('says what to do where the gateway does not describe its webhooks', async () => {
    const { post } = await start();
    const { status, body } = await post(HOOK, { event: 'message' }, 'token-of-cloud');
    expect([status, body['detail']]).toEqual([
      400,
      expect.stringMatching(/cloud does not say .*\/hooks\/gateway\/\{name\}/),
    ]);
  });

  it('of a disabled instance comes to nothing', async () => {
    const { post, instance } = await start();
    const second = instance('second');
    second.definition = { ...second.definition, enabled: false };
    expect((await post(HOOK, evolution('messages.upsert', 'shop-2'))).body).toEqual({
      instance: 'second',
      result: 'disabled',
      probe: null,
    });
    expect(second.activity.lastAt).toBeNull();
  });

  it('counts as a guess at a token where there is none', async () => {
    const { post } = await start();
    for (let guess = 0; guess < 20; guess += 1) {
      expect((await post(`${HOOK}/guess-${guess}`, '', null)).status).toBe(401);
    }
    expect((await post(`${HOOK}/guess`, '', null)).status).toBe(429);
    expect((await post(`${HOOK}/token-of-acme`, evolution('connection.update', 'shop-1'), null)).status).toBe(202);
  });
});

describe('with replicas, the webhook of a whole account', () => {
  /** The first replica watches acme, the second acme2; what they send each other is kept. */
  async function startTwo() {
    const clock = new SimulatedClock();
    const calls: PeerRequest[] = [];
    const apps: HttpApp[] = [];
    const configured = new Map([
      ['third', ['acme2', 'shop-3']],
      ['first', ['acme', 'shop-1']],
    ]);
    const peersOf = (self: 'a' | 'b') =>
      fakePeers({
        replica: self,
        ownerOf(account) {
          const owner = account === 'acme' ? 'a' : 'b';
          return owner === self ? 'self' : peerOf(owner, null);
        },
        accountOf: (name) => configured.get(name)?.[0] ?? null,
        accounts: () => accounts.keys(),
        hasAccount: (account) => accounts.has(account),
        hasInstance: (account, id) => [...configured.values()].some(([a, i]) => a === account && i === id),
        async call(peer, request) {
          calls.push(request);
          const app = apps[peer.replica === 'a' ? 0 : 1];
          if (app === undefined) throw new PeerError('ECONNREFUSED', false);
          const { method, path, body } = request;
          const headers = { ...request.headers, [FROM_PEER]: 'true', authorization: 'Bearer peer-token' };
          const answer = await app.request(path, { method, headers, body });
          return jsonAnswer(await answer.text(), answer.status);
        },
      });
    const only = (account: string, id: string, name: string) => [{ id, name, account }];
    const one = await start({ clock, instances: only('acme', 'shop-1', 'first'), parts: { peers: peersOf('a') } });
    // A fleet has the accounts that its replica watches.
    (one.watch.fleet.accounts as Map<string, unknown>).delete('acme2');
    apps.push(one.app);
    const startOther = async () => {
      const two = await start({ clock, instances: only('acme2', 'shop-3', 'third'), parts: { peers: peersOf('b') } });
      apps.push(two.app);
      return two;
    };
    return { one, startOther, calls, clock };
  }

  it('goes to the one that watches the account, once, with the name of its event', async () => {
    const { one, startOther, calls, clock } = await startTwo();
    const two = await startOther();
    // A regular probe a moment ago would have to do.
    await clock.run(15 * SECOND);
    const before = two.probesOf('shop-3');
    const body = { instance: 'shop-3', event: 'x' };
    const answer = await one.post(`${HOOK}?token=token-of-acme2/connection-update`, body, null);
    expect(answer).toEqual({ status: 202, body: { instance: 'third', result: 'probe', probe: 'now' } });
    expect(calls.map(({ path }) => path)).toEqual([`${HOOK}?account=acme2&event=connection-update`]);
    expect([two.probesOf('shop-3') - before, two.counted, one.counted]).toEqual([1, ['acme2 probe'], []]);
  });

  it('goes there by the id of its instance, where its token is for all', async () => {
    const { one, startOther, calls } = await startTwo();
    await startOther();
    expect((await one.post(HOOK, evolution('messages.upsert', 'shop-3'), GENERAL)).body).toMatchObject({
      instance: 'third',
      result: 'message',
    });
    expect((await one.post(HOOK, evolution('messages.upsert', 'shop-1'), GENERAL)).body).toMatchObject({
      instance: 'first',
    });
    expect(calls.length).toBe(1);
  });

  it('is answered with 503 while that one is not reached, and is not sent again', async () => {
    const { one, calls } = await startTwo();
    const { status } = await one.post(HOOK, evolution('connection.update', 'shop-3'), 'token-of-acme2');
    expect([status, calls.length]).toEqual([503, 1]);
  });

  it('that is a list goes to each one that watches an account of it', async () => {
    const { one, startOther, calls } = await startTwo();
    await startOther();
    const answer = await one.post(
      HOOK,
      [
        evolution('messages.upsert', 'shop-3'),
        evolution('messages.upsert', 'shop-1'),
        evolution('presence.update', 'shop-3'),
      ],
      GENERAL,
    );
    expect(answer).toEqual({
      status: 202,
      body: {
        results: [
          { instance: 'third', result: 'message', probe: null },
          { instance: 'first', result: 'message', probe: null },
          { instance: 'third', result: 'ignored', probe: null },
        ],
      },
    });
    expect(calls.length).toBe(2);
  });

  it('that is a list is answered with 503 where one of them is not reached, and calls that one once', async () => {
    const { one, calls } = await startTwo();
    const events = ['shop-3', 'shop-3', 'shop-1'].map((id) => evolution('messages.upsert', id));
    const { status } = await one.post(HOOK, events, GENERAL);
    expect([status, calls.length, one.counted]).toEqual([503, 1, ['acme message']]);
    expect(one.instance('first').activity.lastAt).not.toBeNull();
  });

  it('is passed on decompressed', async () => {
    const { one, startOther, calls } = await startTwo();
    await startOther();
    const body = gzipSync(JSON.stringify(evolution('messages.upsert', 'shop-3')));
    const headers = { authorization: 'Bearer token-of-acme2', 'content-encoding': 'gzip' };
    for (const path of [HOOK, `${HOOK}/third`]) {
      expect((await one.app.request(path, { method: 'POST', headers, body })).status).toBe(202);
    }
    const event = expect.stringContaining('"shop-3"') as unknown;
    expect(calls).toMatchObject([{ body: event }, { body: event }]);
    expect(calls.map((call) => 'content-encoding' in call.headers)).toEqual([false, false]);
  });

  it('is passed on without its files, as the form that is left of it', async () => {
    const { one, startOther, calls } = await startTwo();
    await startOther();
    const body = new FormData();
    body.append('jsonData', JSON.stringify(evolution('messages.upsert', 'shop-3')));
    body.append('file', new Blob(['a picture']), 'a.jpg');
    const headers = { authorization: 'Bearer token-of-acme2' };
    expect((await one.app.request(`${HOOK}/third`, { method: 'POST', headers, body })).status).toBe(202);
    expect(calls).toMatchObject([{ headers: { 'content-type': 'application/x-www-form-urlencoded' } }]);
    expect(calls[0]?.body).toMatch(/^jsonData=%7b/i);
    expect(calls[0]?.body).not.toContain('picture');
  });

  it('is not passed on again by one that another took for the owner', async () => {
    const { one, startOther, calls } = await startTwo();
    await startOther();
    const answer = await one.app.request(`${HOOK}?account=acme2`, {
      method: 'POST',
      headers: { [FROM_PEER]: 'true', authorization: 'Bearer peer-token', 'content-type': 'application/json' },
      body: JSON.stringify(evolution('connection.update', 'shop-3')),
    });
    expect([answer.status, answer.headers.get('retry-after'), calls]).toEqual([503, '5', []]);
  });
});
