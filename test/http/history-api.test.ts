import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { Phase } from '../../src/core/instance/instance.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { Incident } from '../../src/history/incident.ts';
import { NO_PAST, type Past } from '../../src/history/instance-history.ts';
import type { Language } from '../../src/language/language.ts';
import type { AvailabilityView, GroupAvailabilityView, IncidentView } from '../../src/http/views/history-schemas.ts';
import type { Instance } from '../../src/runtime/fleet/instance.ts';
import { StoreError } from '../../src/store/store.ts';
import { cron } from '../fleet/policy.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';
import { PeerError, type PeerRequest } from '../../src/http/peers/peers.ts';
import { fakePeers, jsonAnswer, peerOf } from './fake-peers.ts';
import { httpParts, NO_TOKENS, partsOf } from './http-parts.ts';
import { never, pastHour, START } from './past-hour.ts';

const WINDOW = { cron: cron('0 3 * * *'), duration: HOUR, accounts: [], instances: [] };

const PASTS: Readonly<Record<string, Past>> = {
  n1: pastHour({ healthy: 3_600, latency: 100, restarts: 1, healings: 1, healSeconds: 40 }),
  n2: pastHour({ healthy: 1_800, failing: 1_800 }),
  n3: pastHour({ unknown: 3_600 }),
};

const ended = (name: string, minutes: number, set: Partial<Incident> = {}): Incident => ({
  ...{ kind: 'down', name, account: 'acme', cause: 'timeout', trigger: 'failure', endedBy: 'restart', restarts: 1 },
  began: START - HOUR - minutes * MINUTE,
  ended: START - minutes * MINUTE,
  ...set,
});
const INCIDENTS: readonly Incident[] = [
  ended('n2', 0, { ended: null, endedBy: null, trigger: null, began: START - HOUR }),
  ended('n1', 1),
  ended('n2', 2),
  ended('=cmd()', 2),
  ended('n3', 3, { kind: 'needs_human', cause: 'banned', endedBy: 'by_itself', trigger: null }),
];

type Phases = Readonly<Record<string, Phase | 'blind'>>;

/** @param phases of instances by name; any other is healthy */
async function start(set: Parameters<typeof httpParts>[0] = {}, phases: Phases = {}) {
  const clock = fleetClock(START);
  const label = (city: string) => ({ labels: { city } });
  const fleet = await startSmallFleet({
    clock,
    starts: false,
    instances: [
      { id: '1', ...label('São Paulo') },
      { id: '2', ...label('Rio') },
      { id: '3', displayName: 'Loja <3' },
      { id: '4', enabled: false },
    ],
  });
  for (const each of fleet.watch.fleet.instances.values()) {
    const phase = phases[each.name] ?? 'healthy';
    each.state =
      phase === 'blind'
        ? { ...each.state, phase: 'healthy', inconclusive: { since: START, probes: 9, blind: true } }
        : { ...each.state, phase };
  }
  const app = createApp(
    httpParts({
      ...partsOf(fleet),
      history: {
        of: (instances: readonly Instance[]) => Promise.resolve(instances.map(({ name }) => PASTS[name] ?? NO_PAST)),
        lasting: () => [],
        timezone: 'America/Sao_Paulo',
        async *everyIncident() {
          yield* await Promise.resolve(INCIDENTS);
        },
      },
      ...set,
    }),
  );
  const get = async (path: string, headers: Record<string, string> = {}) => {
    let answered: Response | undefined;
    const answering = Promise.resolve(app.request(path, { headers })).then((response) => (answered = response));
    while (answered === undefined) await Promise.race([answering, clock.run(SECOND)]);
    return answered;
  };
  const json = async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T;
  return { get, json };
}

describe('availability', () => {
  it('of an instance says what it was by span, hour, day and month', async () => {
    const { json } = await start();
    const view = await json<AvailabilityView>('/api/v1/instances/n2/availability');
    expect(view).toMatchObject({ name: 'n2', account: 'acme', since: '2026-11-29', timezone: 'America/Sao_Paulo' });
    expect(view.spans['24h']).toMatchObject({ availability: 0.5, healthy: 1_800, failing: 1_800, unknown: 0 });
    expect(view.days).toMatchObject([{ from: '2026-11-29', availability: 0.5 }]);
    expect(view.hours).toMatchObject([{ from: '2026-11-29T09:00:00.000Z' }]);
    expect(view.months).toMatchObject([{ from: '2026-11', restarts: 0, timeToHeal: null }]);
  });

  it.each<[string, Record<string, number | null>]>([
    ['', { acme: 0.5 }],
    ['?groupBy=all', { '': 0.5 }],
    ['?groupBy=label:city', { '': 0, Rio: 0.5, 'São Paulo': 1 }],
    ['?groupBy=all&label=city=Rio', { '': 0.5 }],
    ['?account=nobody', {}],
  ])('of groups (%s) counts their instances together', async (query, expected) => {
    const { groups } = await (await start()).json<{ groups: GroupAvailabilityView[] }>(`/api/v1/availability${query}`);
    expect(Object.fromEntries(groups.map(({ group, spans }) => [group, spans['30d'].availability]))).toEqual(expected);
  });

  it('comes as CSV, a line for each day, hour or month', async () => {
    const answer = await (await start()).get('/api/v1/instances/n1/availability?steps=months', { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(await answer.text()).toBe(
      'name,from,availability,healthy,failing,needsHuman,unknown,paused,restarts,healings,timeToHeal,latency\r\n' +
        'n1,2026-11,1,3600,0,0,0,0,1,1,40,0.1\r\n',
    );
  });

  it.each([
    ['/api/v1/instances/nobody/availability', 404],
    ['/api/v1/availability?groupBy=city', 400],
    ['/api/v1/incidents?limit=0', 400],
    ['/badge/nobody.svg', 404],
    ['/badge/acme.png', 400],
  ])('answers %s with %i', async (path, status) => {
    expect((await (await start()).get(path)).status).toBe(status);
  });

  it('is answered with 503 while the store cannot be read', async () => {
    const of = () => Promise.reject(new StoreError('unavailable', 'the disk is gone'));
    const { get } = await start({ history: { of, everyIncident: () => never(), lasting: () => [], timezone: 'UTC' } });
    expect((await get('/api/v1/instances/n1/availability')).status).toBe(503);
  });
});

describe('incidents', () => {
  it.each<[string, readonly (string | null)[]]>([
    ['', ['n2', 'n1', 'n2', '=cmd()', 'n3']],
    ['?state=open', ['n2']],
    ['?state=ended&name=n2', ['n2']],
    ['?kind=needs_human', ['n3']],
    ['?label=city=Rio', ['n2', 'n2']],
    ['?account=other', []],
  ])('are found by %s', async (query, names) => {
    const { incidents } = await (await start()).json<{ incidents: IncidentView[] }>(`/api/v1/incidents${query}`);
    expect(incidents.map(({ name }) => name)).toEqual(names);
  });

  it('say how long they lasted and what ended them', async () => {
    const { incidents } = await (await start()).json<{ incidents: IncidentView[] }>('/api/v1/incidents');
    expect(incidents[0]).toMatchObject({ ended: null, seconds: 3_600, endedBy: null });
    expect(incidents[1]).toMatchObject({ cause: 'timeout', seconds: 3_600, endedBy: 'restart', trigger: 'failure' });
  });

  it('come page by page, and those that ended at one time on one page', async () => {
    const { json } = await start();
    type Page = { incidents: IncidentView[]; nextBefore: string | null };
    const first = await json<Page>('/api/v1/incidents?limit=3');
    expect(first.incidents).toHaveLength(4);
    const second = await json<Page>(`/api/v1/incidents?limit=3&before=${first.nextBefore ?? ''}`);
    expect(second).toMatchObject({ incidents: [{ name: 'n3' }], nextBefore: null });
  });

  it('are no formulas in a CSV, which has also what people call an instance', async () => {
    const [head, ...lines] = (await (await (await start()).get('/api/v1/incidents?format=csv')).text()).split('\r\n');
    expect(head).toMatch(/^kind,name,displayName,account,cause,began,/);
    expect(lines[3]).toMatch(/^down,'=cmd\(\),,acme,timeout,/);
    expect(lines[4]).toMatch(/^needs_human,n3,Loja <3,acme,banned,/);
  });
});

describe('a badge', () => {
  it.each([
    ['/badge/n1.svg?span=7d', 'n1 7d: 100 %'],
    ['/badge/n3.svg', 'Loja &lt;3 30d: 0.00 %'],
    ['/badge/acme.svg?by=account', 'acme 30d: 50.00 %'],
    ['/badge/S%C3%A3o%20Paulo.svg?by=label:city', 'São Paulo 30d: 100 %'],
  ])('%s', async (path, title) => {
    const answer = await (await start()).get(path);
    expect(answer.headers.get('content-type')).toContain('image/svg+xml');
    expect(await answer.text()).toContain(`<title>${title}</title>`);
  });

  it('speaks the language that is wanted, or that of the config, or of the browser', async () => {
    const titled = async (path: string, lang: Language | null, accepted: string): Promise<string> => {
      const { get } = await start({ publicPage: () => ({ public: null, lang }) });
      const answer = await get(path, { 'accept-language': accepted });
      expect(answer.headers.get('vary')).toBe('accept-language');
      return /<title>(.*)<\/title>/.exec(await answer.text())?.[1] ?? '';
    };
    const HALF = '/badge/acme.svg?by=account';
    const [ENGLISH, PORTUGUESE] = ['acme 30d: 50.00 %', 'acme 30d: 50,00 %'];
    expect(await titled(`${HALF}&lang=pt-BR`, 'en', 'en')).toBe(PORTUGUESE);
    expect(await titled(`${HALF}&lang=en`, 'pt-BR', 'pt-BR')).toBe(ENGLISH);
    expect(await titled(HALF, 'pt-BR', 'en')).toBe(PORTUGUESE);
    expect(await titled(HALF, null, 'pt-PT,en')).toBe(PORTUGUESE);
    expect(await titled(HALF, null, 'de')).toBe(ENGLISH);
    expect(await titled('/badge/n1.svg?span=7d&lang=pt-BR', null, '')).toBe('n1 7d: 100 %');
  });

  it('needs the token for reading where there is one', async () => {
    const { get } = await start({ access: () => ({ ...NO_TOKENS, readToken: 'read-token-1' }) });
    expect((await get('/badge/n1.svg')).status).toBe(401);
    expect((await get('/badge/n1.svg', { authorization: 'Bearer read-token-1' })).status).toBe(200);
  });
});

describe('a badge beside a public page', () => {
  it.each<[string, boolean, number]>([
    ['/badge/all.svg?by=all', true, 200],
    ['/badge/S%C3%A3o%20Paulo.svg?by=label:city', true, 200],
    ['/badge/acme.svg?by=account', true, 401],
    ['/badge/n1.svg', true, 401],
    ['/badge/nobody.svg', true, 401],
    ['/badge/n1.svg', false, 200],
  ])('%s, while that hides numbers (%s), is answered with %i', async (path, hideNumbers, status) => {
    const { get } = await start({
      publicPage: () => ({ public: { groupBy: 'label:city', hideNumbers, token: null }, lang: null }),
      access: () => ({ ...NO_TOKENS, readToken: 'read-token-1' }),
    });
    expect((await get(path)).status).toBe(status);
    expect((await get(path, { authorization: 'Bearer read-token-1' })).status).not.toBe(401);
  });
});

describe('the public page', () => {
  const settings = { groupBy: 'label:city', hideNumbers: true, token: null } as const;
  const shown = (set: Partial<{ groupBy: 'account'; hideNumbers: boolean; token: string }>, phases: Phases = {}) =>
    start(
      {
        publicPage: () => ({ public: { ...settings, ...set }, lang: null }),
        access: () => ({ ...NO_TOKENS, readToken: 'read-token-1' }),
        guards: () => ({
          networkUp: true,
          openMaintenance: () => [],
          maintenanceAhead: () => [{ window: { ...WINDOW, name: 'Troca <b>' }, opensAt: START + HOUR }],
        }),
      },
      phases,
    );

  it('is there where it is configured, in the language of the reader, without names and numbers', async () => {
    expect((await (await start()).get('/public')).status).toBe(404);
    const answer = await (await shown({})).get('/public', { 'accept-language': 'pt-BR,pt;q=0.9' });
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const html = await answer.text();
    expect(html).toContain('<html lang="pt-BR">');
    expect(html).toContain('São Paulo');
    expect(html).toContain('100,00 % em 90 dias');
    expect(html).toContain('Manutenção programada: Troca &lt;b&gt;');
    expect(html).not.toContain('Loja');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('http-equiv="refresh"');
  });

  it('shows instances where that is wanted, as text', async () => {
    const html = await (await (await shown({ hideNumbers: false, groupBy: 'account' })).get('/public')).text();
    expect(html).toContain('Loja &lt;3 · 3');
  });

  it.each<[Phases, string, string]>([
    [{}, '<h1 class="well">Everything works</h1>', '<span class="well">works</span>'],
    [
      { n1: 'unknown', n2: 'suspect' },
      '<h1 class="calm">Everything that answers works</h1>',
      '<span class="calm">nothing known of 1 of 3</span>',
    ],
    [
      { n1: 'unknown', n2: 'unknown', n3: 'unknown' },
      '<h1 class="calm">Nothing is known at the moment</h1>',
      '<span class="calm">nothing known of 3 of 3</span>',
    ],
    [
      { n1: 'unknown', n3: 'down' },
      '<h1 class="ill">1 of 3 are disturbed</h1>',
      '<li class="well">n2 · 2</li><li class="ill">Loja &lt;3 · 3 — disturbed</li>',
    ],
    [{ n2: 'blind' }, 'answers works', '<span class="calm">nothing known of 1 of 3</span>'],
    [{ n1: 'unknown' }, 'answers works', '<li class="calm">n1 · 1 — nothing known</li><li class="well">n2 · 2</li>'],
  ])('with %o takes nothing that is unknown for well, and says it in words', async (phases, headline, part) => {
    const { get } = await shown({ hideNumbers: false, groupBy: 'account' }, phases);
    const html = await (await get('/public')).text();
    expect(html).toContain(headline);
    expect(html).toContain(part);
  });

  it('renews itself where that is wanted, with the token that it was opened with', async () => {
    const { get } = await shown({ token: 'public-token' });
    const once = await (await get('/public?token=public-token')).text();
    expect(once).toContain('href="?token=public-token&amp;renew=true"');
    const again = await (await get('/public?token=public-token&renew=true')).text();
    expect(again).toContain('<meta http-equiv="refresh" content="60">');
    expect(again).toContain('href="?token=public-token"');
  });

  it.each([
    ['/public', {}, 401],
    ['/public?token=wrong', {}, 401],
    ['/public?token=public-token', {}, 200],
    ['/public?token=read-token-1', {}, 401],
    ['/public', { authorization: 'Bearer read-token-1' }, 200],
    ['/badge/Rio.svg?by=label:city&token=public-token', {}, 200],
    ['/api/v1/status?token=public-token', { authorization: 'Bearer public-token' }, 401],
  ])('with a token of its own: %s %o is answered with %i', async (path, headers, status) => {
    expect((await (await shown({ token: 'public-token' })).get(path, headers)).status).toBe(status);
  });
});

describe('with other replicas, what the history says', () => {
  /** One more replica, which answers with this, and one that does not. */
  function others(answer: object | null) {
    const calls: PeerRequest[] = [];
    const peers = fakePeers({
      list: () => [peerOf(answer === null ? 'gone' : 'other', null)],
      call(_, request) {
        calls.push(request);
        if (answer === null) return Promise.reject(new PeerError('ECONNREFUSED', false));
        return jsonAnswer(JSON.stringify(answer));
      },
    });
    return { peers, calls };
  }

  it('of groups is that of the whole fleet', async () => {
    const { groups } = await (
      await start()
    ).json<{ groups: GroupAvailabilityView[] }>('/api/v1/availability?groupBy=all');
    const { peers, calls } = others({ groups });
    const joined = await (
      await start({ peers })
    ).json<{ groups: GroupAvailabilityView[]; missing: unknown[] }>('/api/v1/availability?groupBy=all&format=json');
    expect(joined.groups).toMatchObject([{ instances: 6, spans: { '24h': { healthy: 10_800, availability: 0.5 } } }]);
    expect(joined.missing).toEqual([]);
    expect(calls.map(({ path }) => path)).toEqual(['/api/v1/availability?groupBy=all&format=json']);
  });

  it('has the incidents that last elsewhere, on the first page and where those are wanted', async () => {
    const [lasting] = (await (await start()).json<{ incidents: IncidentView[] }>('/api/v1/incidents')).incidents;
    const { peers, calls } = others({ incidents: [{ ...lasting, name: 'elsewhere' }] });
    const { json } = await start({ peers });
    const names = async (query: string): Promise<(string | null)[]> =>
      (await json<{ incidents: IncidentView[] }>(`/api/v1/incidents${query}`)).incidents.map(({ name }) => name);
    expect((await names('')).filter((name) => name === 'elsewhere')).toHaveLength(1);
    expect(calls[0]?.path).toBe('/api/v1/incidents?state=open&format=json');
    expect(await names('?state=ended')).not.toContain('elsewhere');
    expect(calls).toHaveLength(1);
  });

  it('names instances of other replicas as those or the config call them, also where an older replica does not', async () => {
    const [lasting] = (await (await start()).json<{ incidents: IncidentView[] }>('/api/v1/incidents')).incidents;
    const older = { ...lasting, displayName: undefined };
    const { peers } = others({
      incidents: [
        { ...older, name: 'found', displayName: 'Loja achada' },
        { ...older, name: 'old' },
      ],
    });
    const known = fakePeers({ ...peers, displayNameOf: (name) => (name === '=cmd()' ? 'Loja do vizinho' : null) });
    const { incidents } = await (
      await start({ peers: known })
    ).json<{ incidents: IncidentView[] }>('/api/v1/incidents');
    const called = Object.fromEntries(incidents.map(({ name, displayName }) => [String(name), displayName] as const));
    expect(called).toEqual({
      ...{ found: 'Loja achada', old: null, n1: null, n2: null },
      ...{ '=cmd()': 'Loja do vizinho', n3: 'Loja <3' },
    });
  });

  it.each(['/api/v1/availability', '/api/v1/incidents'])(
    'of %s names who gave no answer; a table is refused',
    async (path) => {
      const { peers } = others(null);
      const { json, get } = await start({ peers });
      expect(await json(path)).toMatchObject({ missing: [{ replica: 'gone', reason: 'ECONNREFUSED' }] });
      const table = await get(`${path}?format=csv`);
      expect([table.status, await table.text()]).toEqual([
        503,
        expect.stringContaining('The replica gone gave no answer'),
      ]);
    },
  );

  it('of events names the replicas that gave no answer as well', async () => {
    const { peers } = others(null);
    const { json } = await start({ peers });
    expect(await json('/api/v1/events')).toMatchObject({ missing: [{ replica: 'gone', reason: 'ECONNREFUSED' }] });
    expect(await json('/api/v1/events?after=1')).not.toHaveProperty('missing');
  });
});
