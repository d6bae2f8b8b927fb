import { describe, expect, it, vi } from 'vitest';
import type { Elsewhere } from '../../src/core/group/elsewhere.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { testAccount, testGuards } from '../fleet/fleet.ts';
import { bound, fleetClock, FORTY, ids, prepareReload, startSmallFleet } from '../fleet/small-fleet.ts';
import { emptyStore } from '../fleet/small-store.ts';

const ORIGIN = 'http://fake';
const WELL: Elsewhere = {
  ...{ watched: 10, sick: 0, fresh: 0, unreachable: 0, unanswered: 0, harms: [], released: null, notifies: true },
  limits: { concurrentRestarts: 600, restartsPerMinute: 600 },
};

/** Ten instances here, of a gateway where another replica watches ten more. */
async function startBeside(elsewhere: Partial<Elsewhere>, store = emptyStore()) {
  const clock = fleetClock();
  const fleet = await startSmallFleet({ clock, store, ids: ids(10), origins: [ORIGIN], guard: FORTY });
  const { gateway, watch } = fleet;
  gateway.onRestart = () => undefined;
  await clock.run(MINUTE);
  const see = (seen: Partial<Elsewhere> | null): void =>
    watch.see(seen === null ? new Map() : new Map([[ORIGIN, { ...WELL, ...seen }]]));
  see(elsewhere);
  return { ...fleet, see };
}

describe('a gateway that another replica watches as well', () => {
  it('is in a storm when too many are sick in all, and no longer when they are well there', async () => {
    const { gateway, clock, published, see } = await startBeside({ sick: 8, fresh: 8 });
    for (const id of ids(2)) gateway.causes.set(id, 'disconnected');
    await clock.run(3 * MINUTE);
    expect(gateway.restarts).toHaveLength(1);
    expect(published('storm_began')).toMatchObject([{ gateway: { origin: ORIGIN }, sick: 10, watched: 20 }]);
    see({});
    await clock.run(20 * MINUTE);
    expect(published('storm_ended')).toHaveLength(1);
    expect(new Set(gateway.restarts.map(({ id }) => id)).size).toBe(2);
  });

  it('is down when most are unreachable in all', async () => {
    const { gateway, clock, published } = await startBeside({ sick: 10, unreachable: 10, unanswered: 10 });
    for (const id of ids(2)) gateway.causes.set(id, 'timeout');
    await clock.run(10 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(published('gateway_outage_began')).toMatchObject([{ unreachable: 11, watched: 20 }]);
  });

  it.each([
    { what: 'nothing, when it leaves nothing', limits: { concurrentRestarts: 0, restartsPerMinute: 600 }, most: 0 },
    { what: 'as many as it leaves', limits: { concurrentRestarts: 600, restartsPerMinute: 1 }, most: 1 },
  ])('restarts within a minute $what', async ({ limits, most }) => {
    const { gateway, clock, see } = await startBeside({ limits });
    for (const id of ids(4)) gateway.causes.set(id, 'disconnected');
    await clock.run(MINUTE + 30_000);
    const [first] = gateway.restarts;
    expect(gateway.restarts.filter(({ at }) => at < (first?.at ?? 0) + MINUTE)).toHaveLength(most);
    see(null);
    await clock.run(2 * MINUTE);
    expect(new Set(gateway.restarts.map(({ id }) => id)).size).toBe(4);
  });

  it('counts a restart until a minute after its call has ended: what is saved late does not arrive beside the next one', async () => {
    const memory = emptyStore();
    const late = 20 * SECOND;
    let isLate = true;
    const { gateway, clock, events } = await startBeside(
      { limits: { concurrentRestarts: 600, restartsPerMinute: 1 } },
      {
        ...bound(memory),
        save: async (key, state, follows) => {
          if (state.intent !== null && isLate) {
            isLate = false;
            await new Promise<void>((resolve) => void clock.after(late, resolve));
          }
          return await memory.save(key, state, follows);
        },
      },
    );
    for (const id of ids(3)) gateway.causes.set(id, 'disconnected');
    await clock.run(4 * MINUTE);
    const ended = events.flatMap((event) => (event.type === 'restart_finished' ? [event.at] : []));
    const decided = events.flatMap((event) => (event.type === 'restart_started' ? [event.intent.startedAt] : []));
    expect(decided).toHaveLength(3);
    expect((gateway.restarts[0]?.at ?? 0) - (decided[0] ?? 0)).toBe(late);
    expect(decided.slice(1)).toEqual(ended.slice(0, 2).map((at) => at + MINUTE));
  });

  it('is announced by all replicas, and marked where another one notifies people', async () => {
    const { gateway, clock, published } = await startBeside({ sick: 8, fresh: 8, notifies: false });
    for (const id of ids(2)) gateway.causes.set(id, 'disconnected');
    await clock.run(3 * MINUTE);
    expect(published('storm_began')).toMatchObject([{ gateway: { notifiedElsewhere: true } }]);
  });

  it('gets published what is begun here, what may be, and in how many accounts all of it is known', async () => {
    const { gateway, clock, watch } = await startBeside({ limits: { concurrentRestarts: 3, restartsPerMinute: 2 } });
    for (const id of ids(4)) gateway.causes.set(id, 'disconnected');
    await clock.run(MINUTE + 30_000);
    const [account = ''] = watch.fleet.accounts.keys();
    const allowed = { concurrentRestarts: 3, restartsPerMinute: 2 };
    expect(watch.guards.news(new Set([account]))[ORIGIN]).toMatchObject({ begun: 2, allowed, accounts: 1 });
    expect(watch.guards.news(new Set())[ORIGIN]).toMatchObject({ accounts: 0 });
  });
});

describe('an account that another replica may own', () => {
  it('has no automatic restart until that is out of question, and then at once, without a cooldown', async () => {
    let isOurs = true;
    const { gateway, clock, published, instance } = await startSmallFleet({ mayRestart: () => isOurs });
    await clock.run(MINUTE);
    isOurs = false;
    gateway.causes.set('1', 'disconnected');
    await clock.run(3 * MINUTE);
    expect(gateway.restarts).toEqual([]);
    expect(published('restart_started')).toEqual([]);
    expect(instance('n1').state).toMatchObject({ phase: 'down', spent: [] });
    isOurs = true;
    await clock.run(MINUTE);
    expect(gateway.restarts).toHaveLength(1);
  });

  it('has a requested restart answered', async () => {
    const { clock, watch, instance, published } = await startSmallFleet({ mayRestart: () => false });
    await clock.run(MINUTE);
    const requested = { trigger: 'api', requestedBy: 'ana', force: false } as const;
    const { ended } = await watch.control.requestRestart(instance('n1'), requested);
    await clock.run(SECOND);
    const detail = 'another replica may own the account since before the call was sent';
    expect(await ended).toMatchObject({ outcome: 'unreachable' });
    expect(published('restart_finished')).toMatchObject([{ detail }]);
  });
});

describe('restarts that did harm at a gateway that another replica watches as well', () => {
  const THERE = { key: 'other/1', at: fleetClock().now() };

  /** Instances here that fail one after the other, and that a restart harms. */
  async function withHarmHere(elsewhere: Partial<Elsewhere>, failing: readonly string[] = ['1', '2']) {
    const fleet = await startBeside(elsewhere);
    const { gateway, clock } = fleet;
    gateway.onRestart = (id) => gateway.causes.set(id, 'pairing_required');
    for (const id of failing) {
      gateway.causes.set(id, 'disconnected');
      await clock.run(15 * MINUTE);
    }
    const news = () => fleet.watch.guards.news(new Set(['acme']))[ORIGIN]!;
    const [account] = fleet.watch.fleet.accounts.values();
    return { ...fleet, news, account: account!, restarted: () => gateway.restarts.map(({ id }) => id) };
  }

  it('are counted together', async () => {
    const { restarted, published, account, news } = await withHarmHere({ harms: [THERE] });
    expect(restarted()).toEqual(['1']);
    expect(account.isHarmful).toBe(true);
    expect(published('harmful_began')).toMatchObject([{ gateway: { origin: ORIGIN }, harmed: 2 }]);
    expect(news().harms).toMatchObject([{ at: expect.any(Number) as number }]);
  });

  it('count once where both know of them, as when an account has moved', async () => {
    const { news, see, account } = await withHarmHere({}, ['1']);
    see({ harms: news().harms! });
    expect(account.isHarmful).toBe(false);
    see({ harms: [...news().harms!, THERE] });
    expect(account.isHarmful).toBe(true);
  });

  it('hold restarts also where none was made', async () => {
    const { restarted, published } = await withHarmHere({ harms: [THERE, { ...THERE, key: 'other/2' }] });
    expect(restarted()).toEqual([]);
    expect(published('harmful_began')).toMatchObject([{ harmed: 2 }]);
  });

  it('are published as far as they are the newest hundred', async () => {
    const { account, news } = await withHarmHere({}, []);
    const harms = Array.from({ length: 150 }, (_, at) => ({ key: `here/${at}`, at }));
    account.shared!.group = { ...account.shared!.group, harms };
    expect(news().harms).toEqual(harms.slice(50));
  });

  it('are notified by one replica', async () => {
    const { published } = await withHarmHere({ harms: [THERE], notifies: false });
    expect(published('harmful_began')).toMatchObject([{ gateway: { notifiedElsewhere: true } }]);
  });

  it('no longer count after a release here, although the other replica has not heard of it, until there is new harm', async () => {
    const { watch, gateway, account, see, news, clock, restarted } = await withHarmHere({ harms: [THERE] });
    const released = clock.now();
    expect(await watch.control.release(account, 'ana')).toEqual({ harmed: 2, saved: true });
    expect(account.isHarmful).toBe(false);
    expect(news()).toMatchObject({ harms: [], released: { at: released, by: 'ana' } });
    const instances = ids(10).map((id) => ({ id }));
    const more = testAccount(clock, { name: 'acme2', origin: ORIGIN, gateway });
    (await prepareReload(watch, { accounts: [account, more], instances, guards: testGuards({ guard: FORTY }) }))();
    see({ harms: [THERE, { key: 'other/2', at: released + 1 }] });
    await clock.run(15 * MINUTE);
    expect(restarted()).toEqual(['1', '2']);
    expect(account.isHarmful).toBe(true);
  });

  it('no longer count after a release at the other replica, also after another start, and that is passed on', async () => {
    const { watch, account, see, news, clock, published, store } = await withHarmHere({ harms: [THERE] });
    const released = { at: clock.now() - MINUTE, by: 'ana' };
    const releaseToo = vi.spyOn(watch.control, 'releaseToo');
    see({ released });
    await clock.run(SECOND);
    expect(account.isHarmful).toBe(false);
    expect(published('harmful_ended').filter((event) => 'gateway' in event)).toMatchObject([{ by: 'ana' }]);
    expect(news()).toMatchObject({ harms: [], released });
    see({ released, sick: 1 });
    expect(releaseToo).toHaveBeenCalledTimes(1);
    await watch.stop();
    const states = [...(await store.load()).values()];
    expect(states.map(({ state }) => state.releasedAt).filter((at) => at !== null)).toEqual([released.at]);
  });

  it('count on where they came after the release at the other replica', async () => {
    const { see, account, published, clock, watch, news } = await withHarmHere({});
    const harms = news().harms!;
    see({ released: { at: harms[0]!.at - 1, by: 'ana' } });
    await clock.run(SECOND);
    expect(account.isHarmful).toBe(true);
    see({ released: { at: harms[0]!.at, by: 'ana' } });
    await clock.run(SECOND);
    expect(account.isHarmful).toBe(false);
    expect(news().harms).toEqual(harms.slice(1));
    expect(published('harmful_began')).toHaveLength(1);
    const released = [...watch.fleet.instances.values()].map(({ state }) => state.releasedAt);
    expect(released.filter((at) => at !== null)).toEqual([harms[0]!.at]);
  });
});
