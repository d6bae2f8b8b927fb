import { beforeEach, describe, expect, it } from 'vitest';
import { newInstance, type InstanceState } from '../../src/core/instance/instance.ts';
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { StateStore } from '../../src/store/store.ts';
import { sleep } from '../../src/time/clock.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testPolicy } from '../fleet/policy.ts';
import { bound, fleetClock, prepareReload, type SmallFleet, startSmallFleet } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';

const KEEP = 4 * HOUR;
const policy = testPolicy({ every: 300, cooldown: 8 * 3600, max: 8 * 3600 });

describe('the state of an instance that was removed', () => {
  let clock: SimulatedClock;
  let gateway: FakeGateway;
  let store: StateStore;
  beforeEach(() => {
    clock = fleetClock();
    gateway = new FakeGateway(clock);
    gateway.onRestart = () => undefined;
    store = emptyStore(clock);
  });

  const start = (ids: readonly string[], set: { starts?: boolean; store?: StateStore } = {}): Promise<SmallFleet> =>
    startSmallFleet({ clock, gateway, store, ids, policy, keepRemoved: KEEP, ...set });
  const reload = async ({ watch }: SmallFleet, ids: readonly string[]): Promise<void> => {
    const instances = ids.map((id) => ({ id, policy }));
    (await prepareReload(watch, { instances, keepRemoved: KEEP }))();
    await clock.run(SECOND);
  };
  const slowlyRemoving = (): StateStore => ({
    ...bound(store),
    async remove(key) {
      await store.remove(key);
      await sleep(clock, MINUTE);
    },
  });
  const stored = async (id: string): Promise<InstanceState | undefined> =>
    (await store.load()).get(`acme/${id}`)?.state;
  const restartInVain = async (id: string): Promise<void> => {
    gateway.causes.set(id, 'disconnected');
    const before = gateway.restarts.length;
    while (gateway.restarts.length === before) await clock.run(SECOND);
    await clock.run(2 * MINUTE);
  };

  it('is found when it comes back in time, and what it has spent holds', async () => {
    const fleet = await start(['1', '2']);
    await restartInVain('1');
    const { cooldownUntil, spent } = fleet.instance('n1').state;
    await reload(fleet, ['2']);
    await clock.run(KEEP - HOUR);
    await reload(fleet, ['1', '2']);
    await clock.run(HOUR);
    expect(fleet.instance('n1').state).toMatchObject({ cooldownUntil, spent, removedAt: null });
    await clock.run(KEEP - HOUR);
    expect(gateway.restarts).toHaveLength(1);
    expect(await stored('1')).toMatchObject({ cooldownUntil, removedAt: null });
  });

  it('is forgotten after that, on disk and in memory', async () => {
    const fleet = await start(['1', '2']);
    await restartInVain('1');
    const before = fleet.instance('n1');
    await reload(fleet, ['2']);
    await clock.run(KEEP + HOUR);
    expect(await stored('1')).toBeUndefined();
    await reload(fleet, ['1', '2']);
    expect(fleet.instance('n1')).not.toBe(before);
    await clock.run(HOUR);
    expect(gateway.restarts).toHaveLength(2);
    expect((await stored('1'))?.history).toHaveLength(1);
  });

  it('is marked by the first process that does not know it, and forgotten by a later one', async () => {
    await store.save('acme/7', newInstance(7, clock.now()), 0);
    const first = await start(['1']);
    await clock.run(2 * HOUR);
    await first.watch.stop();
    expect((await stored('7'))?.removedAt).toBe(clock.now() - 2 * HOUR);
    await start(['1']);
    await clock.run(HOUR);
    expect(await stored('7')).toBeDefined();
    await clock.run(2 * HOUR);
    expect(await stored('7')).toBeUndefined();
  });

  it.each(['by this process', 'before it began'])('was removed %s: it comes back meanwhile, as new', async (when) => {
    let fleet = await start(['1', '2'], { store: slowlyRemoving() });
    await restartInVain('1');
    await reload(fleet, ['2']);
    if (when === 'before it began') {
      await fleet.watch.stop();
      fleet = await start(['2'], { store: slowlyRemoving() });
    }
    while ((await stored('1')) !== undefined) await clock.run(SECOND);
    await reload(fleet, ['1', '2']);
    await clock.run(2 * HOUR);
    expect(fleet.instance('n1').unsaved).toBe(false);
    expect((await stored('1'))?.removedAt).toBeNull();
    await clock.run(10 * HOUR);
    expect(gateway.restarts.length).toBeGreaterThan(1);
  });

  it('stays where its instance comes back while another one is forgotten', async () => {
    const fleet = await start(['1', '2', '3'], { store: slowlyRemoving() });
    await clock.run(10 * MINUTE);
    await reload(fleet, ['3']);
    while ((await stored('1')) !== undefined) await clock.run(SECOND);
    await reload(fleet, ['2', '3']);
    await clock.run(5 * MINUTE);
    expect((await stored('2'))?.removedAt).toBeNull();
  });

  it('is not written where there was none', async () => {
    const fleet = await start(['2']);
    await clock.run(MINUTE);
    (await prepareReload(fleet.watch, { instances: [{ id: '1', enabled: false }] }))();
    await reload(fleet, []);
    expect([...(await store.load()).keys()]).toEqual(['acme/2']);
  });

  it('is left alone by a process that only restarts another one', async () => {
    await store.save('acme/7', newInstance(7, clock.now()), 0);
    const { watch, instance } = await start(['1'], { starts: false });
    await watch.control.requestRestart(instance('n1'), { trigger: 'cli', requestedBy: null, force: true });
    await clock.run(KEEP + HOUR);
    expect((await stored('7'))?.removedAt).toBeNull();
    expect(gateway.restarts).toHaveLength(1);
  });
});
