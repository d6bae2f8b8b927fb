import { describe, expect, it } from 'vitest';
import { newInstance } from '../../src/core/instance/instance.ts';
import { StoreError } from '../../src/store/store.ts';
import { FOUR, LEASE, replica, sharing, world, type Reads } from './replicas.ts';

describe('replicas', () => {
  it('the first has everything at once; a newcomer gets its share one account at a time', async () => {
    const { clock, one, two } = world('one', 'two');
    await one.start();
    expect(one.watches()).toBe('a b c d');
    await two.start();
    expect(two.watches()).toBe('');
    await clock.run(LEASE);
    expect([one.watches(), two.watches()]).toEqual(['c d', 'a b']);
    const { owned, replicas, leftFor } = two.coordinator.shares;
    expect([owned, replicas]).toEqual([['a', 'b'], 2]);
    expect(leftFor).toBeGreaterThanOrEqual(LEASE - LEASE / 3);
    expect(two.events).toContain('replica_joined');
    const before = one.events.length + two.events.length;
    await clock.run(10 * LEASE);
    expect(one.events.length + two.events.length).toBe(before);
  });

  it('what it owns stays its own while it takes long to watch all of it', async () => {
    const { clock, one, two } = world('one', 'two');
    const { watch } = one.host;
    one.host.watch = async (next, states) => {
      one.host.watch = watch;
      await new Promise<void>((resolve) => void clock.after(3 * LEASE, resolve));
      await watch(next, states);
    };
    void one.start();
    await clock.run(LEASE);
    await two.start();
    await clock.run(2 * LEASE - 1);
    expect([one.watches(), two.watches()]).toEqual(['', '']);
    await clock.run(LEASE);
    expect([one.watches(), two.watches()]).toEqual(['c d', 'a b']);
    expect(two.coordinator.shares.takeovers).toBe(0);
  });

  it('what it lost while it was watching something else is loaded when it comes back', async () => {
    const { clock, one } = await sharing();
    // Its own renewals take all of the time, and another replica has claimed what it had.
    one.process.cut = true;
    await clock.run(2 * LEASE);
    one.process.cut = false;
    await clock.run(10 * LEASE);
    const owned = [...one.coordinator.owned].toSorted();
    expect([...one.coordinator.loaded].toSorted()).toEqual(owned);
    expect(one.watches()).toBe(owned.join(' '));
  });

  it('one that is no longer heard of gets no account, though it counts as living until its lease ends', async () => {
    const { clock, one, two } = world('one', 'two');
    await one.start();
    await two.start();
    two.process.frozen = true;
    await clock.run(LEASE / 3);
    // It was heard of a moment ago.
    expect(one.watches()).toBe('b c d');
    await clock.run((LEASE * 2) / 3 - 1);
    expect(one.watches()).toBe('a b c d');
    const given = () => one.events.filter((type) => type === 'accounts_released').length;
    expect([one.coordinator.replicas.length, given()]).toEqual([1, 1]);
  });

  it('no account moves in the middle of a restart', async () => {
    const { clock, one, two } = world('one', 'two');
    await one.start();
    for (const account of ['a', 'b', 'c']) one.process.restarting.add(account);
    await two.start();
    await clock.run(LEASE);
    expect([one.watches(), two.watches()]).toEqual(['a b c', 'd']);
    one.process.restarting.clear();
    await clock.run(LEASE);
    expect(one.watches()).toHaveLength(3);
  });

  it('what a dead one owned is taken over a moment after its leases have ended, with its states', async () => {
    const { clock, database, one, two } = world('one', 'two');
    database.put('a/1', { revision: 3, state: newInstance(1, 0) });
    await one.start();
    await two.start();
    await clock.run(LEASE);
    expect(two.watches()).toBe('a b');
    two.process.frozen = true;
    await clock.run(LEASE + 200);
    expect(one.watches()).toBe('a b c d');
    expect(one.loaded()).toEqual(['a/1', 'a/1']);
    expect(one.coordinator.shares.takeovers).toBe(2);
    expect(one.events).toContain('replica_left');
  });

  it.each<[Reads, number]>([
    ['never', 1_000],
    ['late', LEASE / 3 + 1_000],
  ])(
    'what it took over is probed though its states can be read %s, and not restarted until they are',
    async (reads, within) => {
      const { clock, one, two } = await sharing();
      one.process.frozen = true;
      two.process.reads = reads;
      await clock.run(LEASE + within);
      expect(two.watches()).toBe('a b c d');
      const may = () => ['a', 'c'].map((account) => two.coordinator.mayRestart(account));
      expect([may(), [...two.coordinator.loaded]]).toEqual([
        [true, false],
        ['a', 'b'],
      ]);
      two.process.reads = 'well';
      await clock.run(LEASE);
      expect([may(), [...two.coordinator.loaded].toSorted().join(' ')]).toEqual([[true, true], 'a b c d']);
    },
  );

  it('what one gives back when it ends is claimed at the next look', async () => {
    const { clock, one, two } = world('one', 'two');
    await one.start();
    await two.start();
    await one.coordinator.settle();
    await one.coordinator.end();
    await one.store.close();
    await clock.run(LEASE / 3 + 200);
    expect(two.watches()).toBe('a b c d');
    expect(two.coordinator.shares.takeovers).toBe(0);
  });

  it('one that is cut off goes on probing, makes no restart near the end of its lease, and drops accounts that another one owns by then', async () => {
    const { clock, one, two } = await sharing();
    one.process.cut = true;
    expect(one.coordinator.mayRestart('c')).toBe(true);
    await clock.run(LEASE - 1_000);
    expect([one.coordinator.mayRestart('c'), one.watches()]).toEqual([false, 'c d']);
    await clock.run(LEASE);
    expect([one.watches(), two.watches()]).toEqual(['c d', 'a b c d']);
    one.process.cut = false;
    await clock.run(1_100);
    expect([one.watches(), one.events.at(-1)]).toEqual(['', 'accounts_lost']);
    await clock.run(LEASE);
    expect([one.watches().length, two.watches().length]).toEqual([3, 3]);
  });

  it('one that cannot renew says so once, before it ends to restart, and once again when it can', async () => {
    const { clock, one } = await sharing();
    const said = () => one.events.filter((type) => type.startsWith('leases_'));
    while ((one.coordinator.shares.leftFor ?? 0) < LEASE) await clock.run(1);
    one.process.cut = true;
    await clock.run(LEASE / 2 - 100);
    one.process.cut = false;
    await clock.run(LEASE);
    // Some were missed.
    expect(said()).toEqual([]);
    one.process.cut = true;
    while (one.coordinator.mayRestart('d')) await clock.run(100);
    expect(said()).toEqual(['leases_not_renewed']);
    expect(one.coordinator.trouble).toBe('cut off');
    await clock.run(LEASE / 3);
    one.process.cut = false;
    await clock.run(2 * LEASE);
    expect(said()).toEqual(['leases_not_renewed', 'leases_renewed']);
    expect(one.coordinator.trouble).toBeNull();
  });

  it('without the database everything is watched and nothing restarted; once it is there, shares are claimed', async () => {
    const { clock, database, one, two } = world('one', 'two');
    database.away = true;
    await one.start();
    await two.coordinator.join(null);
    two.coordinator.start();
    await clock.run(LEASE);
    expect([one.watches(), two.watches()]).toEqual(['a b c d', 'a b c d']);
    expect(one.coordinator.mayRestart('a')).toBe(false);
    database.away = false;
    await two.coordinator.found(two.store.ownership);
    await clock.run(2 * LEASE);
    expect([one.watches(), two.watches()]).toEqual(['a b', 'c d']);
    expect(two.coordinator.mayRestart(two.watches().slice(0, 1))).toBe(true);
  });

  it('a claim whose answer is lost, or states that cannot be read, are tried again', async () => {
    const { clock, one } = world('one');
    let calls = 0;
    const { ownership } = one.store;
    const states = ownership.states.bind(ownership);
    ownership.states = (accounts) => {
      calls += 1;
      return calls === 1 ? Promise.reject(new StoreError('unavailable', 'lost')) : states(accounts);
    };
    await one.start();
    expect(one.watches()).toBe('a b c d');
    await clock.run(LEASE);
    expect(calls).toBe(2);
  });

  it('a state that is damaged leaves its accounts watched, and says so once', async () => {
    const { clock, one } = world('one');
    one.store.ownership.states = () => Promise.reject(new StoreError('corrupt', 'damaged'));
    await one.start();
    await clock.run(LEASE);
    expect(one.watches()).toBe('a b c d');
    expect(one.events.filter((type) => type === 'state_unusable')).toHaveLength(1);
  });

  it('accounts go to the replica with the newest config, when it has been out for two minutes', async () => {
    const { clock, one, two } = await sharing();
    two.host.news = { ...two.host.news, config: 'c2' };
    await clock.run(100_000);
    expect([one.watches(), two.watches()]).toEqual(['c d', 'a b']);
    expect(one.events).toContain('configs_differ');
    await clock.run(60_000);
    expect([one.watches(), two.watches()]).toEqual(['', 'a b c d']);
    one.host.news = { ...one.host.news, config: 'c2' };
    await clock.run(30_000);
    expect([one.watches(), one.events.includes('configs_agree')]).toEqual(['a b', true]);
  });

  it('a replica that was away and comes back with the config that others no longer have gets nothing', async () => {
    const { clock, database, one, two } = await sharing();
    await two.store.close();
    await two.coordinator.end();
    one.host.news = { ...one.host.news, config: 'c2' };
    await clock.run(LEASE);
    const back = replica(database, clock, 'two', FOUR, 2);
    await back.start();
    await clock.run(200_000);
    expect([one.watches(), back.watches()]).toEqual(['a b c d', '']);
  });

  it('a config that is withdrawn by starts with the former one is the older one from then on', async () => {
    const { clock, database, one, two } = await sharing();
    for (const each of [one, two]) each.host.news = { ...each.host.news, config: 'c2' };
    await clock.run(200_000);
    await two.store.close();
    await two.coordinator.end();
    const back = replica(database, clock, 'two', FOUR, 2);
    await back.start();
    await clock.run(90_000);
    expect([one.watches(), back.watches()]).toEqual(['c d', 'a b']);
    await clock.run(60_000);
    expect([one.watches(), back.watches()]).toEqual(['', 'a b c d']);
  });

  it('until then each config has its accounts watched, also those that only one of them has', async () => {
    const { clock, database, one } = world('one');
    await one.start();
    await clock.run(LEASE);
    const two = replica(database, clock, 'two', { a: 10, b: 10, c: 10, new: 10, newer: 10 });
    two.host.news = { ...two.host.news, config: 'c2' };
    await two.start();
    await clock.run(LEASE);
    expect([one.watches(), two.watches()]).toEqual(['a b c d', 'new newer']);
    const before = one.events.length + two.events.length;
    await clock.run(90_000);
    expect([one.watches(), two.watches()]).toEqual(['a b c d', 'new newer']);
    expect(one.events.length + two.events.length).toBe(before);
    await clock.run(60_000);
    expect([one.watches(), two.watches()]).toEqual(['', 'a b c new newer']);
    // Both new ones at once, then a, b and c. Nothing is said of d, which is claimed too, and not watched.
    expect(two.events.filter((type) => type === 'accounts_claimed')).toHaveLength(4);
  });

  it('two with the new config even out their shares at once, beside one with the old config', async () => {
    const { clock, database, one } = world('one');
    await one.start();
    const [two, three] = ['two', 'three'].map((owner) => {
      const each = replica(database, clock, owner, { ...FOUR, new: 10, newer: 10 });
      each.host.news = { ...each.host.news, config: 'c2' };
      return each;
    });
    await two!.start();
    await three!.start();
    await clock.run(LEASE);
    expect([one.watches(), two!.watches(), three!.watches()]).toEqual(['a b c d', 'newer', 'new']);
  });

  it('a reload claims what is new in it before it is watched', async () => {
    const { one } = world('one');
    await one.start();
    const seen = await one.coordinator.reconfigure(
      new Map([
        ['a', 1],
        ['new', 5],
      ]),
      (accounts) => Promise.resolve([...accounts]),
    );
    expect(seen).toEqual(['a', 'new']);
    expect(one.store.ownership.accounts).toContain('new');
  });
});
