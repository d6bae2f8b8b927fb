import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testGuards } from '../fleet/fleet.ts';
import { cron, testPolicy, type PolicyOverrides } from '../fleet/policy.ts';
import { fleetClock, ids, prepareReload, startSmallFleet, type SmallFleetOptions } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';

/** Half of the time after which they are silent. */
const TEN = 10 * MINUTE;
const MIDNIGHT = Date.parse('2026-11-30T00:00:00Z');

async function listen(set: PolicyOverrides = {}, options: SmallFleetOptions = {}) {
  const clock = options.clock ?? fleetClock(MIDNIGHT);
  const policy = testPolicy({ every: 60, silentAfter: 1200, ...set });
  const fleet = await startSmallFleet({ clock, policy, ...options });
  const silent = (name = 'n1'): boolean => (fleet.instance(name).state.silence?.since ?? null) !== null;
  /** Of the others, so that a silence is its own. */
  const heard = (...names: string[]): void => names.forEach((name) => fleet.watch.control.heard(fleet.instance(name)));
  return { ...fleet, silent, heard };
}

describe('the silence of an instance', () => {
  it('begins at the first probe after its time, and ends with a sign of life; each is published and saved once', async () => {
    const { clock, silent, heard, published, instance, store } = await listen();
    await clock.run(TEN);
    for (let count = 0; count < 1_000; count += 1) heard('n1');
    await clock.run(2 * TEN - MINUTE);
    expect(silent()).toBe(false);
    await clock.run(2 * MINUTE);
    expect(published('silence_began')).toMatchObject([{ name: 'n1', since: MIDNIGHT + TEN, limit: 2 * TEN }]);
    await clock.run(12 * TEN);
    expect(instance('n1').lastProbe?.cause).toBe('silent');
    expect(published('silence_began')).toHaveLength(1);
    heard('n1');
    await clock.run(1);
    expect(silent()).toBe(false);
    expect(published('silence_ended')).toMatchObject([{ since: MIDNIGHT + TEN, why: 'activity' }]);
    // As a new one, silent, no longer so.
    expect([...(await store.load()).values()][0]?.revision).toBe(3);
  });

  it('needs no save and no decision for a sign of life of any other instance', async () => {
    const { clock, heard, store, instance } = await listen();
    await clock.run(MINUTE);
    const { state, revision } = instance('n1');
    heard('n1');
    await clock.run(1);
    expect(instance('n1').state).toBe(state);
    expect([...(await store.load()).values()][0]?.revision).toBe(revision);
  });

  it.each<[string, PolicyOverrides, SmallFleetOptions, number]>([
    ['only the hours that count', { during: '0 8-20 * * *', every: 600, silentAfter: 7200 }, {}, 60],
    [
      'no maintenance',
      {},
      { maintenance: [{ name: 'm', cron: cron('5 0 * * *'), duration: TEN, accounts: [], instances: ['n1'] }] },
      3,
    ],
  ])('counts %s', async (_, set, options, tens) => {
    const { clock, silent } = await listen(set, options);
    await clock.run(tens * TEN - 2 * MINUTE);
    expect(silent()).toBe(false);
    await clock.run(12 * MINUTE);
    expect(silent()).toBe(true);
  });

  it('does not count a pause, and is not noticed in one', async () => {
    const { clock, silent, watch, instance } = await listen();
    await clock.run(TEN);
    void watch.control.pause(instance('n1'), { reason: 'x', by: 'ana', until: null });
    await clock.run(5 * TEN);
    void watch.control.unpause(instance('n1'), 'ana');
    await clock.run(TEN - 2 * MINUTE);
    expect(silent()).toBe(false);
    await clock.run(3 * MINUTE);
    expect(silent()).toBe(true);
  });

  it('is counted from zero after another trouble, and goes on through a single failing probe', async () => {
    const { clock, silent, gateway } = await listen();
    gateway.onRestart = () => undefined;
    const fail = async (time: number): Promise<void> => {
      gateway.causes.set('1', 'disconnected');
      await clock.run(time);
      gateway.causes.delete('1');
    };
    await clock.run(TEN);
    await fail(MINUTE);
    await clock.run(TEN + MINUTE);
    expect(silent()).toBe(true);

    const other = await listen();
    other.gateway.onRestart = () => undefined;
    await other.clock.run(TEN);
    other.gateway.causes.set('1', 'disconnected');
    await other.clock.run(3 * TEN);
    other.gateway.causes.delete('1');
    await other.clock.run(2 * TEN - 3 * MINUTE);
    expect(other.silent()).toBe(false);
    await other.clock.run(6 * MINUTE);
    expect(other.silent()).toBe(true);
  });

  it('takes what an answer says of the last message for a sign of life, but not of one to come', async () => {
    const clock = fleetClock(MIDNIGHT);
    const gateway = new FakeGateway(clock);
    const { silent, instance } = await listen({}, { clock, gateway });
    gateway.lastActivityAt = MIDNIGHT + TEN;
    await clock.run(3 * TEN - MINUTE);
    expect(silent()).toBe(false);
    await clock.run(2 * MINUTE);
    expect(silent()).toBe(true);
    gateway.lastActivityAt = MIDNIGHT + 90 * TEN;
    await clock.run(2 * MINUTE);
    expect(silent()).toBe(false);
    expect(instance('n1').activity.lastAt).toBeLessThanOrEqual(clock.now());
  });

  it('takes a last message of a day that is far from having come for nothing', async () => {
    const clock = fleetClock(MIDNIGHT);
    const gateway = new FakeGateway(clock);
    const { silent } = await listen({}, { clock, gateway });
    gateway.lastActivityAt = Date.UTC(2099, 0, 1);
    await clock.run(2 * TEN + 2 * MINUTE);
    expect(silent()).toBe(true);
  });

  it('outlives the process, and ends by a reload that expects no signs of life', async () => {
    const store = emptyStore();
    const first = await listen({}, { store });
    await first.clock.run(3 * TEN);
    const { clock, silent, watch, published } = await listen({}, { store, clock: fleetClock(MIDNIGHT + 4 * TEN) });
    await clock.run(MINUTE);
    expect(silent()).toBe(true);
    (await prepareReload(watch, { instances: [{ policy: testPolicy() }], guards: testGuards() }))();
    await clock.run(1);
    expect(published('silence_ended')).toMatchObject([{ why: 'not_expected' }]);
  });
});

describe('the restart of a silent instance', () => {
  const RESTARTS = { silenceRestart: true, grace: 30, stableFor: 600 } as const;

  it('is made once, over a fresh connection, and not again until it is silent again', async () => {
    const { clock, gateway, heard, instance } = await listen(RESTARTS, { ids: ids(2) });
    const live = async (tens: number): Promise<void> => {
      for (let minute = 0; minute < tens * 10; minute += 5) {
        heard('n2');
        await clock.run(5 * MINUTE);
      }
    };
    await live(9);
    expect(gateway.restarts).toMatchObject([{ id: '1' }]);
    expect(gateway.probes.findLast(({ id, at }) => id === '1' && at <= gateway.restarts[0]!.at)?.evidence).toBe(
      'fresh',
    );
    expect(instance('n1').state.history.at(-1)).toMatchObject({ trigger: 'silence', from: 'healthy', healed: true });
    heard('n1');
    await live(3);
    expect(gateway.restarts).toHaveLength(2);
  });

  it('is made of none when the messages of a whole account stay away, however they end', async () => {
    const { clock, gateway, heard, published, watch } = await listen(RESTARTS, { ids: ids(6) });
    for (const name of ['n1', 'n2', 'n3', 'n4', 'n5', 'n6']) {
      await clock.run(90 * SECOND);
      heard(name);
    }
    await clock.run(12 * TEN);
    expect(gateway.restarts).toEqual([]);
    expect(published('silent_began')).toMatchObject([{ account: 'acme', expected: 6, silent: 4 }]);
    expect(watch.fleet.accounts.get('acme')?.isSilent).toBe(true);
    heard('n1', 'n2', 'n3', 'n4', 'n5', 'n6');
    await clock.run(10 * SECOND);
    expect(published('silent_ended')).toHaveLength(1);
  });

  it('waits while another one of the account was not heard lately', async () => {
    const { clock, gateway, heard, instance } = await listen(RESTARTS, { ids: ids(3) });
    await clock.run(TEN - 2 * MINUTE);
    heard('n2');
    await clock.run(14 * MINUTE);
    expect(instance('n1').state.holds).toEqual(['silent']);
    expect(gateway.restarts).toEqual([]);
    heard('n2', 'n3');
    await clock.run(MINUTE);
    expect(gateway.restarts).toMatchObject([{ id: '1' }]);
  });
});
