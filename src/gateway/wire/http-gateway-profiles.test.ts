import { expect, it } from 'vitest';
import { gateway as schema } from '../../config/schema/gateway-schema.ts';
import { profileOf } from '../../config/gateways/profile-of.ts';
import { builtIn } from '../../../test/gateway/answers.ts';
import { gatewayAt, IDLE, listenHttp, TOKEN } from '../../../test/gateway/wire.ts';
import { verdictOf } from '../../core/verdict.ts';
import type { Profile } from '../profiles/profile.ts';

const TIMES = { timeout: 5_000, retries: 0, signal: IDLE };

function profile(input: object): Profile {
  const made = profileOf('ours', schema.parse({ remedies: [{ steps: [{ get: '/x' }] }], ...input }), null);
  if ('missing' in made) throw new Error(made.missing);
  return made;
}

/** A gateway that answers each path with JSON, and notes what it gets. */
async function serving(answers: Readonly<Record<string, unknown>>, ours: Profile, values = {}) {
  const seen: string[] = [];
  const { url } = await listenHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      seen.push([method, path, headers['x-key'], headers.authorization, body].filter(Boolean).join(' '));
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[path] ?? { state: 'on' }));
    });
  });
  return { seen, url, gateway: gatewayAt(url, { profile: ours, values: { token: TOKEN, ...values } }) };
}

const PROBE = { get: '/{id}', headers: { 'X-Key': '{token}' } };
const STATE = { at: ['state'], words: { connected: ['on'], disconnected: ['off', 'gone'] } };

it('sends the own token of an instance in place of that of the account, in header, path and login', async () => {
  const ours = profile({
    probe: { ...PROBE, get: '/{id}/{token}?s={secret}' },
    basic: ['{id}', '{token}'],
    state: STATE,
  });
  const { seen, gateway } = await serving({}, ours, { secret: 'a&b' });
  await gateway.probe({ phoneNumberId: '1' }, 5_000, IDLE);
  await gateway.probe({ phoneNumberId: '2', token: 'own' }, 5_000, IDLE);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const token = encodeURIComponent(TOKEN);
  expect(seen).toEqual([
    `GET /1/${token}?s=a%26b ${TOKEN} ${basic(`1:${TOKEN}`)}`,
    `GET /2/own?s=a%26b own ${basic('2:own')}`,
  ]);
});

it.each<[object, object, string]>([
  [{ basic: ['{id}', '{token}'] }, { headers: { authorization: 'Bearer {token}' } }, 'Bearer own'],
  [{ headers: { Authorization: 'Bearer {token}' } }, { basic: ['a', '{token}'] }, 'Basic YTpvd24='],
  [{ basic: ['a', 'b'] }, { probe: { get: '/{id}', headers: { Authorization: '{token}' } } }, 'own'],
])('of the login of %j, and the nearer one %j, sends the nearer one', async (base, own, authorization) => {
  const probe = { get: '/{id}' };
  const made = profileOf('mine', schema.parse(own), profile({ probe, state: STATE, ...base }));
  if ('missing' in made) throw new Error(made.missing);
  const { seen, gateway } = await serving({}, made);
  await gateway.probe({ phoneNumberId: '1', token: 'own' }, 5_000, IDLE);
  expect(seen).toEqual([`GET /1 ${authorization}`]);
});

it('takes a list that leads on to a next page in one of its headers for a page', async () => {
  const ours = profile({ probe: PROBE, state: STATE, list: { get: '/list', id: 'id', state: 'state' } });
  let link: readonly string[] = ['</list?page=1>; rel="first"', '</list?page=2>; rel="next"'];
  const { url } = await listenHttp((_, response) => {
    response.setHeader('link', link).setHeader('content-type', 'application/json').end('[{"id":"a","state":"on"}]');
  });
  const gateway = gatewayAt(url, { profile: ours, values: { token: TOKEN } });
  expect(await gateway.list(5_000, IDLE)).toMatchObject({ type: 'failed', cause: 'unknown_state' });
  link = link.slice(0, 1);
  expect(await gateway.list(5_000, IDLE)).toMatchObject({ type: 'listed' });
});

it('makes the second request only where the first answer leaves the state open', async () => {
  const rules = [{ if: { '0.code': 401 }, is: 'pairing_required' }];
  const ours = profile({ probe: PROBE, state: STATE, detail: { on: ['OFF'], get: '/list?name={id}', rules } });
  const answers = {
    '/a': { state: 'off' },
    '/list?name=a': [{ code: 401 }],
    '/b': { state: 'gone' },
    '/c': { state: 'off' },
  };
  const { seen, gateway } = await serving({ ...answers, '/list?name=c': [{ code: null }] }, ours);
  const causes = [];
  for (const phoneNumberId of ['a', 'b', 'c', 'd']) {
    causes.push((await gateway.probe({ phoneNumberId }, 5_000, IDLE)).cause);
  }
  expect(causes).toEqual(['pairing_required', 'disconnected', 'disconnected', 'connected']);
  expect(seen.filter((line) => line.includes('list'))).toHaveLength(2);
});

it('confirms a healthy word by the second request where the profile says so, and believes nothing without its answer', async () => {
  const rules = [{ if: { alive: false }, is: 'disconnected', word: 'gone' }];
  const ours = profile({ probe: PROBE, state: STATE, detail: { on: ['ON', 'off'], get: '/alive?id={id}', rules } });
  const answers = {
    '/a': { state: 'on' },
    '/alive?id=a': { alive: true },
    '/b': { state: 'on' },
    '/c': { state: 'gone' },
  };
  const { seen, gateway } = await serving({ ...answers, '/alive?id=b': { alive: false } }, ours);
  const probe = async (phoneNumberId: string) => await gateway.probe({ phoneNumberId }, 5_000, IDLE);
  expect(await probe('a')).toEqual({ cause: 'connected', detail: null, retryAfter: null, further: 1 });
  expect(await probe('b')).toMatchObject({ cause: 'disconnected', word: 'gone' });
  expect(await probe('c')).toMatchObject({ cause: 'disconnected', word: 'gone' });
  expect(seen.filter((line) => line.includes('alive'))).toHaveLength(2);
  const { url } = await listenHttp((request, response) => {
    if (request.url?.startsWith('/alive') === true) response.destroy();
    else response.setHeader('content-type', 'application/json').end('{"state":"on"}');
  });
  const broken = gatewayAt(url, { profile: ours, values: { token: TOKEN } });
  expect(verdictOf((await broken.probe({ phoneNumberId: 'a' }, 5_000, IDLE)).cause)).not.toBe('healthy');
});

it('knows from the database of Evolution whether a phone is waited for, and believes no reason of an earlier time', async () => {
  const state = (word: string) => ({ instance: { state: word } });
  const row = (connectionStatus: string, disconnectionReasonCode: number | null, ownerJid: string | null = 'a@b') => [
    { name: 'x', connectionStatus, disconnectionReasonCode, ownerJid },
  ];
  const cases: [string, unknown, string][] = [
    ['close', row('close', 401), 'pairing_required'],
    ['close', row('close', 403), 'banned'],
    ['close', row('open', 401), 'disconnected'],
    ['close', row('open', 403), 'disconnected'],
    ['close', row('close', null, null), 'pairing_required'],
    ['connecting', row('open', 401), 'connecting'],
    ['connecting', row('connecting', null), 'pairing_required'],
    ['connecting', row('close', null), 'connecting'],
    ['close', [], 'disconnected'],
    ['open', row('connecting', 401), 'connected'],
  ];
  const answers = cases.flatMap(([word, rows], index) => [
    [`/instance/connectionState/${index}`, state(word)],
    [`/instance/fetchInstances?instanceName=${index}`, rows],
  ]);
  const { gateway } = await serving(Object.fromEntries(answers) as Record<string, unknown>, builtIn('evolution'));
  const found = [];
  for (const index of cases.keys()) found.push(await gateway.probe({ phoneNumberId: String(index) }, 5_000, IDLE));
  const causes = found.map(({ cause }) => cause);
  expect(found[0]?.detail).toBe('0.disconnectionReasonCode 401');
  expect(causes).toEqual(cases.map(([, , cause]) => cause));
});

it('says of an instance of Evolution that has no state any more that the gateway has forgotten it', async () => {
  const answers = {
    '/instance/connectionState/a': { instance: { instanceName: 'a', state: 'open' } },
    '/instance/connectionState/b': { instance: { instanceName: 'b' } },
  };
  const { gateway } = await serving(answers, builtIn('evolution'));
  expect((await gateway.probe({ phoneNumberId: 'a' }, 5_000, IDLE)).cause).toBe('connected');
  expect(await gateway.probe({ phoneNumberId: 'b' }, 5_000, IDLE)).toMatchObject({
    cause: 'not_found',
    detail: 'no state any more',
  });
});

it.each([
  ['close', 500, 'server_error'],
  ['open', 500, 'server_error'],
  ['close', 404, 'disconnected'],
])('knows of %s, where the second question is answered with %i: %s', async (state, status, cause) => {
  const { url } = await listenHttp((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url?.startsWith('/more') === true) response.writeHead(status).end('{"message":"no database"}');
    else response.end(JSON.stringify({ state }));
  });
  const ours = profile({
    probe: PROBE,
    state: { at: ['state'], words: { connected: ['open'], disconnected: ['close'] } },
    detail: { on: ['open', 'close'], get: '/more', rules: [{ if: { fine: false }, is: 'banned' }] },
  });
  const found = await gatewayAt(url, { profile: ours, values: { token: TOKEN } }).probe(
    { phoneNumberId: 'a' },
    5_000,
    IDLE,
  );
  // The word stays: it chooses the remedy.
  expect([found.cause, found.word]).toEqual([cause, state === 'open' ? undefined : state]);
});

it('applies the first remedy that fits the last word, with all of its calls', async () => {
  const remedies = [
    { on: ['gone'], knownOnly: true, steps: [{ post: '/start', body: { name: '{id}', now: true } }] },
    { on: ['off'], steps: [{ post: '/close/{id}', mayFail: true }, { put: '/open/{id}' }] },
    { steps: [{ get: '/restart' }] },
  ];
  const ours = profile({ probe: PROBE, state: STATE, remedies, refused: [{ if: { done: false } }] });
  const { seen, gateway } = await serving({ '/close/a': { done: false }, '/restart': { done: false } }, ours);
  const restart = async (word: string | null, known = true) => {
    seen.length = 0;
    const { outcome } = await gateway.restart({ phoneNumberId: 'a' }, { ...TIMES, word, known });
    return [outcome, ...seen];
  };
  expect(await restart('Off')).toEqual(['accepted', 'POST /close/a', 'PUT /open/a']);
  expect(await restart('gone')).toEqual(['accepted', 'POST /start {"name":"a","now":true}']);
  expect(await restart('gone', false)).toEqual(['rejected']);
  expect(await restart(null)).toEqual(['rejected', 'GET /restart']);
});

it('reports with the word that only an instance that was healthy before may be brought back', async () => {
  const remedies = [{ on: ['gone'], knownOnly: true, steps: [{ get: '/start' }] }, { steps: [{ get: '/restart' }] }];
  const { gateway } = await serving(
    { '/a': { state: 'gone' }, '/b': { state: 'off' } },
    profile({ probe: PROBE, state: STATE, remedies }),
  );
  expect(await gateway.probe({ phoneNumberId: 'a' }, 5_000, IDLE)).toMatchObject({ word: 'gone', knownOnly: true });
  const other = await gateway.probe({ phoneNumberId: 'b' }, 5_000, IDLE);
  expect(other).toMatchObject({ word: 'off' });
  expect(other.knownOnly).toBeUndefined();
});

it('probes the instance before it chooses a remedy, if it was never probed', async () => {
  const remedies = [{ on: ['off'], steps: [{ get: '/connect' }] }, { steps: [{ get: '/restart' }] }];
  const { seen, gateway } = await serving(
    { '/a': { state: 'off' } },
    profile({ probe: PROBE, state: STATE, remedies }),
  );
  await gateway.restart({ phoneNumberId: 'a' }, TIMES);
  expect(seen).toEqual([`GET /a ${TOKEN}`, 'GET /connect']);
});

it('finds the method of a call where the profile does not say it', async () => {
  const calls: string[] = [];
  const { url } = await listenHttp(({ method = '' }, response) => {
    calls.push(method);
    if (method === 'PUT') response.end('{"ok":true}');
    else response.writeHead(404, { 'content-type': 'application/json' }).end(`{"message":"Cannot ${method} /restart"}`);
  });
  const ours = profile({ probe: PROBE, state: STATE, remedies: [{ steps: [{ auto: '/restart' }] }] });
  const options = { profile: ours, values: { token: TOKEN } };
  const restart = async (restartMethod: string, known = {}) => {
    const gateway = gatewayAt(url, { ...options, restartMethod });
    const { outcome, method, refusal } = await gateway.restart(
      { phoneNumberId: 'a' },
      { ...TIMES, answered: true, ...known },
    );
    return [calls.splice(0).join(), outcome, method ?? refusal];
  };
  expect(await restart('auto')).toEqual(['POST,GET,PUT', 'accepted', 'PUT']);
  expect(await restart('auto', { method: 'PUT' })).toEqual(['PUT', 'accepted', 'PUT']);
  expect(await restart('auto', { answered: false })).toEqual(['POST', 'rejected', 'restart_unsupported']);
  expect(await restart('PATCH')).toEqual(['PATCH', 'rejected', 'restart_unsupported']);
});

it('makes no call where the gateway has none that brings an instance back', async () => {
  const { seen, gateway } = await serving({}, profile({ probe: PROBE, state: STATE, remedies: [] }));
  expect(await gateway.restart({ phoneNumberId: 'a' }, { ...TIMES, word: 'off' })).toMatchObject({
    ...{ outcome: 'rejected', detail: expect.stringContaining('no call was made') as unknown },
  });
  expect(await gateway.restart({ phoneNumberId: 'a' }, TIMES)).toMatchObject({ outcome: 'rejected' });
  expect(seen).toEqual([]);
});

it('requests each page of a list by its number', async () => {
  const list = { get: '/all?page={page}&size=2', headers: { 'X-Key': '{token}' }, items: 'rows', id: 'id' };
  const rows = [{ id: 'a' }, { id: 'b' }];
  const answers = {
    '/all?page=0&size=2': { rows, pages: 2 },
    '/all?page=1&size=2': { rows: [{ id: 'c' }], pages: 2 },
  };
  const ours = profile({ probe: PROBE, state: STATE, list: { ...list, pages: { first: 0, count: 'pages' } } });
  const { seen, gateway } = await serving(answers, ours);
  expect(await gateway.list(5_000, IDLE)).toMatchObject({ pages: 2, instances: [{ id: 'a' }, { id: 'b' }] });
  expect(await gateway.list(5_000, IDLE, 2)).toMatchObject({ pages: 2, instances: [{ id: 'c' }] });
  expect(seen).toEqual([`GET /all?page=0&size=2 ${TOKEN}`, `GET /all?page=1&size=2 ${TOKEN}`]);
});
