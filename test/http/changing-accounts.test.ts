import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/core/time.ts';
import { NO_PAST } from '../../src/history/instance-history.ts';
import { createApp } from '../../src/http/app.ts';
import type { PublicSettings } from '../../src/http/http-parts.ts';
import { FROM_PEER } from '../../src/http/peers/peers.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';
import { fakePeers, jsonAnswer, peerOf } from './fake-peers.ts';
import { httpParts, partsOf } from './http-parts.ts';
import { START } from './past-hour.ts';

/** The account of an instance is in its name. */
const accountOf = (name: string): string | null => /^(?:acme|far|moving)(?=-)/.exec(name)?.[0] ?? null;

interface World {
  /** What the second replica says that it watches. Undefined: it is of an older version; null: nobody else lives. */
  readonly watched?: readonly string[] | null | undefined;
  readonly page?: Partial<PublicSettings>;
  readonly discovers?: boolean;
}

/** A replica that watches `acme`. `far` is the second one's, and `moving` nobody's. */
async function start({ watched, page = {}, discovers = false }: World) {
  const clock = fleetClock(START);
  const fleet = await startSmallFleet({ clock, starts: false, instances: [{ id: '1', name: 'acme-1' }] });
  for (const each of fleet.watch.fleet.instances.values()) each.state = { ...each.state, phase: 'healthy' };
  const app = createApp(
    httpParts({
      ...partsOf(fleet),
      history: {
        of: (instances) => Promise.resolve(instances.map(() => NO_PAST)),
        lasting: () => [],
        timezone: 'UTC',
        async *everyIncident() {
          yield* await Promise.resolve([]);
        },
      },
      publicPage: () => ({ public: { groupBy: 'account', hideNumbers: false, token: null, ...page }, lang: null }),
      peers: fakePeers({
        list: () => (watched === null ? [] : [peerOf('two')]),
        accounts: () => (watched === null ? ['acme', 'moving'] : ['acme', 'far', 'moving']),
        ownerOf: (account) => (account === 'acme' ? 'self' : account === 'far' ? peerOf('two') : null),
        ...{ accountOf, discovers },
        call: (_, { path }) => {
          const nothing = {
            instances: [],
            total: 0,
            nextCursor: null,
            events: [],
            groups: [],
            incidents: [],
            part: null,
          };
          if (path.startsWith('/api/v1/instances/')) return jsonAnswer('{}', 404);
          return jsonAnswer(JSON.stringify({ ...nothing, ...(watched && { watched }) }));
        },
      }),
    }),
  );
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    let answered: Response | undefined;
    const answering = Promise.resolve(app.request(path, { method, headers })).then((response) => (answered = response));
    while (answered === undefined) await Promise.race([answering, clock.run(SECOND)]);
    return answered;
  };
  const changing = async (path: string): Promise<unknown> =>
    ((await (await get(path)).json()) as { changing?: unknown }).changing;
  const title = async (path: string): Promise<string | undefined> =>
    /<title>(.*)<\/title>/.exec(await (await get(path)).text())?.[1];
  return { get, changing, title, events: fleet.events };
}

const ANSWERED: World = { watched: ['far'] };

describe('accounts that change their owner', () => {
  it.each(['/api/v1/availability', '/api/v1/availability?groupBy=all', '/api/v1/incidents'])(
    'are named by %s',
    async (path) => {
      expect(await (await start(ANSWERED)).changing(path)).toEqual(['moving']);
      expect(await (await start({ watched: [] })).changing(path)).toEqual(['far', 'moving']);
      expect(await (await start({ watched: undefined })).changing(path)).toEqual([]);
    },
  );

  it.each(['/api/v1/availability?account=acme', '/api/v1/incidents?account=acme', '/api/v1/incidents?name=acme-1'])(
    'are not named by %s, which is about another one',
    async (path) => {
      const { changing } = await start(ANSWERED);
      expect(await changing(path)).toEqual([]);
      expect(await changing(path.replace('acme', 'moving'))).toEqual(['moving']);
    },
  );

  it.each(['/api/v1/availability', '/api/v1/incidents'])('are missing in no table of %s', async (path) => {
    const { get } = await start(ANSWERED);
    const table = await get(`${path}?format=csv`);
    expect([table.status, table.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await table.text()).toContain('No replica is known to watch the account moving');
    expect((await get(`${path}?format=csv&account=acme`)).status).toBe(200);
  });

  it.each(['/api/v1/instances', '/api/v1/status', '/api/v1/availability', '/api/v1/incidents'])(
    'are named by %s also where nobody else lives',
    async (path) => {
      expect(await (await start({ watched: null })).changing(path)).toEqual(['moving']);
    },
  );

  it('are found out by what the replicas say to each other', async () => {
    const { get } = await start(ANSWERED);
    const peer = { [FROM_PEER]: 'true', authorization: 'Bearer peer-token' };
    const paths = [
      '/api/v1/availability',
      '/api/v1/incidents',
      '/badge/all.svg?by=all',
      '/public?groupBy=all&names=false',
    ];
    for (const path of paths) expect(await (await get(path, peer)).json()).toMatchObject({ watched: ['acme'] });
  });

  it('are counted on badges of groups, which are not kept for long', async () => {
    const { get, title } = await start(ANSWERED);
    expect(await title('/badge/all.svg?by=all')).toBe('all 30d: unknown without 1 account');
    expect(await title('/badge/acme.svg?by=account')).toBe('acme 30d: unknown');
    expect(await title('/badge/all.svg?by=all&lang=pt-BR')).toBe('all 30d: sem informações (falta: 1 conta)');
    const kept = async (path: string) => (await get(path)).headers.get('cache-control');
    expect(await kept('/badge/all.svg?by=all')).toBe('max-age=10');
    expect(await kept('/badge/acme-1.svg')).toBe('max-age=60');
  });

  it.each<[path: string, status: number, world?: World]>([
    ['/badge/moving-1.svg', 503],
    ['/badge/moving.svg?by=account', 503],
    ['/badge/far-1.svg', 503, { watched: [] }],
    ['/badge/found.svg', 503, { ...ANSWERED, discovers: true }],
    ['/badge/far-1.svg', 404],
    ['/badge/nobody.svg', 404],
    ['/badge/nobody.svg?by=account', 404],
  ])('have no badge: %s is answered with %i', async (path, status, world = ANSWERED) => {
    const answer = await (await start(world)).get(path);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, status === 503 ? '10' : null]);
  });

  it('are missing on the public page, which says so', async () => {
    const html = async (world: World) => await (await (await start(world)).get('/public')).text();
    for (const world of [ANSWERED, { watched: null }]) {
      expect(await html(world)).toContain('Incomplete: a part of the fleet is being handed over');
      expect(await html(world)).toContain('<h1 class="calm">Everything that answers works</h1>');
    }
    expect(await html({ watched: ['far', 'moving'] })).not.toContain('Incomplete');
  });
});

it('a restart that another replica passes on was requested by the client of that one', async () => {
  const { get, events } = await start(ANSWERED);
  const call = { authorization: 'Bearer peer-token', 'x-forwarded-for': '198.51.100.7' };
  await get('/api/v1/instances/acme-1/restart', { ...call, [FROM_PEER]: 'true' }, 'POST');
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'restart_started',
      intent: expect.objectContaining({ requestedBy: '198.51.100.7' }) as object,
    }),
  );
});

describe('a replica that shows another cluster.token', () => {
  const AS_REPLICA = { [FROM_PEER]: 'true', authorization: 'Bearer token-of-another-cluster' };

  it.each(['/api/v1/status', '/api/v1/instances', '/api/v1/instances/far-1', '/badge/groups/acme.svg', '/public'])(
    '%s is refused where clients need no token: it would be asked in turn, and ask again',
    async (path) => {
      const { get } = await start(ANSWERED);
      const answer = await get(path, AS_REPLICA);
      expect(answer.status).toBe(401);
      expect(answer.headers.get(FROM_PEER)).toBe('refused');
      expect(await answer.text()).toContain('give all replicas the same one');
      expect((await get('/api/v1/status', { [FROM_PEER]: 'true' })).status).toBe(200);
    },
  );

  it('is refused as one that guesses', async () => {
    const { get } = await start(ANSWERED);
    const statuses = new Set<number>();
    for (let times = 0; times < 50; times += 1) statuses.add((await get('/api/v1/status', AS_REPLICA)).status);
    expect([...statuses]).toEqual([401, 429]);
    expect((await get('/api/v1/status', AS_REPLICA)).headers.get(FROM_PEER)).toBe('refused');
    expect((await get('/api/v1/status', { ...AS_REPLICA, authorization: 'Bearer peer-token' })).status).toBe(200);
  });
});
