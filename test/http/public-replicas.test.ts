import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/core/time.ts';
import { NO_PAST, type Past } from '../../src/history/instance-history.ts';
import { createApp } from '../../src/http/app.ts';
import type { HttpApp, PublicSettings } from '../../src/http/http-parts.ts';
import { FROM_PEER, PeerError, type PeerAnswer, type PeerRequest } from '../../src/http/peers/peers.ts';
import type { Instance } from '../../src/runtime/fleet/instance.ts';
import type { TestInstance } from '../fleet/fleet.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';
import { fakePeers, peerOf } from './fake-peers.ts';
import { httpParts, NO_TOKENS, partsOf } from './http-parts.ts';
import { never, pastHour, START } from './past-hour.ts';

const PEER = { [FROM_PEER]: 'true', authorization: 'Bearer peer-token' };
const ADDRESS = 'http://10.0.0.2:9847';

const PASTS: Readonly<Record<string, Past>> = {
  n1: pastHour({ healthy: 3_600 }),
  n2: pastHour({ healthy: 1_800, failing: 1_800 }),
  n3: pastHour({ failing: 3_600 }),
};

/** In the order of the config. */
const FLEET: readonly (TestInstance & { readonly owner: string })[] = [
  { owner: 'two', id: '3', displayName: 'Loja <3', labels: { city: 'Rio' } },
  { owner: 'one', id: '1', labels: { city: 'Rio' } },
  { owner: 'two', id: '2', labels: { city: 'Natal' } },
  { owner: 'one', id: '4', enabled: false },
];

interface World {
  readonly page?: Partial<PublicSettings>;
  /** Instead of what the second replica says; null: it says nothing. */
  readonly says?: PeerAnswer | null;
  /** Names that no config has, because the second replica's gateway lists them. */
  readonly discovered?: boolean;
}

/** Two replicas, of which clients call the first. What it calls the second for is kept. */
async function startTwo({ page = {}, says, discovered = false }: World = {}) {
  const clock = fleetClock(START);
  const calls: PeerRequest[] = [];
  const apps = new Map<string, HttpApp>();
  const peersOf = (self: string) =>
    fakePeers({
      replica: self,
      list: () => [peerOf(self === 'one' ? 'two' : 'one', ADDRESS)],
      ownerOf: (account) => (account === self ? 'self' : peerOf(account, ADDRESS)),
      accountOf: (name) => (discovered ? null : (FLEET.find(({ id }) => `n${id}` === name)?.owner ?? null)),
      discovers: discovered,
      placeOf: (name) => FLEET.findIndex(({ id }) => `n${id}` === name),
      async call({ replica }, request) {
        calls.push(request);
        if (says === null) throw new PeerError(`ECONNREFUSED at ${ADDRESS}`, false);
        if (says !== undefined) return says;
        const { method, path, headers } = request;
        const answer = await apps.get(replica)!.request(path, { method, headers: { ...headers, ...PEER } });
        return { status: answer.status, contentType: '', body: await answer.text() };
      },
    });
  for (const self of ['one', 'two']) {
    const instances = FLEET.filter(({ owner }) => owner === self);
    const fleet = await startSmallFleet({ clock, starts: false, instances });
    for (const each of fleet.watch.fleet.instances.values()) each.state = { ...each.state, phase: 'healthy' };
    const sick = fleet.watch.fleet.instances.get('n3');
    if (sick !== undefined) sick.state = { ...sick.state, phase: 'down' };
    const parts = httpParts({
      ...partsOf(fleet),
      history: {
        of: (wanted: readonly Instance[]) => Promise.resolve(wanted.map(({ name }) => PASTS[name] ?? NO_PAST)),
        lasting: () => [],
        timezone: 'UTC',
        everyIncident: () => never(),
      },
      publicPage: () => ({
        public: { groupBy: 'label:city', hideNumbers: true, token: 'public-token', ...page },
        lang: null,
      }),
      access: () => ({ ...NO_TOKENS, readToken: 'read-token-1' }),
      peers: peersOf(self),
    });
    apps.set(self, createApp(parts));
  }
  const get = async (path: string, headers: Record<string, string> = { authorization: 'Bearer read-token-1' }) => {
    let answered: Response | undefined;
    const answering = Promise.resolve(apps.get('one')!.request(path, { headers })).then((it) => (answered = it));
    while (answered === undefined) await Promise.race([answering, clock.run(SECOND)]);
    return answered;
  };
  const title = async (path: string) => /<title>(.*)<\/title>/.exec(await (await get(path)).text())?.[1];
  return { clock, calls, get, title };
}

describe('a badge of any replica', () => {
  it.each([
    ['/badge/all.svg?by=all', 'all 30d: 50.00 %'],
    ['/badge/Rio.svg?by=label:city', 'Rio 30d: 50.00 %'],
    ['/badge/Natal.svg?by=label:city', 'Natal 30d: 50.00 %'],
    ['/badge/n3.svg?span=7d', 'Loja &lt;3 7d: 0.00 %'],
    ['/badge/n1.svg', 'n1 30d: 100 %'],
  ])('%s is about the whole fleet', async (path, title) => {
    expect(await (await startTwo()).title(path)).toBe(title);
  });

  it('of nothing that anybody could watch is looked for nowhere else', async () => {
    const { get, calls } = await startTwo();
    expect((await get('/badge/nobody.svg')).status).toBe(404);
    expect(calls).toEqual([]);
  });

  it('of an instance that only another replica has found is its own', async () => {
    const { title, get } = await startTwo({ discovered: true });
    expect(await title('/badge/n2.svg')).toBe('n2 30d: 50.00 %');
    expect((await get('/badge/nobody.svg')).status).toBe(404);
  });

  it('names the replicas that gave no answer, and not their addresses', async () => {
    const { title, get } = await startTwo({ says: null, page: { hideNumbers: false } });
    expect(await title('/badge/Rio.svg?by=label:city')).toBe('Rio 30d: 100 % without two');
    for (const path of ['/badge/n3.svg', '/badge/Natal.svg?by=label:city']) {
      const answer = await get(path);
      const text = await answer.text();
      expect([answer.status, text]).toEqual([503, expect.stringContaining('The replica two gave no answer')]);
      expect(text).not.toContain('10.0.0.2');
    }
  });

  it('leaves the name out where the public page hides numbers', async () => {
    const { title, get } = await startTwo({ says: null });
    expect(await title('/badge/Rio.svg?by=label:city')).toBe('Rio 30d: 100 % without 1 replica');
    const unknown = await get('/badge/Natal.svg?by=label:city&token=public-token', {});
    expect([unknown.status, await unknown.text()]).toEqual([503, expect.stringContaining('1 replica gave no answer')]);
  });

  it.each([
    ['{"part":{"label":"x","healthy":-5,"counted":1}}', 200],
    ['<html>', 200],
    ['{"part":null}', 500],
  ])('counts %s (HTTP %i) of another replica as no answer', async (body, status) => {
    const { title } = await startTwo({ says: { status, contentType: '', body }, page: { hideNumbers: false } });
    expect(await title('/badge/all.svg?by=all')).toBe('all 30d: 100 % without two');
  });

  it('calls the others once for what many look at', async () => {
    const { get, calls, clock } = await startTwo();
    for (let time = 0; time < 3; time += 1) await get('/badge/all.svg?by=all');
    expect(calls).toHaveLength(1);
    await clock.run(10 * SECOND);
    await get('/badge/all.svg?by=all');
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatchObject({ method: 'GET', path: '/badge/all.svg?by=all&span=30d', body: null });
  });

  it('calls the owner alone for an instance, without the token of the client', async () => {
    const { get, calls } = await startTwo({ page: { hideNumbers: false } });
    expect((await get('/badge/n3.svg?token=public-token', {})).status).toBe(200);
    expect((await get('/badge/n1.svg?token=public-token', {})).status).toBe(200);
    expect(calls.map(({ path }) => path)).toEqual(['/badge/n3.svg?span=30d']);
    expect(JSON.stringify(calls)).not.toContain('-token');
  });
});

describe('the public page of any replica', () => {
  const shown = async (world: World) => {
    const two = await startTwo(world);
    return { ...two, html: await (await two.get('/public?token=public-token', {})).text() };
  };

  it('counts the instances of all replicas, of whole groups', async () => {
    const { html, calls } = await shown({});
    expect(html).toContain('1 of 3 are disturbed');
    expect(html).toMatch(/Rio<\/span><span class="ill">1 of 2 disturbed.*50\.00 % in 90 days/);
    expect(html).toMatch(/Natal<\/span><span class="well">works/);
    expect(html).not.toMatch(/Loja|Incomplete/);
    expect(calls.map(({ path }) => path)).toEqual(['/public?groupBy=label%3Acity&names=false']);
    expect(JSON.stringify(calls)).not.toContain('-token');
  });

  it('lists them in the order of the config, as text', async () => {
    const { html } = await shown({ page: { hideNumbers: false } });
    expect(html).toMatch(/<li class="ill">Loja &lt;3 · 3 — disturbed<\/li><li class="well">n1 · 1<\/li>/);
  });

  it('takes nothing for well of which another replica knows nothing', async () => {
    const group = { name: 'Rio', inMaintenance: false, total: 2, sick: 0, unknown: 2, days: [], instances: [] };
    const body = JSON.stringify({ groups: [group] });
    const { html } = await shown({ says: { status: 200, contentType: '', body } });
    expect(html).toContain('<h1 class="calm">Everything that answers works</h1>');
    expect(html).toMatch(/Rio<\/span><span class="calm">nothing known of 2 of 3/);
  });

  it('names the replicas that gave no answer, and claims nothing about what is missing', async () => {
    const { html } = await shown({ says: null, page: { hideNumbers: false } });
    expect(html).toContain('<p class="note">Incomplete: no answer from two</p>');
    expect(html).toContain('<h1 class="calm">Everything that answers works</h1>');
    expect(html).not.toContain('10.0.0.2');
  });

  it('says so without a name where it hides numbers', async () => {
    const { html } = await shown({ says: null });
    expect(html).toContain('Incomplete: a part of the fleet gives no answer');
    expect(html).not.toContain('two');
  });

  it('shows what another replica says as text, and nothing that is no page', async () => {
    const day = { date: '<i>', healthy: 1, counted: 1 };
    const group = { name: '<b>', inMaintenance: false, total: 1, sick: 0, unknown: 0, days: [day] };
    const instances = [{ name: 'x', text: '<script>', state: 'well' }];
    const body = JSON.stringify({ groups: [{ ...group, days: [], instances }] });
    const { html } = await shown({ says: { status: 200, contentType: '', body }, page: { hideNumbers: false } });
    expect(html).toContain('&lt;b&gt;');
    expect(html).toContain('&lt;script&gt;');
    const odd = JSON.stringify({ groups: [{ ...group, instances }] });
    const refused = await shown({ says: { status: 200, contentType: '', body: odd }, page: { hideNumbers: false } });
    expect(refused.html).toContain('Incomplete: no answer from two');
  });

  it('gives its part to other replicas only', async () => {
    const { get } = await startTwo();
    expect((await get('/public?groupBy=all&names=true', { ...PEER, authorization: 'Bearer wrong' })).status).toBe(401);
    const part = await get('/public?groupBy=all&names=true', PEER);
    expect(await part.json()).toMatchObject({ groups: [{ name: '', total: 1, sick: 0, instances: [{ name: 'n1' }] }] });
    expect((await get('/public?groupBy=city&names=true', PEER)).status).toBe(400);
  });
});
