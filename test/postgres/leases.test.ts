import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../src/store/postgres/connection.ts';
import { Leases } from '../../src/store/postgres/leases.ts';
import { ManualClock } from '../simulator/manual-clock.ts';
import { openTestStore, settingsOf } from './open-store.ts';
import { hasPostgres, sharedPostgres } from './server.ts';
import { tcpProxy } from './tcp-proxy.ts';

const LEASE = 15_000;

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
  const [one, two] = await Promise.all(made);
  return { one: one!, two: two!, clock, sql: (text: string) => server.sql(text, database) };
}

const END = "update watchdog.lease set until = now() - interval '1 ms'";

describe.skipIf(!hasPostgres())('leases', { timeout: 60_000 }, () => {
  it('each account is claimed by one of those that want it, and by nobody else while it is held', async () => {
    const { one, two } = await processes('one', 'two');
    const wanted = ['a', 'b', 'c', 'd'];
    const [first, second] = await Promise.all([one.leases.claim(wanted, 4), two.leases.claim(wanted, 4)]);
    expect([...first, ...second].toSorted()).toEqual(wanted);
    expect(await one.leases.claim(wanted, 4)).toEqual([]);
    expect(await two.leases.claim(wanted, 4)).toEqual([]);
  });

  it('at most as many are claimed as there is room for', async () => {
    const { one, two, sql } = await processes('one', 'two');
    expect(await one.leases.claim(['a', 'b'], 1)).toEqual(['a']);
    expect(await one.leases.claim(['b', 'c'], 2)).toEqual(['b', 'c']);
    await sql(END);
    expect(await two.leases.claim(['a', 'b', 'c', 'd'], 2)).toHaveLength(2);
    expect(await two.leases.claim(['a'], 0)).toEqual([]);
  });

  it('with each owner the token grows, and the former one notices when it renews', async () => {
    const { one, two, sql } = await processes('one', 'two');
    await one.leases.claim(['a', 'b'], 2);
    await sql(`${END} where account = 'a'`);
    expect(await two.leases.claim(['a', 'b'], 2)).toEqual(['a']);
    expect([one.leases.token('a'), two.leases.token('a')]).toEqual([1, 2]);
    expect(await one.leases.renew()).toEqual(['a']);
    expect([one.leases.token('a'), one.leases.token('b')]).toEqual([undefined, 1]);
    expect(await two.leases.renew()).toEqual([]);
  });

  it('what has ended is renewed as long as nobody else has claimed it', async () => {
    const { one, two, sql } = await processes('one', 'two');
    await one.leases.claim(['a'], 1);
    await sql(END);
    expect(await one.leases.renew()).toEqual([]);
    expect(await two.leases.claim(['a'], 1)).toEqual([]);
  });

  it('a process counts the end of its leases by its own clock, from before the answer, until it has renewed them', async () => {
    const { one, clock } = await processes('one');
    const start = clock.now();
    const claiming = one.leases.claim(['a'], 1);
    clock.advance(4_000);
    await claiming;
    expect(one.leases.heldUntil('a')).toBe(start + LEASE);
    one.proxy.set('cut');
    await expect(one.leases.renew()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(one.leases.heldUntil('a')).toBe(start + LEASE);
    one.proxy.set('fair');
    await one.leases.renew();
    expect(one.leases.heldUntil('a')).toBe(start + 4_000 + LEASE);
    expect(one.leases.heldUntil('b')).toBe(0);
  });

  it('what is released can be claimed at once, and is not taken back by a renewal under way', async () => {
    const { one, two } = await processes('one', 'two');
    await one.leases.claim(['a', 'b'], 2);
    const [lost] = await Promise.all([one.leases.renew(), one.leases.release(['a'])]);
    expect([lost, one.leases.accounts]).toEqual([[], ['b']]);
    expect(await two.leases.claim(['a', 'b'], 2)).toEqual(['a']);
  });

  it('a claim whose answer was lost is made again', async () => {
    const { one, two } = await processes('one', 'two');
    await one.leases.claim(['warm'], 1);
    one.proxy.cutAfter('with wanted');
    await expect(one.leases.claim(['a'], 1)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(one.leases.token('a')).toBeUndefined();
    expect(await two.leases.claim(['a'], 1)).toEqual([]);
    expect(await one.leases.claim(['a'], 1)).toEqual(['a']);
    expect(one.leases.token('a')).toBe(2);
  });
});
