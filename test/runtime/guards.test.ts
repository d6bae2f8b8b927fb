import { describe, expect, it } from 'vitest';
import { allowedSick } from '../../src/core/group/tally.ts';
import type { Hold } from '../../src/core/instance/instance.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { GatewayHealth } from '../../src/gateway/gateway.ts';
import { cron, testPolicy } from '../fleet/policy.ts';
import type { FakeGateway } from '../fleet/fake-gateway.ts';
import { bound, fleetClock, FORTY, ids, type SmallFleet, startSmallFleet } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';

function holdsSeen({ events }: SmallFleet): Hold[] {
  return [...new Set(events.flatMap((event) => (event.type === 'restart_held' ? [event.hold] : [])))];
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
  it('a storm of 60 % of fifty instances gets one canary first, then paced healing within the limits, then quiet', async () => {
    const fleet = await startSmallFleet({ ids: ids(50), guard: FORTY, concurrentRestarts: 3, restartsPerMinute: 6 });
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

  it('waits after a crash for the canary of the process before, instead of sending another', async () => {
    const store = emptyStore();
    const stormy = { ids: ids(10), guard: FORTY, store };
    const first = await startSmallFleet(stormy);
    first.gateway.onRestart = () => undefined;
    await first.clock.run(MINUTE);
    for (const id of ids(5)) first.gateway.causes.set(id, 'disconnected');
    while (first.gateway.restarts.length === 0) await first.clock.run(SECOND);
    await first.clock.run(10 * SECOND);
    const [canary] = first.gateway.restarts;

    // The first process is gone: its clock never moves again.
    const clock = fleetClock(first.clock.now());
    const second = await startSmallFleet({ ...stormy, clock });
    second.gateway.onRestart = () => undefined;
    for (const id of ids(5)) second.gateway.causes.set(id, 'disconnected');
    await clock.run(10 * MINUTE);
    // Its grace of 90 s must be over, and the pause after a canary that did not heal.
    expect(second.gateway.restarts[0]!.at - canary!.at).toBeGreaterThanOrEqual(90 * SECOND + 2 * MINUTE);
  });
});

describe('room for restarts', () => {
  it('is as scarce after a crash as it was before', async () => {
    const store = emptyStore();
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
    const memory = emptyStore();
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
    else if (trigger === 'api')
      void watch.control.requestRestart(instance, { trigger, requestedBy: null, force: true });
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
    expect(fleet.published('restart_started')).toHaveLength(0);
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
  it('leaves behind what it really broke: that is judged again, and healed', async () => {
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

  it('is detected by the health route even with a single instance, once that route has answered before', async () => {
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
    expect(once.published('gateway_outage_began')).toHaveLength(0);
  });
});

describe('our own network', () => {
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
    expect(fleet.published('own_network_down')).toHaveLength(1);
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
});

describe('the time after a start', () => {
  it('holds restarts, unless one was already due when the process began', async () => {
    const policy = testPolicy({ threshold: 1, cooldown: 60, grace: 10 });
    const store = emptyStore();
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
