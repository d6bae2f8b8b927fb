import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import type { Account } from '../../src/runtime/fleet/account.ts';
import type { GatewayHealth } from '../../src/gateway/gateway.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testAccount, testGuards, type TestInstance } from '../fleet/fleet.ts';
import { testPolicy } from '../fleet/policy.ts';
import { fleetClock, FORTY, ids, prepareReload, startSmallFleet, type SmallFleet } from '../fleet/small-fleet.ts';

const ORIGIN = 'http://fake';
const NO_LIMITS = { requestsPerSecond: null, concurrency: null, restartsPerMinute: 600, concurrentRestarts: 600 };

type PerGateway = Partial<Record<keyof typeof NO_LIMITS, number | null>>;
const perGateway = (set: PerGateway) => ({ ...NO_LIMITS, ...set }) as typeof NO_LIMITS;

/** Accounts of the same gateway, with one number each. */
const startTogether = (accounts: number, more: Parameters<typeof startSmallFleet>[0] = {}): Promise<SmallFleet> =>
  startSmallFleet({
    ids: ids(accounts),
    origins: Array.from({ length: accounts }, () => ORIGIN),
    guard: FORTY,
    ...more,
  });

/** How many of these moments lie within a second, or another span, at most. */
function mostWithin(moments: readonly { readonly at: number }[], span: number): number {
  const counts = moments.map(({ at }) => moments.filter((other) => other.at >= at && other.at < at + span).length);
  return Math.max(0, ...counts);
}

describe('twelve accounts with one number each, on one gateway', () => {
  it('are a storm together: one canary, and the others only once it has healed', async () => {
    const fleet = await startTogether(12);
    const { gateway, clock, watch } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(6)) gateway.causes.set(id, 'disconnected');
    await clock.run(3 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    const accounts = [
      'acme',
      ...ids(12)
        .slice(1)
        .map((id) => `acme${id}`),
    ];
    expect(fleet.published('storm_began')).toMatchObject([
      { account: 'acme', gateway: { origin: ORIGIN, accounts }, sick: 6, watched: 12, allowed: 4 },
    ]);
    for (const account of watch.fleet.accounts.values()) expect(account.inStorm).toBe(true);
    const [canary] = gateway.restarts;
    gateway.onRestart = (id) => gateway.causes.set(id, 'connected');
    gateway.causes.set(canary!.id, 'connected');
    await clock.run(20 * MINUTE);
    expect(new Set(gateway.restarts.map(({ id }) => id))).toEqual(new Set(ids(6)));
    expect(fleet.published('storm_ended')).toMatchObject([{ gateway: { origin: ORIGIN } }]);
  });

  it('know together that the gateway is down, and restart nothing', async () => {
    const fleet = await startTogether(12);
    const { gateway, clock, watch } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(12)) gateway.causes.set(id, 'timeout');
    await clock.run(20 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    const began = fleet.published('gateway_outage_began');
    expect(began).toMatchObject([{ gateway: { origin: ORIGIN }, watched: 12 }]);
    for (const account of watch.fleet.accounts.values()) expect(account.inGatewayOutage).toBe(true);
    for (const id of ids(12)) gateway.causes.set(id, 'connected');
    await clock.run(10 * MINUTE);
    expect(fleet.published('gateway_outage_ended')).toHaveLength(1);
    expect(gateway.restarts).toEqual([]);
  });

  it('are one incident when the health route of their gateway says so, which one of them calls for all', async () => {
    let health: GatewayHealth = 'up';
    let calls = 0;
    const healthRoute = {
      health: () => {
        calls += 1;
        return Promise.resolve(health);
      },
    };
    const fleet = await startTogether(12, { healthRoute });
    const { clock, watch } = fleet;
    await clock.run(5 * MINUTE);
    expect(calls).toBeLessThanOrEqual(12);
    health = 'down';
    await clock.run(2 * MINUTE);
    expect(fleet.published('gateway_outage_began')).toMatchObject([{ gateway: { origin: ORIGIN } }]);
    for (const account of watch.fleet.accounts.values()) expect(account.inGatewayOutage).toBe(true);
    health = 'up';
    await clock.run(2 * MINUTE);
    expect(fleet.published('gateway_outage_ended')).toHaveLength(1);
    for (const account of watch.fleet.accounts.values()) expect(account.inGatewayOutage).toBe(false);
  });

  it('make no more restarts together than the gateway may be sent', async () => {
    const limits = perGateway({ restartsPerMinute: 3, concurrentRestarts: 2 });
    const fleet = await startTogether(12, { guard: { perGateway: limits } });
    const { gateway, clock, watch } = fleet;
    gateway.restartTakes = 5 * SECOND;
    await clock.run(MINUTE);
    for (const id of ids(12)) gateway.causes.set(id, 'disconnected');
    await clock.run(8 * MINUTE);
    expect(new Set(gateway.restarts.map(({ id }) => id))).toEqual(new Set(ids(12)));
    expect(mostWithin(gateway.restarts, MINUTE)).toBe(3);
    expect(mostWithin(gateway.restarts, 5 * SECOND)).toBe(2);
    expect([...watch.fleet.accounts.values()].every(({ shared }) => shared?.group.restarts.inFlight === 0)).toBe(true);
  });

  it('make no more requests together than the gateway may be sent', async () => {
    const fleet = await startTogether(12, {
      policy: testPolicy({ every: 5 }),
      guard: { perGateway: perGateway({ requestsPerSecond: 2, concurrency: 3 }) },
    });
    const { gateway, clock } = fleet;
    gateway.probeTakes = SECOND;
    await clock.run(2 * MINUTE);
    expect(gateway.most).toBeLessThanOrEqual(3);
    expect(mostWithin(gateway.probes, SECOND)).toBeLessThanOrEqual(3);
    expect(mostWithin(gateway.probes, MINUTE)).toBeLessThanOrEqual(2 * 60 + 1);
    // None starves, and the capacity is used.
    expect(gateway.probes.length).toBeGreaterThan(200);
    for (const id of ids(12)) expect(gateway.probes.filter((probe) => probe.id === id).length).toBeGreaterThan(15);
  });

  it('have their restart calls counted among the requests', async () => {
    const fleet = await startTogether(12, {
      policy: testPolicy({ every: 600, threshold: 1 }),
      guard: { perGateway: perGateway({ concurrency: 1 }) },
    });
    const { gateway, clock } = fleet;
    await clock.run(MINUTE);
    gateway.restartTakes = 20 * SECOND;
    for (const id of ids(12)) gateway.causes.set(id, 'disconnected');
    await clock.run(15 * MINUTE);
    expect(new Set(gateway.restarts.map(({ id }) => id))).toEqual(new Set(ids(12)));
    const [first] = gateway.restarts;
    const calls = [...gateway.probes, ...gateway.restarts].filter(({ at }) => at > first!.at);
    expect(mostWithin(gateway.restarts, 20 * SECOND)).toBe(1);
    expect(calls.filter(({ at }) => at < first!.at + 20 * SECOND)).toEqual([]);
  });
});

describe('an account alone on its gateway', () => {
  it('has its restarts called before the probes that wait', async () => {
    const policy = testPolicy({ every: 5, threshold: 1 });
    const { gateway, clock, published } = await startSmallFleet({ ids: ids(30), policy, concurrency: 1 });
    gateway.probeTakes = SECOND;
    await clock.run(MINUTE);
    gateway.causes.set('9', 'disconnected');
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    const [started] = published('restart_started');
    expect(gateway.restarts[0]!.at - started!.at).toBeLessThanOrEqual(2 * SECOND);
  });

  it('is not limited by what all accounts of a gateway may do together', async () => {
    const tight = perGateway({ requestsPerSecond: 0.1, concurrency: 1, restartsPerMinute: 1, concurrentRestarts: 1 });
    const alone = await startSmallFleet({ ids: ids(12), guard: { perGateway: tight } });
    const free = await startSmallFleet({ ids: ids(12) });
    for (const { gateway, clock } of [alone, free]) {
      gateway.probeTakes = 300;
      await clock.run(MINUTE);
      for (const id of ids(12)) gateway.causes.set(id, 'disconnected');
      await clock.run(5 * MINUTE);
    }
    expect(alone.gateway.restarts).toEqual(free.gateway.restarts);
    expect(alone.gateway.restarts).toHaveLength(12);
    expect(alone.gateway.probes).toEqual(free.gateway.probes);
    expect(alone.watch.fleet.accounts.get('acme')?.shared).toBeNull();
  });

  it('is in no storm of a neighbour at another gateway', async () => {
    const origins = [ORIGIN, ORIGIN, ORIGIN, 'http://other'];
    const fleet = await startSmallFleet({ ids: ids(4), origins, guard: FORTY });
    const { gateway, clock, watch } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(4)) gateway.causes.set(id, 'disconnected');
    await clock.run(90 * SECOND);
    expect(gateway.restarts.map(({ id }) => id)).toContain('4');
    expect(gateway.restarts).toHaveLength(2);
    expect([...watch.fleet.accounts.values()].map(({ inStorm }) => inStorm)).toEqual([true, true, true, false]);
  });
});

/** Accounts, each over a gateway that only it uses, so that a test sees what each of them sends, and where to. */
async function startApart(names: readonly string[], guard: Parameters<typeof testGuards>[0] = {}, every = 5) {
  const clock = fleetClock();
  const policy = testPolicy({ every });
  const gateways = new Map<string, FakeGateway>();
  /** An account at a gateway of this origin; another origin is another way. */
  const at = (name: string, origin: string): Account => {
    const gateway = new FakeGateway(clock);
    gateway.probeTakes = SECOND;
    gateways.set(`${name} ${origin}`, gateway);
    return testAccount(clock, { name, origin, gateway });
  };
  const numbers = (each: readonly string[], perAccount = 6): TestInstance[] =>
    each.flatMap((account) => ids(perAccount).map((id) => ({ id: `${account}${id}`, account, policy })));
  const fleet = await startSmallFleet({ clock, ids: [], starts: false });
  const reload = async (accounts: readonly Account[], instances: TestInstance[], set = guard) =>
    (await prepareReload(fleet.watch, { accounts, instances, guards: testGuards(set) }))();
  await reload(
    names.map((name) => at(name, ORIGIN)),
    numbers(names),
  );
  fleet.watch.start();
  /** What was sent to a gateway since then, by all its accounts. */
  const sentTo = (origin: string, since: number): { readonly at: number }[] =>
    [...gateways].flatMap(([key, { probes }]) =>
      key.endsWith(` ${origin}`) ? probes.filter((each) => each.at > since) : [],
    );
  return { ...fleet, at, numbers, reload, sentTo, gateways };
}

describe('a reload', () => {
  const limits = (set: PerGateway) => ({ guard: { perGateway: perGateway(set) } });

  it('may change the limits of a gateway, and lift them: what waited goes at once', async () => {
    const world = await startApart(['acme', 'beta'], limits({ requestsPerSecond: 0.5 }));
    const { clock, watch, sentTo, reload, numbers } = world;
    await clock.run(2 * MINUTE);
    expect(sentTo(ORIGIN, 0).length).toBeLessThanOrEqual(61);
    const accounts = [...watch.fleet.accounts.values()];
    const all = numbers(['acme', 'beta']);
    let since = clock.now();
    await reload(accounts, all, limits({ requestsPerSecond: 1 }));
    await clock.run(MINUTE);
    expect(sentTo(ORIGIN, since).length).toBeGreaterThan(55);
    expect(sentTo(ORIGIN, since).length).toBeLessThanOrEqual(61);
    since = clock.now();
    await reload(accounts, all, limits({}));
    await clock.run(SECOND);
    expect(new Set(sentTo(ORIGIN, since).map((probe) => (probe as { id?: string }).id)).size).toBeGreaterThanOrEqual(6);
    await clock.run(MINUTE);
    expect(sentTo(ORIGIN, since).length).toBeGreaterThan(110);
    since = clock.now();
    await reload(accounts, all, limits({ requestsPerSecond: 0.5 }));
    await clock.run(MINUTE);
    expect(sentTo(ORIGIN, since).length).toBeLessThanOrEqual(31);
  });

  it('that adds a second account to a gateway limits both, also in what waited before', async () => {
    const world = await startApart(['acme'], limits({ requestsPerSecond: 1, concurrency: 1 }));
    const { clock, watch, at, numbers, reload, sentTo } = world;
    await clock.run(2 * MINUTE);
    expect(sentTo(ORIGIN, clock.now() - MINUTE).length).toBeGreaterThan(61);
    const acme = watch.fleet.accounts.get('acme')!;
    await reload([acme, at('beta', ORIGIN)], numbers(['acme', 'beta']));
    const since = clock.now();
    await clock.run(2 * MINUTE);
    expect(sentTo(ORIGIN, since).length).toBeGreaterThan(100);
    expect(mostWithin(sentTo(ORIGIN, since), SECOND)).toBeLessThanOrEqual(2);
    expect(sentTo(ORIGIN, since).length).toBeLessThanOrEqual(121);
  });

  it('that adds a third account lets none of them send more than before, whatever is under way', async () => {
    const world = await startApart(['acme', 'beta'], limits({ concurrency: 2 }));
    const { clock, watch, at, numbers, reload, sentTo, gateways } = world;
    for (const gateway of gateways.values()) gateway.probeTakes = 4 * SECOND;
    await clock.run(MINUTE + 2 * SECOND);
    await reload([...watch.fleet.accounts.values(), at('gamma', ORIGIN)], numbers(['acme', 'beta', 'gamma']));
    for (const gateway of gateways.values()) gateway.probeTakes = 4 * SECOND;
    await clock.run(2 * MINUTE);
    expect(mostWithin(sentTo(ORIGIN, 0), 4 * SECOND)).toBeLessThanOrEqual(2);
    expect(sentTo(ORIGIN, 0).length).toBeGreaterThan(80);
  });

  it('that moves an account to another gateway limits it there, with what waited, and frees it of the old limits', async () => {
    const world = await startApart(['acme', 'beta', 'gamma'], limits({ requestsPerSecond: 1 }));
    const { clock, watch, at, numbers, reload, sentTo } = world;
    await clock.run(2 * MINUTE);
    const { accounts } = watch.fleet;
    const elsewhere = 'http://elsewhere';
    const names = ['acme', 'beta', 'gamma', 'delta'];
    await reload(
      [accounts.get('acme')!, accounts.get('beta')!, at('gamma', elsewhere), at('delta', elsewhere)],
      numbers(names),
    );
    let since = clock.now();
    await clock.run(2 * MINUTE);
    for (const origin of [ORIGIN, elsewhere]) {
      expect(sentTo(origin, since).length, origin).toBeGreaterThan(100);
      expect(sentTo(origin, since).length, origin).toBeLessThanOrEqual(121);
      expect(mostWithin(sentTo(origin, since), SECOND), origin).toBeLessThanOrEqual(2);
    }
    // Alone again, each is free.
    await reload([accounts.get('acme')!, at('gamma', elsewhere)], numbers(['acme', 'gamma']));
    since = clock.now();
    await clock.run(MINUTE);
    for (const origin of [ORIGIN, elsewhere]) expect(sentTo(origin, since).length, origin).toBeGreaterThan(61);
  });

  it('that takes accounts apart lets go at once what waits for their gateway, however slow it may be called', async () => {
    const world = await startApart(['acme', 'beta', 'gamma'], limits({ requestsPerSecond: 0.01 }));
    const { clock, watch, at, numbers, reload, sentTo } = world;
    await clock.run(2 * MINUTE);
    expect(sentTo(ORIGIN, 0).length).toBeLessThanOrEqual(3);
    const since = clock.now();
    await reload(
      [watch.fleet.accounts.get('acme')!, at('beta', 'http://b'), at('gamma', 'http://c')],
      numbers(['acme', 'beta', 'gamma']),
    );
    await clock.run(MINUTE);
    for (const origin of [ORIGIN, 'http://b', 'http://c']) {
      expect(sentTo(origin, since).length, origin).toBeGreaterThan(61);
    }
  });

  it('that brings accounts together counts the restarts that each of them has made or is making', async () => {
    const set = limits({ restartsPerMinute: 2, concurrentRestarts: 1 });
    const world = await startApart(['acme'], set);
    const { clock, watch, at, numbers, reload, gateways, events } = world;
    await clock.run(MINUTE);
    const gateway = gateways.get(`acme ${ORIGIN}`)!;
    gateway.restartTakes = 15 * SECOND;
    for (const id of ids(2)) gateway.causes.set(`acme${id}`, 'disconnected');
    while (gateway.restarts.length < 2) await clock.run(SECOND);
    const acme = watch.fleet.accounts.get('acme')!;
    expect(acme.group.restarts.inFlight).toBe(2);
    await reload([acme, at('beta', ORIGIN)], numbers(['acme', 'beta']), set);
    expect(acme.shared?.group.restarts).toEqual(acme.group.restarts);
    gateway.causes.set('acme3', 'disconnected');
    await clock.run(20 * SECOND);
    expect(acme.shared?.group.restarts.inFlight).toBe(0);
    await clock.run(3 * MINUTE);
    expect(gateway.restarts).toHaveLength(3);
    expect(gateway.restarts[2]!.at - gateway.restarts[0]!.at).toBeGreaterThanOrEqual(MINUTE);
    expect(events.filter(({ type }) => type === 'decision_failed')).toEqual([]);
  });

  it('that takes an account away counts the restarts on that it has made or is making', async () => {
    const set = limits({ restartsPerMinute: 3, concurrentRestarts: 3 });
    const { clock, watch, numbers, reload, gateways } = await startApart(['acme', 'beta', 'gamma'], set);
    await clock.run(MINUTE);
    const gateway = gateways.get(`gamma ${ORIGIN}`)!;
    gateway.restartTakes = 15 * SECOND;
    for (const id of ids(2)) gateway.causes.set(`gamma${id}`, 'disconnected');
    while (gateway.restarts.length < 2) await clock.run(SECOND);
    const { accounts } = watch.fleet;
    await reload([accounts.get('acme')!, accounts.get('beta')!], numbers(['acme', 'beta']), set);
    const { restarts } = watch.fleet.accounts.get('acme')!.shared!.group;
    expect([restarts.inFlight, restarts.ended.length]).toEqual([0, 2]);
  });

  it('that leaves the accounts of a gateway as they are does not end a wait of its storm', async () => {
    // Once it is healthy, nothing but time ends the wait.
    const fleet = await startTogether(12, { policy: testPolicy({ failuresWithin: [1, 1] }) });
    const { gateway, clock, watch } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(6)) gateway.causes.set(id, 'disconnected');
    while (fleet.published('storm_began').length === 0) await clock.run(SECOND);
    for (const id of ids(6)) gateway.causes.set(id, 'connected');
    while (fleet.published('storm_ended').length === 0) await clock.run(SECOND);
    await clock.run(MINUTE);
    const { shared } = watch.fleet.accounts.get('acme')!;
    expect(shared!.group.storm.storm.mode).toBe('quiet');
    (await prepareReload(watch, { guards: testGuards({ guard: FORTY }) }))();
    expect(watch.fleet.accounts.get('acme')!.shared).toBe(shared);
    expect(shared!.group.storm.storm.mode).toBe('quiet');
    await clock.run(MINUTE + SECOND);
    expect(shared!.group.storm.storm.mode).toBe('calm');
  });

  it('that takes the accounts of a gateway apart ends what was published of them together', async () => {
    const fleet = await startTogether(3);
    const { gateway, clock, watch, events } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(3)) gateway.causes.set(id, 'timeout');
    await clock.run(10 * MINUTE);
    expect(fleet.published('gateway_outage_began')).toHaveLength(1);
    const [acme] = watch.fleet.accounts.values();
    (
      await prepareReload(watch, {
        accounts: [acme!],
        instances: [{ id: '1', account: 'acme' }],
        guards: testGuards({ guard: FORTY }),
      })
    )();
    expect(acme?.shared).toBeNull();
    expect(acme?.inGatewayOutage).toBe(false);
    const ended = fleet.published('gateway_outage_ended');
    expect(ended).toMatchObject([{ gateway: { origin: ORIGIN, accounts: ['acme', 'acme2', 'acme3'] } }]);
    await clock.run(10 * MINUTE);
    expect(events.filter(({ type }) => type.startsWith('gateway_outage'))).toHaveLength(2);
  });
});

describe('another account at a gateway that is down', () => {
  it('begins its outage again, with all its accounts, and the one before is over', async () => {
    const fleet = await startTogether(3);
    const { gateway, clock, watch } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(4)) gateway.causes.set(id, 'timeout');
    await clock.run(5 * MINUTE);
    const accounts = [...watch.fleet.accounts.values()];
    const fourth = testAccount(clock, { name: 'fourth', origin: ORIGIN, gateway });
    const instances = ['acme', 'acme2', 'acme3', 'fourth'].map((account, index) => ({ id: ids(4)[index]!, account }));
    const wanted = { accounts: [...accounts, fourth], instances, guards: testGuards({ guard: FORTY }) };
    (await prepareReload(watch, wanted))();
    await clock.run(5 * MINUTE);
    const together = ['acme', 'acme2', 'acme3'];
    const outages = fleet.events.filter(({ type }) => type.startsWith('gateway_outage'));
    expect(outages).toMatchObject([
      { type: 'gateway_outage_began', gateway: { accounts: together } },
      { type: 'gateway_outage_ended', gateway: { accounts: together } },
      { type: 'gateway_outage_began', gateway: { accounts: [...together, 'fourth'] } },
    ]);
    expect(gateway.restarts).toEqual([]);
  });
});

describe('a watchdog that stops', () => {
  it('drops what waits for a gateway, and no timer is left', async () => {
    const clock = fleetClock();
    const after = clock.after.bind(clock);
    const timers = new Set<() => void>();
    clock.after = (delay, callback) => {
      const cancel = after(delay, () => {
        timers.delete(cancel);
        callback();
      });
      timers.add(cancel);
      return () => {
        timers.delete(cancel);
        cancel();
      };
    };
    const fleet = await startTogether(12, { clock, guard: { perGateway: perGateway({ requestsPerSecond: 0.01 }) } });
    await clock.run(MINUTE);
    expect(timers.size).toBeGreaterThan(0);
    const stopped = fleet.watch.stop();
    await clock.run(MINUTE);
    await stopped;
    await fleet.store.close();
    expect(timers.size).toBe(0);
  });
});

describe('accounts with several numbers each, on one gateway', () => {
  it.each(['gateway_outage', 'storm'] as const)(
    'do not announce again what was announced for their gateway: %s',
    async (incident) => {
      const origins = Array.from({ length: 4 }, () => ORIGIN);
      const fleet = await startSmallFleet({ ids: ids(24), origins, guard: FORTY });
      const { gateway, clock, watch } = fleet;
      gateway.onRestart = () => undefined;
      await clock.run(MINUTE);
      for (const id of ids(24)) gateway.causes.set(id, incident === 'storm' ? 'disconnected' : 'timeout');
      await clock.run(20 * MINUTE);
      const began = fleet.published(`${incident}_began`);
      expect(began.filter((event) => 'gateway' in event)).toHaveLength(1);
      // Those that were quicker than their gateway were notified already.
      expect(began.length).toBeLessThan(4);
      for (const { group } of watch.fleet.accounts.values()) expect(group.outage || group.storm.announced).toBe(true);
      for (const id of ids(24)) gateway.causes.set(id, 'connected');
      await clock.run(20 * MINUTE);
      expect(fleet.published(`${incident}_ended`)).toHaveLength(began.length);
    },
  );
});
