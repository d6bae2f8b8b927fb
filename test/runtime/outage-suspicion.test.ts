import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import { testPolicy } from '../fleet/policy.ts';
import { fleetClock, FORTY, ids, type SmallFleet, startSmallFleet } from '../fleet/small-fleet.ts';

describe('an outage of the gateway that begins', () => {
  it.each([
    ['every 30 s', { every: 30 }],
    ['every 30 s, with one failure to be down', { every: 30, threshold: 1 }],
    ['every two minutes', { every: 120 }],
    ['every ten minutes', { every: 600 }],
  ])('between probes %s: no restart, though most instances do not know of it yet', async (_how, policy) => {
    for (const cause of ['timeout', 'refused', 'server_error'] as const) {
      const fleet = await startSmallFleet({ ids: ids(20), guard: FORTY, policy: testPolicy(policy) });
      const { gateway, clock } = fleet;
      await clock.run(20 * MINUTE);
      for (const id of ids(20)) gateway.causes.set(id, cause);
      await clock.run(30 * MINUTE);
      expect(gateway.restarts).toEqual([]);
      expect(fleet.published('gateway_outage_began')).toHaveLength(1);
      expect(fleet.published('storm_began')).toHaveLength(0);
      for (const id of ids(20)) gateway.causes.set(id, 'connected');
      await clock.run(HOUR);
      expect(gateway.restarts).toEqual([]);
      expect(fleet.published('gateway_outage_ended')).toHaveLength(1);
    }
  });

  it('an outage that is over as soon as it is suspected causes no restart either', async () => {
    const fleet = await startSmallFleet({ ids: ids(20), guard: FORTY, policy: testPolicy({ every: 600 }) });
    const { gateway, clock, events } = fleet;
    await clock.run(20 * MINUTE);
    for (const id of ids(20)) gateway.causes.set(id, 'timeout');
    while (!events.some(({ type }) => type === 'restart_held')) await clock.run(SECOND);
    expect(events.find(({ type }) => type === 'restart_held')).toMatchObject({ hold: 'gateway_outage' });
    for (const id of ids(20)) gateway.causes.set(id, 'connected');
    await clock.run(HOUR);
    expect(fleet.published('gateway_outage_ended').length).toBe(fleet.published('gateway_outage_began').length);
    expect(gateway.restarts).toEqual([]);
  });

  it('is not concluded from a single instance: the others are probed at once, and it is restarted', async () => {
    const policy = testPolicy({ every: 3600 });
    const fleet = await startSmallFleet({ ids: ids(3), guard: FORTY, policy });
    const { gateway, clock } = fleet;
    await clock.run(2 * HOUR);
    gateway.causes.set('1', 'timeout');
    const began = await firstProbe(fleet, '1', 'timeout');
    await clock.run(2 * MINUTE);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['1']);
    // Three failing probes, 30 s apart, and one that the answer of another has called for.
    expect(gateway.restarts[0]!.at - began).toBeLessThanOrEqual(90 * SECOND);
  });

  it('is not seen where others are answered, be it that they are sick or cannot be read', async () => {
    for (const others of ['disconnected', 'unauthorized', 'unknown_state', 'rate_limited'] as const) {
      const guard = { ...FORTY, maxUnhealthy: { type: 'percent', percent: 100 } } as const;
      const fleet = await startSmallFleet({ ids: ids(4), guard });
      const { gateway, clock } = fleet;
      await clock.run(MINUTE);
      for (const id of ids(4)) gateway.causes.set(id, id === '1' ? 'timeout' : others);
      await clock.run(5 * MINUTE);
      expect(gateway.restarts.map(({ id }) => id)).toContain('1');
    }
  });
});

/** Runs until an instance is asked, and answers with when that was. */
async function firstProbe({ events, clock }: SmallFleet, id: string, cause: Cause): Promise<number> {
  for (;;) {
    const found = events.find(
      (event) => event.type === 'probe_finished' && event.name === `n${id}` && event.cause === cause,
    );
    if (found?.type === 'probe_finished') return found.startedAt;
    await clock.run(SECOND);
  }
}

describe('our own network that goes down between two looks at it', () => {
  it.each([
    ['refused', 3],
    ['dns', 1],
    ['timeout', 1],
  ] as const)('(%s, threshold %i): not one probe counts as a failure, for ten minutes', async (cause, threshold) => {
    let up = true;
    const clock = fleetClock();
    const fleet = await startSmallFleet({
      clock,
      ids: ids(6),
      policy: testPolicy({ threshold }),
      connectivity: { targets: ['tcp://a:1', 'tcp://b:1', 'tcp://c:1'], quorum: 2, every: 10 * MINUTE },
      // The targets take their time, as they do where there is no way to them. One of three is not enough.
      reach: (target) => new Promise((resolve) => clock.after(3 * SECOND, () => resolve(up || target === 'tcp://a:1'))),
    });
    const { gateway, events, watch } = fleet;
    await clock.run(5 * MINUTE);
    up = false;
    for (const id of ids(6)) gateway.causes.set(id, cause);
    await clock.run(10 * MINUTE);
    expect(watch.guards.networkUp).toBe(false);
    expect([...watch.fleet.instances.values()].map(({ state }) => [state.phase, state.failures])).toEqual(
      ids(6).map(() => ['healthy', 0]),
    );
    up = true;
    for (const id of ids(6)) gateway.causes.set(id, 'connected');
    await clock.run(HOUR);
    expect(gateway.restarts).toEqual([]);
    const verdicts = new Set(events.flatMap((event) => (event.type === 'probe_finished' ? [event.cause] : [])));
    expect(verdicts).toEqual(new Set(['connected', 'own_network']));
    expect(fleet.published('own_network_down')).toHaveLength(1);
    expect(fleet.published('own_network_up')).toHaveLength(1);
    expect(events.filter(({ type }) => ['recovered', 'healed', 'gateway_outage_began'].includes(type))).toEqual([]);
    expect(events.filter((event) => event.type === 'phase_changed' && event.from !== 'unknown')).toEqual([]);
  });

  it('instances whose failures were attributed to our own network are probed again as soon as it is back', async () => {
    let up = true;
    const fleet = await startSmallFleet({
      ids: ids(20),
      requestsPerSecond: 10,
      guard: FORTY,
      policy: testPolicy({ every: 3600 }),
      connectivity: { targets: ['tcp://a:1'], every: MINUTE },
      reach: () => Promise.resolve(up),
    });
    const { gateway, clock, watch, events } = fleet;
    await clock.run(2 * HOUR);
    up = false;
    for (const id of ids(20)) gateway.causes.set(id, 'refused');
    await clock.run(HOUR);
    // The gateway is down for its own sake, which nobody could see until our network was back.
    up = true;
    while (fleet.published('own_network_up').length === 0) await clock.run(SECOND);
    const back = events.findLast(({ type }) => type === 'own_network_up')?.at ?? 0;
    await clock.run(5 * SECOND);
    const asked = gateway.probes.filter(({ at }) => at >= back);
    expect(new Set(asked.map(({ id }) => id))).toEqual(new Set(ids(20)));
    expect(asked).toHaveLength(20);
    const inFirstSecond = asked.filter(({ at }) => at < back + SECOND);
    expect(inFirstSecond.length).toBeLessThanOrEqual(15);
    expect(watch.fleet.accounts.get('acme')?.inGatewayOutage).toBe(true);
    await clock.run(HOUR);
    expect(gateway.restarts).toEqual([]);
  });

  it('is not taken for an outage of the gateway because its health route is not reached either', async () => {
    let up = true;
    const clock = fleetClock();
    const fleet = await startSmallFleet({
      clock,
      // Nobody but the health route is asked in this time.
      policy: testPolicy({ every: 3600 }),
      healthRoute: { health: () => Promise.resolve(up ? 'up' : 'down') },
      connectivity: { targets: ['tcp://a:1'], every: 10 * MINUTE },
      reach: () => Promise.resolve(up),
    });
    await clock.run(5 * MINUTE);
    up = false;
    await clock.run(4 * MINUTE);
    expect(fleet.published('own_network_down')).toHaveLength(1);
    expect(fleet.published('gateway_outage_began')).toHaveLength(0);
  });

  it('delays the judgement of what gets no answer by no more than the targets take', async () => {
    const clock = fleetClock();
    const fleet = await startSmallFleet({
      clock,
      connectivity: { targets: ['tcp://a:1'], every: 10 * MINUTE, timeout: 5 * SECOND },
      reach: () => Promise.resolve(true),
    });
    await clock.run(MINUTE);
    fleet.gateway.causes.set('1', 'refused');
    await clock.run(2 * MINUTE);
    for (const event of fleet.events) {
      if (event.type === 'probe_finished') expect(event.at - event.startedAt).toBeLessThanOrEqual(10 * SECOND);
    }
    expect(fleet.gateway.restarts).toHaveLength(1);
  });

  it('discards what was counted before it was known: failing instances must reach their threshold again', async () => {
    const fleet = await startSmallFleet({ ids: ids(2), origins: ['http://a', 'http://b'] });
    const { gateway, clock, watch } = fleet;
    await clock.run(MINUTE);
    for (const id of ids(2)) gateway.causes.set(id, 'refused');
    await clock.run(10 * MINUTE);
    expect(watch.guards.networkUp).toBe(false);
    gateway.causes.set('1', 'connected');
    gateway.causes.set('2', 'disconnected');
    const back = clock.now();
    await clock.run(10 * MINUTE);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['2']);
    const judged = gateway.probes.filter(({ id, at }) => id === '2' && at > back && at <= gateway.restarts[0]!.at);
    expect(judged.length).toBeGreaterThanOrEqual(3);
  });
});
