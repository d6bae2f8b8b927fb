import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND, type DurationMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import { sleep, type Cancel } from '../../src/time/clock.ts';
import { StoreError, type StateStore } from '../../src/store/store.ts';
import { bound, fleetClock, ids, startSmallFleet } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';
import { testPolicy } from '../fleet/policy.ts';
import { SimulatedClock } from '../../src/simulation/simulated-clock.ts';

describe('healing', () => {
  it('restarts a disconnected instance once, proves it healed by probing, and leaves its neighbour alone', async () => {
    const { clock, gateway, watch, events } = await startSmallFleet({ ids: ['1', '2'] });
    await clock.run(MINUTE);
    gateway.causes.set('1', 'disconnected');
    await clock.run(10 * MINUTE);
    expect(gateway.restarts.map(({ id }) => id)).toEqual(['1']);
    expect(watch.fleet.instances.get('n1')?.state).toMatchObject({ phase: 'healthy', attempt: 1 });
    expect(events.filter(({ type }) => type === 'healed')).toHaveLength(1);
    await clock.run(10 * MINUTE);
    expect(watch.fleet.instances.get('n1')?.state.attempt).toBe(0);
  });

  it('probes an exhausted instance as often as a healthy one, and tries again when the budget frees', async () => {
    const policy = testPolicy({ cooldown: 60, factor: 1, max: 3600, budget: 1, per: 7200 });
    const { clock, gateway } = await startSmallFleet({ policy });
    gateway.causes.set('1', 'disconnected');
    gateway.onRestart = () => undefined;
    await clock.run(10 * MINUTE);
    const before = gateway.probes.length;
    await clock.run(100 * MINUTE);
    expect(gateway.probes.length - before).toBe(200);
    await clock.run(20 * MINUTE);
    expect(gateway.restarts).toHaveLength(2);
    expect((gateway.restarts[1]?.at ?? 0) - (gateway.restarts[0]?.at ?? 0)).toBe(7200 * SECOND);
  });

  it.each([
    ['the one that reaches the threshold', { threshold: 3 }, ['usual', 'fresh']],
    ['any, where one is enough', { threshold: 1 }, ['confirmed', 'confirmed']],
    ['one of too many', { failuresWithin: [2, 20] }, ['usual', 'fresh']],
  ] as const)('over a new connection alone lets a probe restart: %s', async (_what, overrides, evidence) => {
    const policy = testPolicy({ ...overrides, retryEvery: 30 });
    const { clock, gateway } = await startSmallFleet({ ids: ids(1), policy });
    const [id = ''] = ids(1);
    await clock.run(MINUTE);
    gateway.onRestart = () => undefined;
    gateway.causes.set(id, 'disconnected');
    await clock.run(3 * MINUTE);
    const { at: restartedAt } = gateway.restarts[0] ?? { at: 0 };
    const before = gateway.probes.filter(({ at }) => at <= restartedAt);
    expect(before.slice(-2).map((probe) => probe.evidence)).toEqual(evidence);
    const after = gateway.probes.filter(({ at }) => at > restartedAt);
    expect(new Set(after.map((probe) => probe.evidence))).toEqual(new Set(['fresh']));
  });

  it('starts planned restarts when the schedule fires, spread, and counts them as healed by probes', async () => {
    const policy = testPolicy({ schedule: '0 3 * * *' });
    const { clock, gateway, events } = await startSmallFleet({ ids: ids(5), policy });
    await clock.run(3 * HOUR - SECOND);
    expect(gateway.restarts).toEqual([]);
    await clock.run(HOUR);
    expect(gateway.restarts.map(({ id }) => id).sort()).toEqual(ids(5));
    const times = gateway.restarts.map(({ at }) => at);
    expect(new Set(times).size).toBeGreaterThan(1);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(10 * SECOND);
    expect(events.filter(({ type }) => type === 'healed')).toHaveLength(5);
  });
});

describe('scheduling', () => {
  it('probes instances that share a place together, and more of them where the limits allow more at once', async () => {
    const places = async (requestsPerSecond: number): Promise<number> => {
      const { clock, gateway } = await startSmallFleet({ ids: ids(100), requestsPerSecond });
      await clock.run(2 * MINUTE);
      const startedAt = clock.now();
      await clock.run(30 * SECOND);
      const times = gateway.probes.filter(({ at }) => at > startedAt).map(({ at }) => at);
      expect(times).toHaveLength(100);
      expect(times.filter((at) => at % 50 !== 0)).toEqual([]);
      return new Set(times).size;
    };
    expect(await places(1000)).toBeLessThanOrEqual(6);
    expect(await places(20)).toBeGreaterThan(40);
  });

  it('spreads the first probes over as long as the rate limit needs, and later ones over the interval', async () => {
    const { clock, gateway } = await startSmallFleet({ ids: ids(100), requestsPerSecond: 20 });
    const start = clock.now();
    await clock.run(6 * SECOND);
    expect(new Set(gateway.probes.map(({ id }) => id)).size).toBe(100);
    await clock.run(5 * MINUTE);
    const round = gateway.probes.filter(({ at }) => at >= start + 4 * MINUTE && at < start + 4.5 * MINUTE);
    expect(round).toHaveLength(100);
    for (let second = 0; second < 30; second += 5) {
      const from = start + 4 * MINUTE + second * SECOND;
      expect(round.filter(({ at }) => at >= from && at < from + 5 * SECOND).length).toBeLessThan(40);
    }
  });

  it('never overlaps probes of one instance, and skips rounds instead of replaying them', async () => {
    const { clock, gateway } = await startSmallFleet();
    gateway.probeTakes = 70 * SECOND;
    await clock.run(10 * MINUTE);
    expect(gateway.most).toBe(1);
    const gaps = gateway.probes.slice(1).map(({ at }, index) => at - (gateway.probes[index]?.at ?? 0));
    expect(gaps.slice(1).every((gap) => gap === 90 * SECOND)).toBe(true);
  });

  it('asks faster while suspect and while recovering', async () => {
    const { clock, gateway } = await startSmallFleet({ policy: testPolicy({ every: 600, retryEvery: 20 }) });
    await clock.run(20 * MINUTE);
    gateway.causes.set('1', 'disconnected');
    gateway.onRestart = () => undefined;
    await clock.run(15 * MINUTE);
    const restartedAt = gateway.restarts[0]?.at ?? 0;
    const before = gateway.probes.filter(({ at }) => at <= restartedAt).slice(-3);
    expect(before.map(({ at }) => (at - (before[0]?.at ?? 0)) / SECOND)).toEqual([0, 20, 40]);
    const during = gateway.probes.filter(({ at }) => at > restartedAt && at <= restartedAt + 21 * SECOND);
    expect(during.map(({ at }) => (at - restartedAt) / SECOND)).toEqual([6, 11, 16, 21]);
  });

  it('probes by a cron expression, all within ten seconds of its time', async () => {
    const policy = testPolicy({ probeAt: '*/5 * * * *' });
    const { clock, gateway } = await startSmallFleet({ ids: ids(10), policy });
    await clock.run(31 * MINUTE);
    expect(gateway.probes).toHaveLength(70);
    for (const { at } of gateway.probes) expect(at % (5 * MINUTE)).toBeLessThan(10 * SECOND);
  });

  it('leaves an instance alone as long as its gateway asks, at most five minutes, and nobody else', async () => {
    const { clock, gateway } = await startSmallFleet({ ids: ['1', '2'] });
    await clock.run(MINUTE);
    const asked = (id: string): number => gateway.probes.filter((probe) => probe.id === id).length;
    for (const [retryAfter, most] of [
      [2 * MINUTE, 5],
      [HOUR, 2],
    ] as const) {
      gateway.causes.set('1', 'rate_limited');
      gateway.retryAfter = retryAfter;
      await clock.run(30 * SECOND);
      const before = [asked('1'), asked('2')] as const;
      await clock.run(10 * MINUTE);
      expect(asked('1') - before[0]).toBeLessThanOrEqual(most);
      expect(asked('1') - before[0]).toBeGreaterThanOrEqual(most - 1);
      expect(asked('2') - before[1]).toBe(20);
    }
  });

  it('takes probes that straddled a stall as inconclusive', async () => {
    const { clock, gateway, watch, events } = await startSmallFleet({ policy: testPolicy({ threshold: 1 }) });
    await clock.run(MINUTE);
    gateway.causes.set('1', 'timeout');
    const asked = gateway.probes.length;
    while (gateway.probes.length === asked) await clock.run(SECOND);
    await clock.stall(60 * SECOND);
    expect(events.findLast(({ type }) => type === 'probe_finished')).toMatchObject({ cause: 'stalled' });
    expect(watch.fleet.instances.get('n1')?.state.phase).toBe('healthy');
  });

  it('does not send a restart that it slept over, and goes on from a fresh look', async () => {
    const clock = fleetClock();
    // By a clock of its own: a lease that ended meanwhile would keep the intent from being saved.
    const store = emptyStore();
    let intents = 0;
    const slow: StateStore = {
      ...bound(store),
      save: async (key, state, follows) => {
        if (state.intent !== null) intents += 1;
        if (state.intent !== null) await sleep(clock, 100);
        return await store.save(key, state, follows);
      },
    };
    const { gateway, watch } = await startSmallFleet({ clock, store: slow });
    gateway.causes.set('1', 'disconnected');
    while (intents === 0) await clock.run(10);
    await clock.stall(2 * MINUTE);
    await clock.run(10 * SECOND);
    expect(gateway.restarts).toEqual([]);
    const { phase, history } = watch.fleet.instances.get('n1')?.state ?? {};
    expect(phase).toBe('down');
    expect(history).toMatchObject([{ outcome: 'unreachable', healed: false }]);
    await clock.run(5 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
  });

  it.each([
    ['back', -HOUR],
    ['forward', HOUR],
  ])('takes a wall clock that is set %s as a stall, not as an outage', async (_where, step) => {
    const { clock, gateway, watch } = await startSmallFleet({ policy: testPolicy({ threshold: 1 }) });
    await clock.run(MINUTE);
    gateway.causes.set('1', 'timeout');
    const asked = gateway.probes.length;
    while (gateway.probes.length === asked) await clock.run(SECOND);
    clock.step = step;
    gateway.causes.set('1', 'connected');
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(watch.fleet.instances.get('n1')?.state.phase).toBe('healthy');
  });

  it('says that it is late when a probe does not come back', async () => {
    const { clock, gateway, watch } = await startSmallFleet();
    gateway.probeTakes = HOUR;
    await clock.run(5 * SECOND);
    expect(watch.late()).toEqual([]);
    expect(watch.ready()).toBe(true);
    await clock.run(MINUTE);
    expect(watch.late()).toEqual([expect.stringContaining('the probe of n1')]);
  });
});

describe('a scheduler whose timers no longer fire', () => {
  it('is named as late', async () => {
    const clock = new StuckClock();
    const { watch } = await startSmallFleet({ clock });
    await clock.run(5 * MINUTE);
    expect(watch.late()).toEqual([]);
    clock.stuck = true;
    await clock.run(50 * SECOND);
    expect(watch.late()).toEqual([expect.stringMatching(/^the scheduler is \d+ s behind$/) as string]);
  });
});

/** Time goes on, but no timer fires. */
class StuckClock extends SimulatedClock {
  stuck = false;

  override after(delay: DurationMs, callback: () => void): Cancel {
    return super.after(delay, () => {
      if (!this.stuck) callback();
    });
  }
}

describe('what is saved', () => {
  it('writes nothing for healthy probes', async () => {
    const store = emptyStore();
    let saves = 0;
    const counting: StateStore = { ...bound(store), save: (...record) => ((saves += 1), store.save(...record)) };
    const { clock } = await startSmallFleet({ store: counting, ids: ids(3) });
    await clock.run(MINUTE);
    expect(saves).toBe(3);
    await clock.run(HOUR);
    expect(saves).toBe(3);
  });

  it.each<[Cause, boolean]>([
    ['connected', true],
    ['responding', false],
  ])('shows the next process whether answers name states: %s', async (cause, expected) => {
    const store = emptyStore();
    const before = await startSmallFleet({ store });
    before.gateway.causes.set('1', cause);
    await before.clock.run(MINUTE);
    expect(before.gateway.expectsStates).toBe(false);
    await before.watch.stop();
    const { gateway } = await startSmallFleet({ store, starts: false });
    expect(gateway.expectsStates).toBe(expected);
  });

  it('does not restart what it cannot write down, goes on probing, and heals once the disk is back', async () => {
    const { store, disk } = storeOnDisk();
    const { clock, gateway, watch, events } = await startSmallFleet({ store });
    await clock.run(MINUTE);
    disk.full = true;
    gateway.causes.set('1', 'disconnected');
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(events.filter((event) => event.type === 'state_not_saved' && event.restartGivenUp).length).toBeGreaterThan(
      5,
    );
    expect(events.filter((event) => event.type === 'state_not_saved' && !event.restartGivenUp)).toHaveLength(1);
    expect(watch.fleet.instances.get('n1')?.unsaved).toBe(true);
    expect(events.some(({ type }) => type === 'state_saved_again')).toBe(false);
    disk.full = false;
    await clock.run(2 * MINUTE);
    expect(events.filter(({ type }) => type === 'state_saved_again')).toHaveLength(1);
    expect(watch.fleet.instances.get('n1')?.unsaved).toBe(false);
    expect(gateway.restarts).toHaveLength(1);
    expect(watch.fleet.instances.get('n1')?.state.phase).toBe('healthy');
    expect((await store.load()).get('acme/1')?.state.phase).toBe('healthy');
  });

  it('keeps what a probe showed even if its restart could not be saved, so that the guards know of it', async () => {
    const { store, disk } = storeOnDisk();
    const policy = testPolicy({ threshold: 1 });
    const { clock, gateway, watch, events } = await startSmallFleet({ store, ids: ids(4), policy });
    await clock.run(MINUTE);
    disk.full = true;
    for (const id of ids(3)) gateway.causes.set(id, 'refused');
    await clock.run(2 * MINUTE);
    const { state } = watch.fleet.instances.get('n1') ?? {};
    expect(state).toMatchObject({ phase: 'down', cause: 'refused', attempt: 0, spent: [], intent: null });
    expect(state?.failures).toBeGreaterThan(1);
    const changes = events.flatMap((event) =>
      event.type === 'phase_changed' && event.name === 'n1' ? [event.to] : [],
    );
    expect(changes).toEqual(['healthy', 'down']);
    expect(events.some(({ type }) => type === 'gateway_outage_began')).toBe(true);
    disk.full = false;
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
  });

  it('saves the intent before the call, and after a crash during it neither repeats it at once nor forgets it', async () => {
    const store = emptyStore();
    const first = await startSmallFleet({ store, policy: testPolicy({ cooldown: 300, grace: 60 }) });
    first.gateway.causes.set('1', 'disconnected');
    first.gateway.restartTakes = HOUR;
    await first.clock.run(3 * MINUTE);
    expect(first.gateway.restarts).toHaveLength(1);
    expect((await store.load()).get('acme/1')?.state.intent).toMatchObject({ trigger: 'failure', attempt: 1 });

    // The first process is gone: its clock never moves again.
    const clock = fleetClock(first.clock.now());
    const second = await startSmallFleet({ store, clock, policy: testPolicy({ cooldown: 300, grace: 60 }) });
    second.gateway.causes.set('1', 'disconnected');
    expect(second.watch.fleet.instances.get('n1')?.state).toMatchObject({ phase: 'recovering', attempt: 1 });
    const restartedAt = first.gateway.restarts[0]?.at ?? 0;
    await clock.run(restartedAt + 299 * SECOND - clock.now());
    expect(second.gateway.restarts).toEqual([]);
    await clock.run(10 * SECOND);
    expect(second.gateway.restarts).toHaveLength(1);
  });

  it('lets a restart call end when it is stopped, and saves how it ended', async () => {
    const { clock, gateway, store, watch } = await startSmallFleet();
    gateway.causes.set('1', 'disconnected');
    gateway.restartTakes = 5 * SECOND;
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    const stopped = watch.stop();
    await clock.run(20 * SECOND);
    await stopped;
    expect((await store.load()).get('acme/1')?.state).toMatchObject({ phase: 'recovering', intent: null });
  });

  it('gives a restart call ten seconds, then writes it down as unknown', async () => {
    const { clock, gateway, store, watch } = await startSmallFleet();
    gateway.causes.set('1', 'disconnected');
    gateway.restartTakes = HOUR;
    while (gateway.restarts.length === 0) await clock.run(SECOND);
    const [stopped, from] = [watch.stop(), clock.now()];
    await clock.run(20 * SECOND);
    await stopped;
    const state = (await store.load()).get('acme/1')?.state;
    expect(state?.history.at(-1)?.outcome).toBe('unknown');
    expect((state?.since ?? 0) - from).toBe(10 * SECOND);
    const asked = gateway.probes.length;
    await clock.run(HOUR);
    expect(gateway.probes).toHaveLength(asked);
  });
});

/** A store that takes nothing while its disk is full. */
function storeOnDisk(): { readonly store: StateStore; readonly disk: { full: boolean } } {
  const memory = emptyStore();
  const disk = { full: false };
  const save: StateStore['save'] = (...record) =>
    disk.full ? Promise.reject(new StoreError('unavailable', 'no space left')) : memory.save(...record);
  return { store: { ...bound(memory), save }, disk };
}
