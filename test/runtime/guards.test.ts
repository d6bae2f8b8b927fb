import { describe, expect, it } from 'vitest';
import { allowedSick, gatewayLooksDown } from '../../src/core/group/tally.ts';
import type { Hold } from '../../src/core/instance/instance.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { GatewayHealth } from '../../src/gateway/gateway.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { cron, testPolicy } from '../fleet/policy.ts';
import type { FakeGateway } from '../fleet/fake-gateway.ts';
import { bound, fleetClock, type SmallFleet, startSmallFleet } from '../fleet/small-fleet.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));
const GUARD = { maxUnhealthy: { type: 'percent', percent: 40 }, stormCooldown: 2 * MINUTE } as const;

function holdsSeen({ events }: SmallFleet): Hold[] {
  return [...new Set(events.flatMap((event) => (event.type === 'restart_held' ? [event.hold] : [])))];
}

function count({ events }: SmallFleet, type: string): number {
  return events.filter((event) => event.type === type).length;
}

/** The most restart calls that began within any minute, as the gateway counted. */
function mostPerMinute(gateway: FakeGateway): number {
  const within = gateway.restarts.map(({ at }) =>
    gateway.restarts.filter((other) => other.at >= at && other.at < at + MINUTE),
  );
  return Math.max(0, ...within.map(({ length }) => length));
}

describe('how many may be sick', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [5, 2],
    [9, 3],
    [10, 4],
    [50, 20],
  ])('of %i instances: %i, rounded down, but always one', (watched, allowed) => {
    expect(allowedSick({ maxUnhealthy: { type: 'percent', percent: 40 }, alwaysAllow: 1 }, watched)).toBe(allowed);
  });

  it('is what the user says, when it is a number', () => {
    expect(allowedSick({ maxUnhealthy: { type: 'count', count: 3 }, alwaysAllow: 1 }, 1000)).toBe(3);
    expect(allowedSick({ maxUnhealthy: { type: 'count', count: 0 }, alwaysAllow: 2 }, 1000)).toBe(2);
  });
});

describe('a storm', () => {
  it.each([
    [1, 1, true],
    [2, 1, true],
    [2, 2, false],
    [3, 1, true],
    [3, 2, false],
    [10, 4, true],
    [10, 5, false],
  ])('in a fleet of %i with %i disconnected: restarts all at once? %s', async (size, sick, free) => {
    const fleet = await startSmallFleet({ ids: ids(size), guard: GUARD });
    await fleet.clock.run(MINUTE);
    for (const id of ids(sick)) fleet.gateway.causes.set(id, 'disconnected');
    await fleet.clock.run(2 * MINUTE);
    expect(fleet.gateway.restarts.length).toBeGreaterThan(0);
    expect(holdsSeen(fleet).includes('storm')).toBe(!free);
    expect(count(fleet, 'storm_began')).toBe(free ? 0 : 1);
  });

  it('a storm of 60 % of fifty instances gets one canary first, then paced healing within the limits, then quiet', async () => {
    const fleet = await startSmallFleet({ ids: ids(50), guard: GUARD, concurrentRestarts: 3, restartsPerMinute: 6 });
    const { gateway, clock, events } = fleet;
    gateway.restartTakes = 8 * SECOND;
    await clock.run(MINUTE);
    for (const id of ids(30)) gateway.causes.set(id, 'disconnected');
    await clock.run(HOUR);
    expect(mostPerMinute(gateway)).toBeLessThanOrEqual(6);
    const paced = events.find(({ type }) => type === 'storm_paced');
    expect(gateway.restarts.filter(({ at }) => at < (paced?.at ?? 0))).toHaveLength(1);
    expect(gateway.restarts.map(({ id }) => id).sort()).toEqual(ids(30).sort());
    expect([...fleet.watch.fleet.instances.values()].every(({ state }) => state.phase === 'healthy')).toBe(true);
    const ended = events.find(({ type }) => type === 'storm_ended');
    const quiet = gateway.restarts.filter(({ at }) => at > (ended?.at ?? 0) && at < (ended?.at ?? 0) + 2 * MINUTE);
    expect(quiet).toEqual([]);
  });

  it('a storm that restarts do not cure gets one canary at a time, with a pause after each', async () => {
    const fleet = await startSmallFleet({ ids: ids(20), guard: GUARD, policy: testPolicy({ grace: 90 }) });
    const { gateway, clock } = fleet;
    gateway.onRestart = () => undefined;
    await clock.run(MINUTE);
    for (const id of ids(20)) gateway.causes.set(id, 'disconnected');
    await clock.run(HOUR);
    const gaps = gateway.restarts.slice(1).map(({ at }, index) => at - (gateway.restarts[index]?.at ?? 0));
    expect(gateway.restarts.length).toBeGreaterThan(5);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(90 * SECOND + 2 * MINUTE);
  });

  it('gives up on a canary that never says anything conclusive, and sends the next one', async () => {
    const fleet = await startSmallFleet({ ids: ids(6), guard: GUARD });
    const { gateway, clock } = fleet;
    gateway.onRestart = (id) => gateway.causes.set(id, gateway.restarts.length === 1 ? 'unreadable' : 'connected');
    await clock.run(MINUTE);
    for (const id of ids(6)) gateway.causes.set(id, 'disconnected');
    await clock.run(30 * MINUTE);
    expect(new Set(gateway.restarts.map(({ id }) => id)).size).toBe(6);
  });

  it('sends the oldest outages ahead as canaries', async () => {
    const fleet = await startSmallFleet({
      ids: ids(10),
      guard: GUARD,
      policy: testPolicy({ cooldown: 3600, max: 3600, threshold: 1 }),
    });
    const { gateway, clock } = fleet;
    gateway.onRestart = () => undefined;
    gateway.probeTakes = 6 * SECOND;
    await clock.run(MINUTE);
    // All are ill before the first of them can be restarted.
    for (const id of ids(10)) gateway.causes.set(id, 'disconnected');
    await clock.run(50 * MINUTE);
    const since = new Map(
      [...fleet.watch.fleet.instances.values()].map(({ phoneNumberId, state }) => [phoneNumberId, state.failingSince]),
    );
    const failing = [...since.values()].map(Number);
    const began = gateway.restarts.map(({ id }) => Number(since.get(id)));
    // Two may have failed at the same moment; then either may go first.
    expect(began).toEqual(failing.sort((one, other) => one - other));
  });

  it('a storm that returns during the quiet time starts the quiet time again', async () => {
    const fleet = await startSmallFleet({
      ids: ids(10),
      guard: { ...GUARD, stormCooldown: 10 * MINUTE },
      policy: testPolicy({ cooldown: 60 }),
    });
    const { gateway, clock, events } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(5)) gateway.causes.set(id, 'disconnected');
    await clock.run(5 * MINUTE);
    expect(count(fleet, 'storm_ended')).toBe(1);
    for (const id of ids(8)) gateway.causes.set(id, 'disconnected');
    await clock.run(30 * MINUTE);
    expect(count(fleet, 'storm_began')).toBe(2);
    const again = events.filter(({ type }) => type === 'storm_began')[1];
    const [first, second] = events.filter((event) => event.type === 'storm_ended');
    expect(again!.at).toBeLessThan(first?.quietUntil ?? 0);
    const after = gateway.restarts.filter(({ at }) => at > (second?.at ?? 0));
    expect(after.every(({ at }) => at >= (second?.at ?? 0) + 10 * MINUTE)).toBe(true);
  });

  it('holds planned restarts that would make one', async () => {
    const fleet = await startSmallFleet({ ids: ids(10), guard: GUARD, policy: testPolicy({ schedule: '0 3 * * *' }) });
    fleet.gateway.restartTakes = 20 * SECOND;
    await fleet.clock.run(4 * HOUR);
    expect(fleet.gateway.restarts).toHaveLength(10);
    expect(count(fleet, 'storm_began')).toBe(0);
  });
});

describe('room for restarts', () => {
  it('is as scarce after a crash as it was before', async () => {
    const store = memoryStore();
    const policy = testPolicy({ threshold: 1 });
    const first = await startSmallFleet({ ids: ids(4), store, policy, restartsPerMinute: 2 });
    for (const id of ids(4)) first.gateway.causes.set(id, 'disconnected');
    await first.clock.run(10 * SECOND);
    expect(first.gateway.restarts).toHaveLength(2);

    // The first process is gone: its clock never moves again.
    const clock = fleetClock(first.clock.now());
    const second = await startSmallFleet({ clock, ids: ids(4), store, policy, restartsPerMinute: 2 });
    for (const id of ids(4)) second.gateway.causes.set(id, 'disconnected');
    await clock.run(40 * SECOND);
    expect(second.gateway.restarts).toEqual([]);
    await clock.run(2 * MINUTE);
    expect(second.gateway.restarts).toHaveLength(2);
  });

  it('goes to the oldest outage first, and to everybody in the end', async () => {
    const fleet = await startSmallFleet({ ids: ids(12), concurrentRestarts: 1, restartsPerMinute: 1 });
    const { gateway, clock } = fleet;
    // While the one that was called is being probed, the others' own probes must not take its room.
    gateway.probeTakes = 6 * SECOND;
    await clock.run(MINUTE);
    for (const id of ids(12).reverse()) {
      gateway.causes.set(id, 'disconnected');
      await clock.run(37 * SECOND);
    }
    await clock.run(HOUR);
    const order = gateway.restarts.map(({ id }) => id);
    expect(order).toEqual(ids(12).reverse());
  });

  it('is gone again before the one that was called can take it: that one keeps its place', async () => {
    const policy = testPolicy({ threshold: 1 });
    const { gateway, clock, watch } = await startSmallFleet({ ids: ids(4), policy, concurrentRestarts: 1 });
    await clock.run(MINUTE);
    gateway.probeTakes = 2 * SECOND;
    gateway.restartTakes = 3 * MINUTE;
    for (const id of ids(3)) {
      gateway.causes.set(id, 'disconnected');
      await clock.run(37 * SECOND);
    }
    while (gateway.causes.get('1') !== 'connected') await clock.run(100);
    gateway.restartTakes = 5 * SECOND;
    const other = watch.fleet.instances.get('n4');
    if (other !== undefined) void watch.requestRestart(other, { trigger: 'api', requestedBy: 'somebody', force: true });
    await clock.run(MINUTE);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['1', '4', '2', '3']);
  });

  it('is not kept for somebody who has become well, or cannot be judged, meanwhile', async () => {
    const fleet = await startSmallFleet({ ids: ids(4), concurrentRestarts: 1 });
    const { gateway, clock } = fleet;
    gateway.restartTakes = 3 * MINUTE;
    await clock.run(MINUTE);
    for (const id of ids(4)) gateway.causes.set(id, 'disconnected');
    const waiting = (): string[] =>
      [...fleet.watch.fleet.instances.values()]
        .filter(({ state }) => state.holds.length > 0)
        .sort((one, other) => (one.state.failingSince ?? 0) - (other.state.failingSince ?? 0))
        .map(({ phoneNumberId }) => phoneNumberId);
    while (waiting().length < 3) await clock.run(SECOND);
    const [first, second, third] = waiting() as [string, string, string];
    gateway.causes.set(first, 'connected');
    gateway.causes.set(second, 'unknown_state');
    await clock.run(5 * MINUTE);
    expect(gateway.restarts.map(({ id }) => id).slice(1)).toEqual([third]);
  });

  it('does not make the one at the front be probed without end', async () => {
    const fleet = await startSmallFleet({ ids: ids(3), concurrentRestarts: 1 });
    const { gateway, clock } = fleet;
    gateway.probeTakes = 100;
    gateway.restartTakes = MINUTE;
    await clock.run(MINUTE);
    for (const id of ids(3)) gateway.causes.set(id, 'disconnected');
    while ([...fleet.watch.fleet.instances.values()].filter(({ state }) => state.holds.length > 0).length < 2) {
      await clock.run(SECOND);
    }
    for (const id of ids(3)) if (id !== gateway.restarts[0]?.id) gateway.causes.set(id, 'unknown_state');
    const before = gateway.probes.length;
    await clock.run(10 * MINUTE);
    expect(gateway.probes.length - before).toBeLessThan(80);
  });
});

describe('what is found out while a restart is being written down', () => {
  type Broken = 'the gateway' | 'our own network' | 'nothing';
  const meanwhile = async (broken: Broken, trigger: 'failure' | 'schedule' | 'api'): Promise<SmallFleet> => {
    const memory = memoryStore();
    let isBroken = false;
    let written: () => void = () => undefined;
    const store = {
      ...bound(memory),
      save: async (...record: Parameters<typeof memory.save>) => {
        if (record[1].intent !== null) await new Promise<void>((resolve) => (written = resolve));
        return await memory.save(...record);
      },
    };
    const fleet = await startSmallFleet({
      store,
      policy: testPolicy({ schedule: trigger === 'schedule' ? '*/5 * * * *' : null }),
      healthRoute: { health: () => Promise.resolve(isBroken && broken === 'the gateway' ? 'down' : 'up') },
      connectivity: { targets: ['a'] },
      reach: () => Promise.resolve(!isBroken || broken !== 'our own network'),
    });
    const { clock, gateway, watch } = fleet;
    await clock.run(MINUTE);
    const instance = watch.fleet.instances.get('n1')!;
    if (trigger === 'failure') gateway.causes.set('1', 'disconnected');
    else if (trigger === 'api') void watch.requestRestart(instance, { trigger, requestedBy: null, force: true });
    while (instance.state.phase !== 'restarting') await clock.run(SECOND);
    isBroken = true;
    await clock.run(5 * MINUTE);
    written();
    await clock.run(SECOND);
    return fleet;
  };

  it.each([
    ['the gateway', 'gateway_outage'],
    ['our own network', 'own_network'],
  ] as const)('keeps it from being sent, and from counting: %s is down', async (broken, hold) => {
    const fleet = await meanwhile(broken, 'failure');
    const { gateway, store, watch } = fleet;
    expect(gateway.restarts).toEqual([]);
    expect(count(fleet, 'restart_started')).toBe(0);
    const { state } = watch.fleet.instances.get('n1')!;
    expect(state).toMatchObject({ phase: 'down', attempt: 0, history: [], intent: null });
    const stored = (await store.load()).get('acme/1');
    expect(stored?.state).toMatchObject({ phase: 'down', attempt: 0, history: [], intent: null });
    await fleet.clock.run(MINUTE);
    expect(holdsSeen(fleet)).toEqual([hold]);
  });

  it('keeps a planned one waiting in the same way', async () => {
    const { gateway, watch } = await meanwhile('the gateway', 'schedule');
    expect(gateway.restarts).toEqual([]);
    const { state } = watch.fleet.instances.get('n1')!;
    expect(state).toMatchObject({ phase: 'healthy', attempt: 0, planned: { dueAt: expect.any(Number) as number } });
  });

  it.each(['the gateway', 'our own network'] as const)('does not, if somebody forced it: %s', async (broken) => {
    expect((await meanwhile(broken, 'api')).gateway.restarts).toHaveLength(1);
  });

  it('does not, if it is nothing', async () => {
    expect((await meanwhile('nothing', 'failure')).gateway.restarts).toHaveLength(1);
  });
});

describe('a gateway outage', () => {
  it('an outage with timeouts everywhere causes no restart, one incident, and no burst afterwards', async () => {
    const fleet = await startSmallFleet({ ids: ids(20), guard: GUARD });
    const { gateway, clock } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(20)) gateway.causes.set(id, 'timeout');
    await clock.run(20 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(count(fleet, 'gateway_outage_began')).toBe(1);
    expect(count(fleet, 'storm_began'), 'that most are sick is part of it').toBe(0);
    for (const id of ids(20)) gateway.causes.set(id, 'connected');
    await clock.run(HOUR);
    expect(count(fleet, 'storm_began')).toBe(0);
    expect(gateway.restarts).toEqual([]);
    expect(count(fleet, 'gateway_outage_ended')).toBe(1);
    expect([...fleet.watch.fleet.instances.values()].every(({ state }) => state.phase === 'healthy')).toBe(true);
  });

  it('leaves behind what it really broke: that is judged afresh, and healed', async () => {
    const fleet = await startSmallFleet({ ids: ids(20) });
    const { gateway, clock, events } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(20)) gateway.causes.set(id, 'server_error');
    await clock.run(10 * MINUTE);
    const back = clock.now();
    for (const id of ids(20)) gateway.causes.set(id, id === '7' ? 'disconnected' : 'connected');
    await clock.run(20 * MINUTE);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['7']);
    const ended = events.find(({ type }) => type === 'gateway_outage_ended');
    const judged = gateway.probes.filter(
      ({ id, at }) => id === '7' && at > (ended?.at ?? back) && at <= gateway.restarts[0]!.at,
    );
    expect(judged.length).toBeGreaterThanOrEqual(3);
  });

  it('is not suspected of a minority, nor of an account too small to count', async () => {
    const minority = await startSmallFleet({ ids: ids(10), guard: GUARD });
    await minority.clock.run(MINUTE);
    for (const id of ids(4)) minority.gateway.causes.set(id, 'timeout');
    await minority.clock.run(10 * MINUTE);
    expect(minority.gateway.restarts).toHaveLength(4);

    const single = await startSmallFleet({ guard: GUARD });
    await single.clock.run(MINUTE);
    single.gateway.causes.set('1', 'timeout');
    await single.clock.run(10 * MINUTE);
    expect(single.gateway.restarts).toHaveLength(1);
  });

  it('is told by the health route also for a single instance, once that route has been seen to answer', async () => {
    let health: GatewayHealth = 'up';
    const fleet = await startSmallFleet({ healthRoute: { health: () => Promise.resolve(health) } });
    await fleet.clock.run(MINUTE);
    health = 'down';
    fleet.gateway.causes.set('1', 'timeout');
    await fleet.clock.run(10 * MINUTE);
    expect(fleet.gateway.restarts).toEqual([]);
    expect(holdsSeen(fleet)).toEqual(['gateway_outage']);
    health = 'up';
    await fleet.clock.run(10 * MINUTE);
    expect(fleet.gateway.restarts).toHaveLength(1);
  });

  it('is not believed from a health route that has never answered, nor after a single failure', async () => {
    const never = await startSmallFleet({ healthRoute: { health: () => Promise.resolve('down') } });
    await never.clock.run(MINUTE);
    never.gateway.causes.set('1', 'timeout');
    await never.clock.run(10 * MINUTE);
    expect(never.gateway.restarts).toHaveLength(1);

    let asked = 0;
    const once = await startSmallFleet({
      healthRoute: { health: () => Promise.resolve((asked += 1) === 3 ? 'down' : 'up') },
    });
    await once.clock.run(10 * MINUTE);
    expect(asked).toBeGreaterThan(3);
    expect(count(once, 'gateway_outage_began')).toBe(0);
  });

  it('lasts until at most a quarter still fails', () => {
    const tally = (unreachable: number) => ({ watched: 8, sick: unreachable, unreachable, unanswered: 0 });
    expect([4, 5].map((unreachable) => gatewayLooksDown(tally(unreachable), false))).toEqual([false, true]);
    expect([2, 3].map((unreachable) => gatewayLooksDown(tally(unreachable), true))).toEqual([false, true]);
    expect(gatewayLooksDown({ watched: 2, sick: 2, unreachable: 2, unanswered: 2 }, false)).toBe(false);
  });
});

describe('our own network', () => {
  it('gone for ten minutes: no restart, nothing counted as failure, and no false recovery', async () => {
    let up = true;
    const clock = fleetClock();
    const fleet = await startSmallFleet({
      clock,
      ids: ids(2),
      connectivity: { targets: ['tcp://a:1', 'tcp://b:1', 'tcp://c:1'], quorum: 2 },
      reach: (target) => Promise.resolve(up || target === 'tcp://a:1'),
    });
    const { gateway, events, watch } = fleet;
    await clock.run(MINUTE);
    up = false;
    for (const id of ids(2)) gateway.causes.set(id, 'timeout');
    await clock.run(10 * MINUTE);
    expect(watch.guards.networkUp).toBe(false);
    expect(gateway.restarts).toEqual([]);
    up = true;
    for (const id of ids(2)) gateway.causes.set(id, 'connected');
    await clock.run(HOUR);
    expect(gateway.restarts).toEqual([]);
    expect(watch.guards.networkUp).toBe(true);
    expect(count(fleet, 'own_network_down')).toBe(1);
    expect(events.filter(({ type }) => type === 'recovered' || type === 'healed')).toEqual([]);
    expect(events.filter((event) => event.type === 'phase_changed' && event.to === 'down')).toEqual([]);
  });

  it('is suspected without any targets when all gateways at different places fall silent at once', async () => {
    const fleet = await startSmallFleet({ ids: ids(4), origins: ['http://a', 'http://b'] });
    const { gateway, clock, watch } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(4)) gateway.causes.set(id, 'refused');
    await clock.run(20 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(watch.guards.networkUp).toBe(false);
    gateway.causes.set('1', 'connected');
    await clock.run(20 * MINUTE);
    expect(watch.guards.networkUp).toBe(true);
    expect(count(fleet, 'own_network_down')).toBe(1);
    expect(gateway.restarts.map(({ id }) => id).sort()).toEqual(['2', '3', '4']);
  });

  it('is not suspected when they share one place, or when somebody still answers', async () => {
    for (const origins of [
      ['http://a', 'http://a'],
      ['http://a', 'http://b'],
    ]) {
      const { gateway, clock, events } = await startSmallFleet({ ids: ids(4), origins });
      await clock.run(MINUTE);
      for (const id of ids(origins[0] === origins[1] ? 4 : 3)) gateway.causes.set(id, 'refused');
      await clock.run(20 * MINUTE);
      expect(events.filter(({ type }) => type === 'own_network_down')).toEqual([]);
    }
  });

  it('is asked about as soon as probes get no answer, before anything is restarted', async () => {
    let asked = 0;
    const fleet = await startSmallFleet({
      policy: testPolicy({ retryEvery: 5 }),
      connectivity: { targets: ['tcp://a:1'], every: HOUR },
      reach: () => Promise.resolve((asked += 1) === 1),
    });
    await fleet.clock.run(MINUTE);
    expect(asked).toBe(1);
    fleet.gateway.causes.set('1', 'refused');
    await fleet.clock.run(10 * MINUTE);
    expect(fleet.gateway.restarts).toEqual([]);
  });
});

describe('the time after a start', () => {
  it('holds restarts, unless one was already due when the process began', async () => {
    const policy = testPolicy({ threshold: 1, cooldown: 60, grace: 10 });
    const store = memoryStore();
    const first = await startSmallFleet({
      ids: ['1', '2'],
      store,
      policy,
      guard: { startup: 30 * SECOND },
      dryRun: true,
    });
    first.gateway.causes.set('1', 'disconnected');
    await first.clock.run(MINUTE);
    await first.watch.stop();

    const clock = fleetClock(first.clock.now());
    const began = clock.now();
    const second = await startSmallFleet({ clock, ids: ['1', '2'], store, policy, guard: { startup: 30 * SECOND } });
    for (const id of ['1', '2']) second.gateway.causes.set(id, 'disconnected');
    await clock.run(2 * MINUTE);
    const at = (id: string): number => (second.gateway.restarts.find((call) => call.id === id)?.at ?? 0) - began;
    expect(at('1')).toBeLessThan(5 * SECOND);
    expect(at('2')).toBeGreaterThanOrEqual(30 * SECOND);
    expect(holdsSeen(second)).toContain('startup');
  });
});

describe('a maintenance window', () => {
  const window = { name: 'nightly', cron: cron('0 2 * * *'), duration: HOUR, accounts: ['acme'], instances: [] };

  it('holds automatic restarts while it is open, and only then', async () => {
    const fleet = await startSmallFleet({ maintenance: [window] });
    const { gateway, clock } = fleet;
    await clock.run(2 * HOUR);
    gateway.causes.set('1', 'disconnected');
    await clock.run(HOUR - SECOND);
    expect(gateway.restarts).toEqual([]);
    expect(holdsSeen(fleet)).toEqual(['maintenance']);
    await clock.run(MINUTE);
    expect(gateway.restarts).toHaveLength(1);
  });

  it('lets a planned restart run inside of it', async () => {
    const fleet = await startSmallFleet({ maintenance: [window], policy: testPolicy({ schedule: '15 2 * * *' }) });
    await fleet.clock.run(2.5 * HOUR);
    expect(fleet.gateway.restarts).toHaveLength(1);
  });

  it('is not opened up by a planned restart whose time has passed', async () => {
    const fleet = await startSmallFleet({ maintenance: [window], policy: testPolicy({ schedule: '30 0 * * *' }) });
    const { gateway, clock } = fleet;
    await clock.run(20 * MINUTE);
    gateway.causes.set('1', 'unknown_state');
    await clock.run(2 * HOUR - 20 * MINUTE);
    gateway.causes.set('1', 'disconnected');
    await clock.run(30 * MINUTE);
    expect(gateway.restarts).toEqual([]);
  });

  it('covers only whom it names', async () => {
    const fleet = await startSmallFleet({
      ids: ['1', '2'],
      maintenance: [{ ...window, accounts: [], instances: ['n2'] }],
    });
    await fleet.clock.run(2 * HOUR + MINUTE);
    for (const id of ['1', '2']) fleet.gateway.causes.set(id, 'disconnected');
    await fleet.clock.run(10 * MINUTE);
    expect(fleet.gateway.restarts.map(({ id }) => id)).toEqual(['1']);
  });
});
