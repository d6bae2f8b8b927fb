import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { configuredHooks } from '../../src/assembly/account-hooks.ts';
import type { AccountConfig } from '../../src/config/config.ts';
import { createApp } from '../../src/http/app.ts';
import type { AccessSettings, HttpParts } from '../../src/http/http-parts.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import { strictBus } from '../fleet/strict-bus.ts';
import { RecentEvents } from '../../src/telemetry/recent-events.ts';
import { builtIn } from '../gateway/answers.ts';
import { httpParts, NO_TOKENS, partsOf } from './http-parts.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { bound, startSmallFleet, type SmallFleetOptions } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';
import { testPolicy } from '../fleet/policy.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { StateStore } from '../../src/store/store.ts';
import { sleep } from '../../src/time/clock.ts';

const TOKENS: AccessSettings = {
  ...NO_TOKENS,
  token: 'write-token',
  hookToken: 'alert-token',
  gatewayHookToken: 'probe-token',
};
/** What the config says of the accounts. Only what is about webhooks matters. */
const HOOK_ACCOUNTS = new Map(
  [
    { name: 'acme', gateway: 'evolution', hookToken: 'acme-token' },
    { name: 'other', gateway: 'smileapi', hookToken: 'other-token' },
  ].map(({ gateway, ...account }) => [account.name, { ...account, profile: builtIn(gateway) } as AccountConfig]),
);
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

interface ApiDocument {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>>;
}

/** Whatever the settings, the document is the same; compiling it takes longer than most tests. */
let documented: Awaited<ReturnType<typeof documentOf>> | null = null;

async function documentOf(app: ReturnType<typeof createApp>) {
  const answered = await app.request('/api/v1/openapi.json', { headers: bearer('write-token') });
  const document = (await answered.json()) as ApiDocument;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api');
  return { document, ajv };
}

/** The real watch on a simulated clock, behind the real routes; what they answer is held against their document. */
async function startApi(
  options: SmallFleetOptions = {},
  access: Partial<AccessSettings> = {},
  parts: Partial<HttpParts> = {},
) {
  const clock = new SimulatedClock();
  const gateway = new FakeGateway(clock);
  const bus = strictBus();
  const recent = new RecentEvents(bus, new Masks(() => []));
  const { publish } = bus;
  const fleet = await startSmallFleet({ clock, gateway, ids: ['1', '2', '3', '4'], publish, ...options });
  const app = createApp(
    httpParts({
      ...partsOf(fleet),
      ...{ bus, recent, publish },
      reload: () =>
        Promise.resolve({ ok: true, added: 0, removed: 0, changed: 0, changedAccounts: 0, waitingForRestart: [] }),
      access: () => ({ ...TOKENS, ...access }),
      hooks: configuredHooks(() => ({ accounts: HOOK_ACCOUNTS })),
      ...parts,
    }),
  );
  await clock.run(5 * SECOND);
  const { document, ajv } = (documented ??= await documentOf(app));
  const asked = new Set<string>();

  /** Checks the answer against the document before handing it on. */
  const call = async (method: string, path: string, init: { body?: unknown; token?: string } = {}) => {
    const headers = {
      ...(init.token !== undefined && bearer(init.token)),
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    };
    const body = init.body === undefined ? {} : { body: JSON.stringify(init.body) };
    const answering = Promise.resolve(app.request(path, { method, headers, ...body }));
    await clock.run(2 * SECOND);
    const response = await answering;
    const route = Object.keys(document.paths).find((pattern) =>
      new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''),
    );
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const described = document.paths[route ?? '']?.[method.toLowerCase()]?.responses[String(response.status)];
    expect(described, `${method} ${path} answers ${response.status}, which is not described`).toBeDefined();
    expect(Object.keys(described?.content ?? {}), `${method} ${path}`).toContain(type);
    asked.add(`${method} ${route ?? ''}`);
    if (!type.includes('json')) return { status: response.status, body: {} as Record<string, unknown> };
    const answered = (await response.json()) as Record<string, unknown>;
    const pointer = ['paths', route ?? '', method.toLowerCase(), 'responses', String(response.status), 'content', type]
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const valid = ajv.validate({ $ref: `api#/${pointer}/schema` }, answered);
    expect(valid, `${method} ${path}: ${ajv.errorsText()}`).toBe(true);
    return { status: response.status, body: answered };
  };
  const post = (path: string, body?: unknown, token = 'write-token') => call('POST', path, { body, token });
  return { ...fleet, app, document, asked, call, post, get: (path: string) => call('GET', path) };
}

const alert = (more: Record<string, unknown> = {}, labels: Record<string, string> = {}) => ({
  status: 'firing',
  labels: { alertname: 'Broken', restart: 'true', name: 'n1', ...labels },
  startsAt: '2026-01-01T00:00:00Z',
  fingerprint: 'f1',
  ...more,
});

describe('the document of the API', () => {
  it('is a valid OpenAPI document that describes every route', async () => {
    const { app, document } = await startApi();
    const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = app.routes
      .filter(
        ({ method, path }) => method !== 'ALL' && path !== '/' && path !== '/public' && !path.startsWith('/assets'),
      )
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(new Set(described)).toEqual(new Set(served));
  });

  it('is true of every one of them', async () => {
    const { document, asked, get, post } = await startApi();
    // Streamed past the routes, it needs a server; its own tests have one.
    asked.add('GET /metrics');
    for (const path of ['/-/healthy', '/-/ready', '/api/v1/openapi.json', '/api/v1/status']) await get(path);
    for (const path of ['/api/v1/instances?heartbeats=true&limit=2', '/api/v1/instances/n1', '/api/v1/events']) {
      await get(path);
    }
    await get('/api/v1/instances/n1/availability');
    await get('/api/v1/availability?groupBy=account');
    await get('/api/v1/incidents');
    await get('/badge/n1.svg');
    await get('/api/v1/instances?limit=x');
    await get('/api/v1/instances/nobody');
    expect(
      (await post('/api/v1/instances/n1/restart', { wait: true, requestedBy: 'ana' })).body['restart'],
    ).toMatchObject({ trigger: 'api', requestedBy: 'ana', outcome: 'accepted', httpStatus: 200 });
    await post('/api/v1/instances/n1/restart');
    await post('/api/v1/instances/n2/restart', { force: true });
    await post('/api/v1/instances/n3/probe');
    await post('/api/v1/instances/n3/pause', { reason: 'phone change', for: '2h' });
    await post('/api/v1/instances/n3/resume');
    await post('/api/v1/instances/n3/ack');
    await post('/api/v1/instances/n3/reset');
    await post('/api/v1/instances/nobody/reset');
    await post('/api/v1/accounts/acme/release', { requestedBy: 'ana' });
    await post('/api/v1/accounts/nobody/release');
    await post('/api/v1/accounts/acme/release', { by: 'ana' });
    await post('/api/v1/instances/n3/pause', {});
    await post('/-/reload');
    await post('/api/v1/hooks/alertmanager', { alerts: [alert({}, { name: 'n4' })] });
    await post('/api/v1/hooks/gateway', { instance: '4', event: 'connection.update' });
    await post('/api/v1/hooks/gateway/n4');
    await post('/api/v1/hooks/gateway/n4/probe-token');
    await post('/api/v1/hooks/gateway/n4/probe-token/connection-update');
    await post('/api/v1/hooks/gateway/n4', undefined, 'wrong');
    await post('/api/v1/instances/n4/activity');
    await post('/api/v1/instances/nobody/activity');
    await get('/api/v1/events?name=n1');
    await get('/api/v1/instances/n1');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(asked).toEqual(new Set(described));
  });
});

describe('who may', () => {
  const WRITES = [
    ...['restart', 'probe', 'pause', 'resume', 'ack', 'reset'].map((action) => `/api/v1/instances/n1/${action}`),
    '/api/v1/accounts/acme/release',
  ];

  it('does nothing without a token in the config', async () => {
    const { post, gateway } = await startApi({}, NO_TOKENS, {
      hooks: configuredHooks(() => ({ accounts: new Map() })),
    });
    for (const path of [...WRITES, '/api/v1/hooks/alertmanager', '/api/v1/hooks/gateway/n1']) {
      expect((await post(path, {})).status, path).toBe(403);
    }
    expect(gateway.restarts).toEqual([]);
  });

  it('does nothing without the token, with a wrong one, or with one that is for less', async () => {
    const { call, gateway } = await startApi({}, { readToken: 'read-token' });
    for (const path of WRITES) {
      for (const token of ['wrong', 'alert-token', 'probe-token', 'read-token', 'write-toke', 'write-token1']) {
        const { status, body } = await call('POST', path, { body: {}, token });
        expect([status, JSON.stringify(body)]).toEqual([
          status === 429 ? 429 : 401,
          expect.not.stringMatching(/-toke/),
        ]);
      }
      expect((await call('POST', path, { body: {} })).status).not.toBe(200);
    }
    expect(gateway.restarts).toEqual([]);
  });

  it.each([
    ['/api/v1/hooks/gateway/n1', 'probe-token', 202],
    ['/api/v1/hooks/gateway/n1', 'acme-token', 202],
    ['/api/v1/hooks/gateway/n1', 'alert-token', 202],
    ['/api/v1/hooks/gateway/n1', 'other-token', 401],
    ['/api/v1/hooks/gateway/nobody', 'acme-token', 401],
    ['/api/v1/hooks/gateway/n1?token=probe-token', undefined, 202],
    ['/api/v1/hooks/gateway/n1?token=probe-token/connection-update', undefined, 202],
    ['/api/v1/hooks/gateway/n1?token=acme-token', undefined, 202],
    ['/api/v1/hooks/gateway/n1/acme-token', undefined, 202],
    ['/api/v1/hooks/gateway/n1/probe-token', undefined, 202],
    ['/api/v1/hooks/gateway/n1/probe-token/connection-update', undefined, 202],
    ['/api/v1/hooks/gateway/n1/connection-update', 'probe-token', 202],
    ['/api/v1/hooks/gateway/n1/connection-update', undefined, 401],
    ['/api/v1/hooks/gateway/n1?token=alert-token', undefined, 401],
    ['/api/v1/hooks/gateway/n1/write-token', undefined, 401],
    ['/api/v1/instances/n1/activity', 'probe-token', 202],
    ['/api/v1/instances/n1/activity', 'acme-token', 202],
    ['/api/v1/instances/n1/activity', 'alert-token', 202],
    ['/api/v1/instances/n1/activity', 'write-token', 202],
    ['/api/v1/instances/n1/activity', 'other-token', 401],
    ['/api/v1/instances/n1/activity?token=acme-token', undefined, 202],
    ['/api/v1/instances/n1/activity?token=write-token', undefined, 401],
    ['/api/v1/instances/n1/activity', undefined, 401],
    ['/api/v1/hooks/alertmanager', 'alert-token', 200],
    ['/api/v1/hooks/alertmanager', 'probe-token', 401],
    ['/api/v1/hooks/alertmanager', 'acme-token', 401],
    ['/api/v1/hooks/alertmanager?token=alert-token', undefined, 401],
    ['/api/v1/instances/n1/probe', 'probe-token', 401],
    ['/api/v1/instances/n1/probe?token=write-token', undefined, 401],
    ['/-/reload', 'write-token', 200],
    ['/-/reload', 'alert-token', 401],
    ['/-/reload', undefined, 401],
  ])('POST %s with the token %s: %i', async (path, token, status) => {
    const { call, gateway } = await startApi();
    const body = path.includes('alertmanager') ? { alerts: [] } : undefined;
    expect((await call('POST', path, { body, ...(token !== undefined && { token }) })).status).toBe(status);
    expect(gateway.restarts).toEqual([]);
  });

  it('reads with either token when there is one for reading', async () => {
    const { call } = await startApi({}, { readToken: 'read-token' });
    expect((await call('GET', '/api/v1/instances')).status).toBe(401);
    for (const token of ['read-token', 'write-token']) {
      expect((await call('GET', '/api/v1/instances', { token })).status).toBe(200);
    }
  });

  it('no longer looks at wrong tokens for a right after twenty a minute, and always accepts the right one', async () => {
    const { app, clock, get } = await startApi();
    const tryOne = (path: string, token: string) =>
      Promise.resolve(app.request(path, { method: 'POST', headers: bearer(token) }));
    const hook = '/api/v1/hooks/gateway/n1';
    for (let guess = 0; guess < 20; guess += 1) expect((await tryOne(hook, `guess-${guess}`)).status).toBe(401);
    const blocked = await tryOne(hook, 'guess-20');
    expect([blocked.status, Number(blocked.headers.get('retry-after'))]).toEqual([429, 60]);
    expect((await tryOne(hook, 'probe-token')).status).toBe(202);
    expect((await tryOne('/api/v1/instances/n1/pause', 'wrong')).status).toBe(401);
    expect(((await get('/api/v1/events')).body['events'] as unknown[]).at(-1)).toMatchObject({
      type: 'tokens_refused',
      level: 'warn',
      right: 'gateway_hook',
      count: 20,
    });
    await clock.run(60 * SECOND);
    expect((await tryOne(hook, 'guess-21')).status).toBe(401);
  });

  it.each([
    ['localhost:9847', 200],
    ['127.0.0.1', 200],
    ['[::1]:9847', 200],
    ['watchdog.example:9847', 200],
    ['evil.example', 421],
  ])('reads for a stranger at %s on the loopback address: %i', async (host, status) => {
    const { app } = await startApi({}, { hosts: ['watchdog.example'] }, { onLoopback: true });
    const read = async (headers: Record<string, string>) =>
      (await app.request('/api/v1/status', { headers: { host, ...headers } })).status;
    expect(await read({})).toBe(status);
    expect(await read(bearer('write-token'))).toBe(200);
  });

  it.each([
    [{}, 200],
    [{ origin: 'http://localhost:9847' }, 200],
    [{ origin: 'https://evil.example' }, 403],
    [{ 'x-forwarded-for': '203.0.113.7' }, 403],
  ])('reload without a token from this machine, with %j: %i', async (more, status) => {
    const { app } = await startApi({}, { token: null });
    const reload = async (remoteAddress: string) => {
      const headers = { host: 'localhost:9847', ...more };
      const bindings = { incoming: { socket: { remoteAddress } } };
      return (await app.request('/-/reload', { method: 'POST', headers }, bindings)).status;
    };
    expect([await reload('127.0.0.1'), await reload('::1'), await reload('203.0.113.7')]).toEqual([
      status,
      status,
      403,
    ]);
  });
});

it.each([
  ['', 200, [false]],
  ['?force=true', 200, [true]],
  ['?force=yes', 400, []],
])('a reload%s is answered with %i, and takes most of the fleet away only by force', async (query, status, asked) => {
  const forced: boolean[] = [];
  const outcome = { ok: true, added: 0, removed: 0, changed: 0, changedAccounts: 0, waitingForRestart: [] } as const;
  const reload = (force: boolean) => Promise.resolve({ ...outcome, added: forced.push(force) });
  const { app } = await startApi({}, {}, { reload });
  const headers = { host: 'localhost', ...bearer('write-token') };
  expect((await app.request(`/-/reload${query}`, { method: 'POST', headers })).status).toBe(status);
  expect(forced).toEqual(asked);
});

describe('a restart by a call', () => {
  it('is refused while something holds it, with names, times and a way out', async () => {
    const { post, gateway, clock } = await startApi();
    await post('/api/v1/instances/n1/restart', { wait: true });
    await clock.run(30 * SECOND);
    const { status, body } = await post('/api/v1/instances/n1/restart');
    expect(status).toBe(409);
    expect(body).toMatchObject({ holds: ['cooldown'], skipped: null });
    expect(body['detail']).toMatch(/^n1 was not restarted: held by cooldown until 20.*force/);
    expect((await post('/api/v1/instances/n1/restart', { force: true })).status).toBe(202);
    expect(gateway.restarts).toHaveLength(2);
  });

  it('cannot be forced in a dry run', async () => {
    const { post, gateway } = await startApi({ dryRun: true });
    const { status, body } = await post('/api/v1/instances/n1/restart', { force: true });
    expect([status, body['holds']]).toEqual([409, ['dry_run']]);
    expect(gateway.restarts).toEqual([]);
  });

  it('is refused where it cannot help', async () => {
    const { post, gateway, clock } = await startApi();
    gateway.causes.set('1', 'pairing_required');
    await clock.run(60 * SECOND);
    expect((await post('/api/v1/instances/n1/restart')).body).toMatchObject({ skipped: 'needs_human', status: 409 });
  });

  it.each([
    [{ force: 'yes' }, /force/],
    [{ now: true }, /now/],
    [{ requestedBy: 'x'.repeat(101) }, /requestedBy/],
    [{ requestedBy: 'a\nb' }, /control/],
    [[], /./],
  ])('is refused when it says %j', async (body, words) => {
    const { post, gateway } = await startApi();
    const answered = await post('/api/v1/instances/n1/restart', body);
    expect([answered.status, answered.body['detail']]).toEqual([400, expect.stringMatching(words)]);
    expect(gateway.restarts).toEqual([]);
  });

  it('never passes over a body that it cannot read', async () => {
    const { app } = await startApi();
    const send = async (type: string, body: string) => {
      const headers = { ...bearer('write-token'), 'content-type': type, 'content-length': String(body.length) };
      return (await app.request('/api/v1/instances/n1/restart', { method: 'POST', headers, body })).status;
    };
    expect(await send('application/x-www-form-urlencoded', '{"force": true}')).toBe(415);
    expect(await send('application/json', '{"force": tru')).toBe(400);
    expect(await send('application/json', JSON.stringify({ requestedBy: 'x'.repeat(70_000) }))).toBe(413);
  });
});

describe('a pause by a call', () => {
  it('holds until its end, and says who and why', async () => {
    const { post, get, gateway, clock } = await startApi();
    await post('/api/v1/instances/n1/pause', { reason: 'phone change', for: '10m', requestedBy: 'ana' });
    gateway.causes.set('1', 'disconnected');
    await clock.run(300 * SECOND);
    const { body } = await get('/api/v1/instances/n1');
    expect(body).toMatchObject({ pause: { reason: 'phone change', by: 'ana' }, restart: { holds: ['paused'] } });
    expect(gateway.restarts).toEqual([]);
    await clock.run(400 * SECOND);
    expect(gateway.restarts).toHaveLength(1);
    const types = ((await get('/api/v1/events?name=n1')).body['events'] as { type: string }[]).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['paused', 'unpaused', 'restart_started']));
  });

  it('ends at a time on the wall, and is shown until the clock shows that', async () => {
    const { post, get, clock } = await startApi();
    clock.step = 5 * HOUR;
    const until = new Date(clock.wall() + 2 * HOUR).toISOString();
    const asked = await post('/api/v1/instances/n1/pause', { reason: 'phone change', for: '2h' });
    expect(asked.body).toMatchObject({ instance: { pause: { until } } });
    clock.step = 4 * HOUR;
    await clock.run(2.5 * HOUR);
    expect((await get('/api/v1/instances/n1')).body).toMatchObject({ pause: { until } });
    clock.step = 5 * HOUR;
    expect((await get('/api/v1/instances/n1')).body).toMatchObject({ pause: null });
    expect((await get('/api/v1/instances?q=n1')).body).toMatchObject({ instances: [{ pause: null }] });
  });

  it('begins and ends in the view when it does for decisions, also while the clocks drift by less than a second', async () => {
    const { app, clock, wall, watch } = await startApi();
    const pauseOf = async (path: string, init: RequestInit = {}): Promise<unknown> => {
      const headers = { ...bearer('write-token'), 'content-type': 'application/json' };
      const body = (await (await app.request(path, { ...init, headers })).json()) as Record<string, unknown>;
      return ((body['instance'] ?? body) as Record<string, unknown>)['pause'];
    };
    clock.step = 900;
    const until = wall.now() + 60 * SECOND;
    const asked = { method: 'POST', body: JSON.stringify({ reason: 'phone change', for: '1m' }) };
    const shown = { until: new Date(until).toISOString() };
    expect(await pauseOf('/api/v1/instances/n1/pause', asked)).toMatchObject(shown);
    expect(watch.fleet.instances.get('n1')?.state.pause).toMatchObject({ until });
    await clock.run(60 * SECOND - 500);
    expect(await pauseOf('/api/v1/instances/n1')).toMatchObject(shown);
    await clock.run(500);
    expect(await pauseOf('/api/v1/instances/n1')).toBeNull();
  });

  it('has no acknowledgement without a trouble, and one with its words where there is', async () => {
    const { post, get, clock, gateway } = await startApi();
    expect(await post('/api/v1/instances/n1/ack')).toMatchObject({ status: 409, body: { detail: /healthy/ } });
    gateway.causes.set('1', 'banned');
    await clock.run(5 * MINUTE);
    const said = { reason: 'on its way', for: '4h', requestedBy: 'ana' };
    const answer = await post('/api/v1/instances/n1/ack', said);
    expect(answer).toMatchObject({
      status: 200,
      body: { instance: { acknowledged: { reason: 'on its way', by: 'ana' } } },
    });
    await clock.run(4 * HOUR);
    expect((await get('/api/v1/instances/n1')).body).toMatchObject({ acknowledged: null });
  });

  it.each([[{}], [{ reason: '' }], [{ reason: 'x', for: 'soon' }], [{ reason: 'x', for: '0s' }]])(
    'is refused when it says %j',
    async (body) => {
      expect((await (await startApi()).post('/api/v1/instances/n1/pause', body)).status).toBe(400);
    },
  );
});

describe('a reset by a call', () => {
  it('lets an exhausted instance be restarted at once, but not while a restart is to show its effect', async () => {
    const { post, get, gateway, clock } = await startApi();
    gateway.onRestart = () => undefined;
    gateway.causes.set('1', 'disconnected');
    while ((await get('/api/v1/instances/n1')).body['phase'] !== 'recovering') await clock.run(SECOND);
    expect((await post('/api/v1/instances/n1/reset')).status).toBe(409);
    await clock.run(100 * SECOND);
    expect((await post('/api/v1/instances/n1/reset')).body).toMatchObject({ instance: { restart: { attempt: 0 } } });
  });

  it('is refused where a restart began while it waited for its turn', async () => {
    const inner = emptyStore();
    let disk: Promise<unknown> = Promise.resolve();
    const save: StateStore['save'] = (...args) => disk.then(() => inner.save(...args));
    const { post, gateway, clock } = await startApi({ store: { ...bound(inner), save } });
    gateway.restartTakes = 60 * SECOND;
    gateway.causes.set('1', 'disconnected');
    await post('/api/v1/instances/n1/pause', { reason: 'phone change' });
    await clock.run(300 * SECOND);
    disk = sleep(clock, 40 * SECOND);
    const resumed = post('/api/v1/instances/n1/resume');
    await clock.run(35 * SECOND);
    const reset = post('/api/v1/instances/n1/reset');
    await clock.run(10 * SECOND);
    expect((await resumed).status).toBe(200);
    expect((await reset).status).toBe(409);
  });
});

describe('a release by a call', () => {
  async function harmed(options: SmallFleetOptions = {}) {
    const api = await startApi({ guard: { maxUnhealthy: { type: 'percent', percent: 100 } }, ...options });
    const { gateway, clock, get } = api;
    gateway.onRestart = (id) => gateway.causes.set(id, 'pairing_required');
    for (const id of ['1', '2']) gateway.causes.set(id, 'disconnected');
    await clock.run(600 * SECOND);
    gateway.causes.set('3', 'disconnected');
    await clock.run(600 * SECOND);
    const account = async () => ((await get('/api/v1/status')).body['accounts'] as object[])[0];
    return { ...api, account };
  }

  it('lets restarts go on that did harm, says how many of them no longer count, and who released them', async () => {
    const { post, get, gateway, clock, account } = await harmed();
    expect(gateway.restarts).toHaveLength(2);
    expect(await account()).toMatchObject({ name: 'acme', harmful: true });
    expect((await get('/api/v1/instances/n3')).body).toMatchObject({ phase: 'down', restart: { holds: ['harmful'] } });
    expect((await get('/api/v1/instances/n1')).body['history']).toMatchObject([{ from: 'down', harmed: true }]);

    const released = await post('/api/v1/accounts/acme/release', { requestedBy: 'ana' });
    expect(released).toEqual({ status: 200, body: { account: 'acme', released: 2 } });
    expect(await account()).toMatchObject({ harmful: false });
    const events = (await get('/api/v1/events?account=acme')).body['events'] as object[];
    expect(events).toContainEqual(expect.objectContaining({ type: 'harmful_ended', account: 'acme', by: 'ana' }));
    await clock.run(600 * SECOND);
    expect(gateway.restarts).toHaveLength(3);
    expect((await post('/api/v1/accounts/acme/release')).body['released']).toBe(1);
  });

  it('is an error where it cannot be saved, and where there is no such account', async () => {
    const inner = emptyStore();
    let full = false;
    const save: StateStore['save'] = (...args) => (full ? Promise.reject(new Error('full')) : inner.save(...args));
    const { post } = await harmed({ store: { ...bound(inner), save } });
    full = true;
    expect((await post('/api/v1/accounts/acme/release')).status).toBe(503);
    const { status, body } = await post('/api/v1/accounts/nobody/release');
    expect([status, body['detail']]).toEqual([404, expect.stringContaining('No account of this name')]);
  });
});

describe('the status of an account', () => {
  it('says why its gateway refuses most of its instances', async () => {
    const { get, gateway, clock } = await startApi();
    const account = async () => ((await get('/api/v1/status')).body['accounts'] as object[])[0];
    expect(await account()).toMatchObject({ harmful: false, blind: false, refused: null });
    for (const id of ['1', '2', '3', '4']) gateway.causes.set(id, 'unauthorized');
    await clock.run(120 * SECOND);
    expect(await account()).toMatchObject({ harmful: false, blind: false, refused: 'unauthorized' });
  });

  it('says that nothing is known of most of them, and each says since when', async () => {
    const { get, gateway, clock } = await startApi();
    for (const id of ['1', '2', '3']) gateway.causes.set(id, 'unreadable');
    const since = new Date(clock.now()).toISOString();
    await clock.run(HOUR);
    expect(((await get('/api/v1/status')).body['accounts'] as object[])[0]).toMatchObject({
      blind: true,
      refused: null,
    });
    const { body } = await get('/api/v1/instances');
    const [first, , , last] = body['instances'] as { phase: string; blindSince: string | null }[];
    expect([first?.phase, last?.phase, last?.blindSince]).toEqual(['unknown', 'healthy', null]);
    expect(first?.blindSince?.slice(0, 16)).toBe(since.slice(0, 16));
  });
});

describe('the webhook of Alertmanager', () => {
  const results = (body: Record<string, unknown>) =>
    (body['results'] as { result: string }[]).map(({ result }) => result);

  it('restarts what a firing alert names, once however often it is sent', async () => {
    const { post, get, gateway, clock } = await startApi();
    const message = { version: '4', status: 'firing', alerts: [alert(), alert()], groupKey: '{}' };
    expect(results((await post('/api/v1/hooks/alertmanager', message, 'alert-token')).body)).toEqual([
      'restarted',
      'duplicate',
    ]);
    await clock.run(3600 * SECOND);
    expect(results((await post('/api/v1/hooks/alertmanager', message)).body)).toEqual(['duplicate', 'duplicate']);
    expect(gateway.restarts).toHaveLength(1);
    const { body } = await get('/api/v1/instances/n1');
    expect(body['history']).toMatchObject([
      { trigger: 'alert', requestedBy: 'Broken (f1, since 2026-01-01T00:00:00Z)', outcome: 'accepted' },
    ]);
    const again = { alerts: [alert({ startsAt: '2026-01-01T02:00:00Z' })] };
    expect(results((await post('/api/v1/hooks/alertmanager', again)).body)).toEqual(['restarted']);
  });

  it('tries an alert again whose restart was held', async () => {
    const { post, gateway, clock } = await startApi();
    await post('/api/v1/instances/n1/pause', { reason: 'phone change', for: '1m' });
    const message = { alerts: [alert()] };
    const held = await post('/api/v1/hooks/alertmanager', message);
    expect(held.body['results']).toEqual([{ name: 'n1', fingerprint: 'f1', result: 'held', holds: ['paused'] }]);
    await clock.run(60 * SECOND);
    expect(results((await post('/api/v1/hooks/alertmanager', message)).body)).toEqual(['restarted']);
    expect(gateway.restarts).toHaveLength(1);
  });

  it('has one hold of an instance reported once, however many alerts of a delivery are about it', async () => {
    const { post, get, gateway } = await startApi();
    await post('/api/v1/instances/n1/pause', { reason: 'phone change' });
    const alerts = Array.from({ length: 50 }, (_, index) => alert({ fingerprint: String(index) }));
    const { body } = await post('/api/v1/hooks/alertmanager', { alerts });
    const held = alerts.map(({ fingerprint }) => ({ name: 'n1', fingerprint, result: 'held', holds: ['paused'] }));
    expect(body['results']).toEqual(held);
    expect(gateway.restarts).toEqual([]);
    const events = (await get('/api/v1/events')).body['events'] as { type: string }[];
    expect(events.filter(({ type }) => type === 'restart_held')).toHaveLength(1);
  });

  it('remembers who requested a restart without what nobody sees, or what turns the direction of writing', async () => {
    const { post, get } = await startApi();
    const message = { alerts: [alert({ fingerprint: 'f\u200b1' }, { alertname: 'Bro\u202eken \u{e0041}' })] };
    expect(results((await post('/api/v1/hooks/alertmanager', message)).body)).toEqual(['restarted']);
    expect(results((await post('/api/v1/hooks/alertmanager', message)).body)).toEqual(['duplicate']);
    const { body } = await get('/api/v1/instances/n1');
    expect(body['history']).toMatchObject([{ requestedBy: 'Broken  (f1, since 2026-01-01T00:00:00Z)' }]);
  });

  it('says what it does not act on, and reports names that nobody has', async () => {
    const { post, get, gateway } = await startApi();
    const alerts = [
      alert({ status: 'resolved' }),
      alert({}, { restart: 'false' }),
      alert({ labels: { restart: 'true' } }),
      alert({}, { name: 'nobody\u0007' }),
      alert({}, { name: '__proto__' }),
    ];
    const { body } = await post('/api/v1/hooks/alertmanager', { alerts });
    expect(results(body)).toEqual(['resolved', 'ignored', 'ignored', 'unknown_name', 'unknown_name']);
    expect(gateway.restarts).toEqual([]);
    expect((await get('/api/v1/events')).body['events']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'alert_unmatched', alerts: 2, instances: ['nobody ', '__proto__'] }),
      ]),
    );
  });

  it('refuses only the alerts that it cannot understand, and says so once', async () => {
    const { post, get, gateway } = await startApi();
    const alerts = [null, alert({ labels: { restart: 'true', name: 7 } }), alert({ startsAt: 'x'.repeat(300) })];
    const { status, body } = await post('/api/v1/hooks/alertmanager', { alerts });
    expect([status, results(body)]).toEqual([200, ['invalid', 'invalid', 'restarted']]);
    expect(gateway.restarts).toHaveLength(1);
    expect((await get('/api/v1/events')).body['events']).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'alerts_refused', alerts: 2 })]),
    );
  });

  it('takes a delivery of any number of alerts within 8 MiB, and says what it refuses', async () => {
    const { app, post, get, gateway } = await startApi();
    const many = Array.from({ length: 1_500 }, (_, index) =>
      alert({ fingerprint: String(index) }, { name: `x${index}` }),
    );
    const large = [...many, alert({ annotations: { text: 'z'.repeat(7 * 1024 * 1024) } })];
    expect(results((await post('/api/v1/hooks/alertmanager', { alerts: large })).body).at(-1)).toBe('restarted');
    expect(gateway.restarts).toHaveLength(1);
    const headers = { ...bearer('alert-token'), 'content-type': 'application/json', 'content-length': '8388609' };
    expect((await app.request('/api/v1/hooks/alertmanager', { method: 'POST', headers, body: '{}' })).status).toBe(413);
    const events = (await get('/api/v1/events')).body['events'] as { type: string }[];
    expect(events.filter(({ type }) => /^alerts?_/.test(type))).toMatchObject([
      { type: 'alert_unmatched', alerts: 1_500 },
      { type: 'alerts_refused', reason: 'The body must not be longer than 8 MiB' },
    ]);
  });

  it('never restarts what a restart cannot cure', async () => {
    const { post, gateway, clock } = await startApi();
    gateway.causes.set('1', 'banned');
    await clock.run(60 * SECOND);
    expect(results((await post('/api/v1/hooks/alertmanager', { alerts: [alert()] })).body)).toEqual(['skipped']);
    expect(gateway.restarts).toEqual([]);
  });
});

describe('the webhook of a gateway', () => {
  it('is answered that its instance is disabled, because nothing will come of it', async () => {
    const { post, watch } = await startApi();
    const instance = watch.fleet.instances.get('n1')!;
    instance.definition = { ...instance.definition, enabled: false };
    for (const path of ['/api/v1/hooks/gateway/n1', '/api/v1/instances/n1/probe']) {
      const { status, body } = await post(path);
      expect([status, body['detail']]).toEqual([409, 'n1 is disabled in the configuration, so it is not probed.']);
    }
  });

  it('makes the instance be probed within 100 ms, whatever it sends', async () => {
    const { app, gateway, clock } = await startApi();
    await clock.run(6 * SECOND);
    gateway.causes.set('1', 'disconnected');
    const before = clock.now();
    const headers = bearer('probe-token');
    const hook = await app.request('/api/v1/hooks/gateway/n1', { method: 'POST', headers, body: '\u0000 not JSON' });
    expect(await hook.json()).toEqual({ probe: 'now' });
    await clock.run(100);
    const { id, at } = gateway.probes.at(-1)!;
    expect([id, at - before <= 100]).toEqual(['1', true]);
  });

  it('causes no more probes than its limit in a flood of 1,000', async () => {
    const { app, gateway, clock } = await startApi();
    const before = gateway.probes.filter(({ id }) => id === '1').length;
    const headers = bearer('probe-token');
    for (let call = 0; call < 1_000; call += 1) {
      await app.request('/api/v1/hooks/gateway/n1', { method: 'POST', headers });
      if (call % 10 === 0) await clock.run(SECOND / 10);
    }
    // Ten seconds at one probe every five, and one that was due anyway.
    expect(gateway.probes.filter(({ id }) => id === '1').length - before).toBeLessThanOrEqual(4);
  });
});

describe('signs of life', () => {
  const expecting = testPolicy({ silentAfter: 3600 });
  const seen = (text: string): string => `event: ${text}`;

  async function heardAfter(path: string, body: string | undefined, policy = expecting): Promise<boolean> {
    const clock = new SimulatedClock();
    const gateway = new FakeGateway(clock);
    gateway.isMessage = (said, event) =>
      event === 'message' || (said as { event?: string } | null)?.event === 'message';
    const { app, instance } = await startApi({ clock, gateway, policy });
    const headers = { ...bearer('probe-token'), 'content-type': 'text/plain' };
    const answering = Promise.resolve(
      app.request(path, { method: 'POST', headers, ...(body !== undefined && { body }) }),
    );
    await clock.run(SECOND);
    const answered = await answering;
    expect([answered.status, await answered.text()]).toEqual([202, expect.not.stringContaining(seen('secret'))]);
    return instance('n1').activity.lastAt !== null;
  }

  const hook = '/api/v1/hooks/gateway/n1';
  const message = JSON.stringify({ event: 'message', apikey: seen('secret') });

  it.each<[string, string, string | undefined, boolean]>([
    ['a report of activity without a body', '/api/v1/instances/n1/activity', undefined, true],
    ['a report of activity with any body', '/api/v1/instances/n1/activity', '<xml>', true],
    ['a webhook that reports a message', hook, message, true],
    ['a webhook with the event in its path', `${hook}/probe-token/message`, undefined, true],
    ['a webhook with the event as its last part', `${hook}/message`, undefined, true],
    ['a webhook with the event behind its token', `${hook}?token=probe-token/message`, undefined, true],
    ['no webhook of another event', hook, '{"event":"connection.update"}', false],
    ['no webhook that cannot be read', hook, '{"event":"message"', false],
    ['no webhook without a body', hook, undefined, false],
    ['a webhook with a picture of 8 MiB', hook, `{"x":"${'x'.repeat(8 * 1024 * 1024)}","event":"message"}`, true],
    ['no webhook that is too long to be read', hook, `{"event":"message","x":"${'x '.repeat(1024 * 1024)}"}`, false],
  ])('are %s', async (_, path, body, isHeard) => {
    expect(await heardAfter(path, body)).toBe(isHeard);
  });

  it('are not looked for in webhooks where none are expected', async () => {
    expect(await heardAfter(hook, message, testPolicy())).toBe(false);
  });

  it('are shown with the silence, and its remedy', async () => {
    const clock = new SimulatedClock();
    const { app, instance } = await startApi({ clock, policy: testPolicy({ silentAfter: 600 }) });
    await clock.run(700 * SECOND);
    const answering = Promise.resolve(app.request('/api/v1/instances/n1'));
    await clock.run(SECOND);
    expect(await (await answering).json()).toMatchObject({
      phase: 'healthy',
      lastProbe: { cause: 'silent' },
      activity: { lastAt: null, expected: true, silentSince: expect.any(String) as unknown, restartedAt: null },
      remedy: expect.stringMatching(/webhook/) as unknown,
    });
    expect(instance('n1').state.phase).toBe('healthy');
  });
});
