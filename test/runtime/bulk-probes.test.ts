import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import { testAccount, testGuards } from '../fleet/fleet.ts';
import { testPolicy, type PolicyOverrides } from '../fleet/policy.ts';
import { ids, prepareReload, startSmallFleet, type SmallFleetOptions, fleetClock } from '../fleet/small-fleet.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';

/** A fleet whose gateway lists it: all of it, as it is, unless a test says otherwise. */
async function listedFleet(count: number, set: PolicyOverrides = {}, options: SmallFleetOptions = {}) {
  const clock = fleetClock();
  const gateway = new FakeGateway(clock);
  const say = (...others: readonly (readonly [string, Cause | null])[]): void => {
    gateway.listed = new Map([...ids(count).map((id) => [id, 'connected'] as const), ...others]);
  };
  say();
  const policy = testPolicy({ every: 60, bulk: true, ...set });
  const fleet = await startSmallFleet({ ids: ids(count), policy, lists: true, ...options, clock, gateway });
  return { ...fleet, gateway, say };
}

describe('probes by a list', () => {
  it('make one request of the regular probes of all instances', async () => {
    const { clock, gateway, events, instance, published } = await listedFleet(500);
    await clock.run(10 * MINUTE);
    expect(gateway.probes).toEqual([]);
    expect(gateway.lists).toHaveLength(11);
    expect(instance('n500').state).toMatchObject({ phase: 'healthy', cause: 'connected' });
    expect(events.filter(({ type }) => type === 'probe_finished')).toEqual([]);
    const finished = published('list_finished').map((event) => event.type === 'list_finished' && event.names.length);
    expect(finished).toEqual(Array.from({ length: 11 }, () => 500));
    expect(published('phase_changed')).toHaveLength(500);
    expect(instance('n1').nextProbeAt ?? 0).toBeGreaterThan(clock.now() + MINUTE / 4);
  });

  it('never make an instance sick: what the list says of it is probed over a fresh connection before a restart', async () => {
    const { clock, gateway, say, instance } = await listedFleet(10, { threshold: 1 });
    await clock.run(5 * SECOND);
    say(['3', 'disconnected']);
    await clock.run(10 * MINUTE);
    // The list is wrong about it, so each time it is asked itself.
    expect(gateway.restarts).toEqual([]);
    expect(instance('n3').state.phase).toBe('healthy');
    expect(gateway.probes).toHaveLength(10);
    expect(new Set(gateway.probes.map(({ id, evidence }) => `${id} ${evidence}`))).toEqual(new Set(['3 confirmed']));
    gateway.causes.set('3', 'disconnected');
    await clock.run(2 * MINUTE);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['3']);
    expect(gateway.probes.findLast(({ at }) => at < (gateway.restarts[0]?.at ?? 0))?.id).toBe('3');
  });

  it('do not end an outage that the list does not know of', async () => {
    const { clock, gateway, instance } = await listedFleet(4, {}, { dryRun: true });
    await clock.run(SECOND);
    gateway.causes.set('2', 'disconnected');
    // The list goes on to say that it is connected, so it is only found when it is probed.
    gateway.listed = new Map(ids(4).map((id) => [id, id === '2' ? null : 'connected']));
    await clock.run(4 * MINUTE);
    expect(instance('n2').state.phase).toBe('down');
    gateway.listed = new Map(ids(4).map((id) => [id, 'connected']));
    await clock.run(10 * MINUTE);
    expect(instance('n2').state.phase).toBe('down');
  });

  it('do not believe that an instance is gone because the list does not name it', async () => {
    const { clock, gateway, instance } = await listedFleet(3);
    await clock.run(SECOND);
    gateway.listed = new Map([['1', 'connected']]);
    await clock.run(3 * MINUTE);
    expect(instance('n2').state).toMatchObject({ phase: 'healthy', cause: 'connected' });
    expect(gateway.probes.filter(({ id }) => id === '2')).toHaveLength(3);
    expect(gateway.probes.filter(({ id }) => id === '1')).toEqual([]);
    gateway.causes.set('2', 'not_found');
    await clock.run(30 * MINUTE);
    expect(instance('n2').state).toMatchObject({ phase: 'needs_human', cause: 'not_found' });
  });

  it('leave alone what needs a human as before, and look at it when the list says something else', async () => {
    const { clock, gateway, say, instance } = await listedFleet(2);
    gateway.causes.set('2', 'pairing_required');
    say(['2', 'pairing_required']);
    await clock.run(3 * MINUTE);
    expect(instance('n2').state).toMatchObject({ phase: 'needs_human', cause: 'pairing_required' });
    const before = gateway.probes.length;
    await clock.run(20 * MINUTE);
    expect(gateway.probes).toHaveLength(before);
    say(['2', 'banned']);
    await clock.run(2 * MINUTE);
    expect(gateway.probes.length).toBeGreaterThan(before);
    expect(instance('n2').state.cause).toBe('pairing_required');
    gateway.causes.set('2', 'connected');
    say();
    await clock.run(3 * MINUTE);
    expect(instance('n2').state.phase).toBe('healthy');
  });

  it('are made one by one while the list fails, and say so once', async () => {
    const { clock, gateway, say, published, instance } = await listedFleet(20);
    await clock.run(SECOND);
    gateway.listed = null;
    await clock.run(5 * MINUTE);
    expect(published('bulk_failed')).toMatchObject([{ account: 'acme', cause: 'server_error', detail: null }]);
    expect(instance('n1').account.listTrouble).toEqual({ cause: 'server_error', detail: null });
    const of = (id: string) => gateway.probes.filter((probe) => probe.id === id);
    expect(of('7').length).toBeGreaterThanOrEqual(5);
    say();
    await clock.run(5 * MINUTE);
    expect(published('bulk_works')).toHaveLength(1);
    expect(instance('n1').account.listTrouble).toBe(null);
    const before = gateway.probes.length;
    await clock.run(5 * MINUTE);
    expect(gateway.probes).toHaveLength(before);
  });

  it('wait as long as the gateway asks for', async () => {
    const { clock, gateway } = await listedFleet(2);
    await clock.run(SECOND);
    gateway.listed = null;
    gateway.listFails = { cause: 'rate_limited', retryAfter: 3 * MINUTE };
    await clock.run(4 * MINUTE);
    expect(gateway.lists).toHaveLength(3);
  });

  it('count as one request for the limits', async () => {
    const { clock, gateway } = await listedFleet(1_000, {}, { requestsPerSecond: 1 });
    await clock.run(2 * MINUTE);
    expect(gateway.lists).toHaveLength(3);
    expect(gateway.probes).toEqual([]);
  });

  it('turn the pages of a list, each as a request of its own', async () => {
    const { clock, gateway } = await listedFleet(5, {}, { requestsPerSecond: 1 });
    await clock.run(SECOND);
    gateway.lists.length = 0;
    gateway.pageSize = 2;
    await clock.run(MINUTE + 5 * SECOND);
    expect(gateway.lists.map((at) => at - (gateway.lists[0] ?? 0))).toEqual([0, SECOND, 2 * SECOND]);
    expect(gateway.probes).toEqual([]);
  });

  it('find a mass outage as probes do, and heal it', async () => {
    const { clock, gateway, say, instance } = await listedFleet(40, { threshold: 2 });
    await clock.run(SECOND);
    for (const id of ids(40)) gateway.causes.set(id, 'disconnected');
    say(...ids(40).map((id) => [id, 'disconnected'] as const));
    gateway.onRestart = (id) => {
      gateway.causes.set(id, 'connected');
      gateway.listed = new Map([...(gateway.listed ?? []), [id, 'connected']]);
    };
    await clock.run(30 * MINUTE);
    expect(new Set(gateway.restarts.map(({ id }) => id)).size).toBe(40);
    expect(instance('n40').state.phase).toBe('healthy');
  });

  it('begin and end with a reload', async () => {
    const { clock, gateway, watch } = await listedFleet(3, { bulk: false });
    await clock.run(3 * MINUTE);
    expect(gateway.lists).toEqual([]);
    const probed = gateway.probes.length;
    expect(probed).toBeGreaterThanOrEqual(6);
    const now = (bulk: boolean) => ids(3).map((id) => ({ id, policy: testPolicy({ every: 60, bulk }) }));
    (await prepareReload(watch, { instances: now(true), guards: testGuards() }))();
    await clock.run(5 * MINUTE);
    expect(gateway.lists.length).toBeGreaterThanOrEqual(5);
    expect(gateway.probes.length).toBeLessThanOrEqual(probed + 3);
    (await prepareReload(watch, { instances: now(false), guards: testGuards() }))();
    await clock.run(MINUTE);
    const lists = gateway.lists.length;
    await clock.run(5 * MINUTE);
    expect(gateway.lists).toHaveLength(lists);
    expect(gateway.probes.length).toBeGreaterThanOrEqual(probed + 12);
  });

  it('say nothing when the way to the gateway was given up meanwhile', async () => {
    const { clock, gateway, watch, instance } = await listedFleet(3);
    await clock.run(SECOND);
    gateway.listTakes = 20 * SECOND;
    gateway.listed = null;
    while (gateway.lists.length < 2) await clock.run(SECOND);
    const other = new FakeGateway(clock);
    const elsewhere = testAccount(clock, { origin: 'http://elsewhere', gateway: other });
    elsewhere.list = { route: other, namesStates: true, partial: false };
    const policy = testPolicy({ every: 60, bulk: true });
    const instances = ids(3).map((id) => ({ id, policy }));
    (await prepareReload(watch, { accounts: [elsewhere], instances, guards: testGuards() }))();
    await clock.run(30 * SECOND);
    expect(instance('n1').account.listTrouble).toBeNull();
  });

  it('leave planned restarts and silence to a probe', async () => {
    const { clock, gateway, instance } = await listedFleet(1, {
      silentAfter: 600,
      silenceRestart: true,
      schedule: '0 * * * *',
    });
    await clock.run(61 * MINUTE);
    expect(gateway.restarts.length).toBeGreaterThanOrEqual(1);
    for (const { at } of gateway.restarts) {
      expect(gateway.probes.some((probe) => probe.at <= at && probe.at >= at - 5 * SECOND)).toBe(true);
    }
    expect(instance('n1').state.phase).toBe('healthy');
  });
});
