import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../src/store/postgres/connection.ts';
import { Leases } from '../../src/store/postgres/leases.ts';
import { ManualClock } from '../simulator/manual-clock.ts';
import { openTestStore, settingsOf } from './open-store.ts';
import { hasPostgres, sharedPostgres } from './server.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** Longer than any test takes on any machine. */
const LEASE = 600_000;
/** Of a lease, what no statement takes. */
const PART = LEASE / 10;

/** Leases of several processes in one database, each behind a proxy of its own. */
async function processes(...owners: readonly string[]) {
  const server = await sharedPostgres();
  const url = await server.database();
  const database = url.replace(/.*\//, '');
  await (await openTestStore(url)).close();
  const clock = new ManualClock();
  const made = owners.map(async (owner) => {
    const proxy = await tcpProxy(server.port);
    const connection = new Connection(settingsOf(server.url(database, proxy.port)), 5_000);
    onTestFinished(() => connection.close());
    return { proxy, leases: new Leases({ connection, clock, owner, leaseFor: LEASE }) };
  });
  const [one, two, three] = await Promise.all(made);
  const sql = (text: string) => server.sql(text, database);
  const ages = async () =>
    (await sql('select fingerprint from watchdog.config order by since')).map((row) => row['fingerprint']);
  return { one: one!, two: two!, three: three!, clock, sql, ages };
}

const newsOf = (replica: string, config: string) => ({ replica, advertise: null, config, gateways: {} });

const names = (claimed: readonly { readonly account: string }[]) => claimed.map(({ account }) => account);

const END = "update watchdog.lease set until = now() - interval '1 ms'";

describe.skipIf(!hasPostgres())('leases', () => {
  it('each account is claimed by one of those that want it, and by nobody else while it is held', async () => {
    const { one, two } = await processes('one', 'two');
    const wanted = ['a', 'b', 'c', 'd'];
    const [first, second] = await Promise.all([one.leases.claim(wanted), two.leases.claim(wanted)]);
    expect([...names(first), ...names(second)].toSorted()).toEqual(wanted);
    expect(await one.leases.claim(wanted)).toEqual([]);
    expect(await two.leases.claim(wanted)).toEqual([]);
  });

  it('with each owner the token grows, and the former one notices when it renews', async () => {
    const { one, two, sql } = await processes('one', 'two');
    await one.leases.claim(['a', 'b']);
    await sql(`${END} where account = 'a'`);
    expect(await two.leases.claim(['a', 'b'])).toEqual([{ account: 'a', takenFrom: 'one' }]);
    expect([one.leases.token('a'), two.leases.token('a')]).toEqual([1, 2]);
    expect(await one.leases.renew(null)).toMatchObject({ lost: ['a'] });
    expect([one.leases.token('a'), one.leases.token('b')]).toEqual([undefined, 1]);
    expect(await two.leases.renew(null)).toMatchObject({ lost: [] });
  });

  it('what has ended is renewed as long as nobody else has claimed it', async () => {
    const { one, two, sql } = await processes('one', 'two');
    await one.leases.claim(['a']);
    await sql(END);
    expect(await one.leases.renew(null)).toMatchObject({ lost: [] });
    expect(await two.leases.claim(['a'])).toEqual([]);
  });

  it('a process counts the end of its leases by its own clock, from before the answer, until it has renewed them', async () => {
    const { one, clock } = await processes('one');
    const start = clock.now();
    const claiming = one.leases.claim(['a']);
    clock.advance(4_000);
    await claiming;
    expect(one.leases.heldUntil('a')).toBe(start + LEASE);
    one.proxy.set('cut');
    await expect(one.leases.renew(null)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(one.leases.heldUntil('a')).toBe(start + LEASE);
    one.proxy.set('fair');
    await one.leases.renew(null);
    expect(one.leases.heldUntil('a')).toBe(start + 4_000 + LEASE);
    expect(one.leases.heldUntil('b')).toBe(0);
  });

  it('what is released can be claimed at once, and is not taken back by a renewal under way', async () => {
    const { one, two } = await processes('one', 'two');
    await one.leases.claim(['a', 'b']);
    const [{ lost }] = await Promise.all([one.leases.renew(null), one.leases.release(['a'])]);
    expect([lost, one.leases.accounts]).toEqual([[], ['b']]);
    expect(await two.leases.claim(['a', 'b'])).toEqual([{ account: 'a', takenFrom: null }]);
  });

  it('a claim whose answer was lost is made again', async () => {
    const { one, two } = await processes('one', 'two');
    await one.leases.claim(['warm']);
    one.proxy.cutAfter('with wanted');
    await expect(one.leases.claim(['a'])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(one.leases.token('a')).toBeUndefined();
    expect(await two.leases.claim(['a'])).toEqual([]);
    expect(await one.leases.claim(['a'])).toEqual([{ account: 'a', takenFrom: null }]);
    expect(one.leases.token('a')).toBe(2);
  });

  it('what each publishes is read by the others for as long as it lives, and so is who owns what', async () => {
    const { one, two, sql } = await processes('one', 'two');
    const news = (config: string) => ({ replica: 'host', advertise: null, config, gateways: {} });
    await one.leases.announce(news('old'), false);
    await one.leases.claim(['a', 'b']);
    await one.leases.renew(news('old'));
    await one.leases.release(['b']);
    const view = await two.leases.renew(news('new'));
    expect(view.replicas).toEqual([{ ...news('old'), owner: 'one', isLate: false }]);
    expect(view.foreign).toEqual([
      { account: 'a', owner: 'one', freeIn: expect.toSatisfy((ms) => ms > LEASE - PART && ms <= LEASE) as number },
      { account: 'b', owner: null, freeIn: 0 },
    ]);
    expect([...view.configAges.keys()]).toEqual(['old']);
    await one.leases.leave();
    await sql("update watchdog.lease set until = 'epoch'");
    expect(await two.leases.renew(news('new'))).toMatchObject({
      replicas: [],
      foreign: [{ freeIn: 0 }, { freeIn: 0 }],
    });
  });

  it('one that has missed a renewal is late: half of its own lease is over', async () => {
    const { one, two, sql } = await processes('one', 'two');
    const news = { replica: 'host', advertise: null, config: 'c', gateways: {} };
    await one.leases.renew(news);
    const isLate = async (left: number, published: object = {}): Promise<boolean | undefined> => {
      const text = JSON.stringify(published);
      await sql(`update watchdog.replica set until = now() + interval '${left} ms', news = news || '${text}'`);
      return (await two.leases.renew(news)).replicas[0]?.isLate;
    };
    expect([await isLate(LEASE / 2 + PART), await isLate(LEASE / 2 - 100)]).toEqual([false, true]);
    expect(await isLate(LEASE / 2 + PART, { leaseFor: 2 * LEASE })).toBe(true);
    // An earlier version does not say.
    await sql("update watchdog.replica set news = news - 'leaseFor'");
    expect(await isLate(LEASE / 2 + PART)).toBe(false);
  });

  it('what is no news of a replica is passed over, and so is what it says of a gateway in another way', async () => {
    const { one, two, sql } = await processes('one', 'two');
    const news = { replica: 'host', advertise: null, config: 'c', gateways: {} };
    const odd = ['null', '[1]', '"x"', '{}', '{"replica":"x","advertise":7,"config":"c","gateways":{}}'];
    const rows = odd.map((text, index) => `('odd ${index}', now() + interval '1 hour', '${text}')`);
    await sql(`insert into watchdog.replica (owner, until, news) values ${rows.join(', ')}`);
    const gateways = { 'https://a': { watched: 1 }, 'https://b': null };
    await one.leases.renew({ ...news, gateways: gateways as never });
    expect((await two.leases.renew(news)).replicas).toEqual([{ ...news, owner: 'one', isLate: false }]);
  });

  it('a config is as old as its first use, unless it comes again in place of another one', async () => {
    const { one, two, ages } = await processes('one', 'two');
    await one.leases.announce(newsOf('r1', 'first'), false);
    await one.leases.renew(newsOf('r1', 'first'));
    await two.leases.announce(newsOf('r2', 'second'), false);
    await two.leases.renew(newsOf('r2', 'second'));
    expect(await ages()).toEqual(['first', 'second']);
    await one.leases.announce(newsOf('r1', 'first'), true);
    expect(await ages()).toEqual(['second', 'first']);
    await one.leases.announce(newsOf('r1', 'second'), true);
    expect(await ages()).toEqual(['second', 'first']);
  });

  it('one with which a replica starts again counts as new where it had another one, and where it was not there before', async () => {
    const { one, two, three, ages, sql } = await processes('one', 'two', 'three');
    const lived = async ({ leases }: typeof one, name: string, config: string): Promise<void> => {
      await leases.announce(newsOf(name, config), false);
      await leases.renew(newsOf(name, config));
      await leases.leave();
    };
    await lived(one, 'r1', 'old');
    await lived(one, 'away', 'old');
    await lived(two, 'r1', 'new');
    expect(await ages()).toEqual(['old', 'new']);
    // As on a machine that was away, so that a config that others no longer have is still there.
    await lived(two, 'away', 'old');
    expect(await ages()).toEqual(['old', 'new']);
    await lived(three, 'r1', 'old');
    expect(await ages()).toEqual(['new', 'old']);
    await lived(two, 'r9', 'new');
    expect(await ages()).toEqual(['old', 'new']);
    // Others that live and have it already say how old it is.
    await two.leases.renew(newsOf('r9', 'old'));
    await one.leases.announce(newsOf('r1', 'old'), false);
    await three.leases.announce(newsOf('r8', 'old'), false);
    expect(await ages()).toEqual(['old', 'new']);
    await sql("update watchdog.replica set until = 'epoch'");
    await three.leases.announce(newsOf('r8', 'old'), false);
    expect(await ages()).toEqual(['new', 'old']);
  });

  it('of replicas that are gone, the last row of each name stays for a month', async () => {
    const { one, sql } = await processes('one');
    const rows = [
      ['r1 early', 'r1', 2],
      ['r1 late', 'r1', 1.5],
      ['r2', 'r2', 29],
      ['r3', 'r3', 31],
      ['r4 early', 'r4', 0.5],
      ['r4 late', 'r4', 0.1],
    ].map(([owner, name, days]) => `('${owner}', now() - interval '${days} days', '{"replica":"${name}"}')`);
    await sql(`insert into watchdog.replica (owner, until, news) values ${rows.join(', ')}`);
    await one.leases.leave();
    const left = await sql('select owner from watchdog.replica order by owner');
    expect(left.map(({ owner }) => owner)).toEqual(['r1 late', 'r2', 'r4 early', 'r4 late']);
  });
});
