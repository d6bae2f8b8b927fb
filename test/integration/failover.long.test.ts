import { describe, expect, it } from 'vitest';
import { hasPostgres, type PostgresServer } from '../postgres/server.ts';
import { LONG } from '../volume.ts';
import { Cluster, type Member } from './cluster.ts';

const COOLDOWN = 30_000;

const revisions = async (server: PostgresServer): Promise<ReadonlyMap<string, number>> => {
  const rows = await server.sql('select key, revision from watchdog.state');
  return new Map(rows.map(({ key, revision }) => [String(key), Number(revision)]));
};

describe.skipIf(!LONG || !hasPostgres())('a synchronous standby', { timeout: 600_000 }, () => {
  it('takes over when the primary is killed: replicas find it, nothing is lost, and nothing is restarted twice', async () => {
    const cluster = await Cluster.open({
      ...{ accounts: 4, each: 5, every: '5s', leaseFor: '5s', hasStandby: true },
      cooldown: `${COOLDOWN / 1000}s`,
    });
    const { books, simulator, database, standby } = cluster;
    if (standby === null) throw new Error('the cluster has no standby');
    const members = [await cluster.start(), await cluster.start()] as [Member, Member];
    await cluster.settled(members, 120_000);
    // What a restart does not help is due again as soon as its cooldown is over, or forgotten.
    const before = await Promise.all(
      members.map(async (member) => cluster.idsOf(await cluster.owned(member))[0] ?? ''),
    );
    for (const id of before) simulator.set(id, 'restart_lies');
    const countsOf = (ids: readonly string[]): unknown[] => ids.map((id) => books.restarts.get(id)?.length);
    await expect.poll(() => countsOf(before), { timeout: 120_000, interval: 500 }).toEqual([1, 1]);
    const saved = await revisions(database);

    await database.down('SIGQUIT');
    const after = cluster.ids.filter((id) => !before.includes(id)).slice(-1);
    for (const id of after) simulator.set(id, 'disconnected');
    await members[0].process.line('"event":"state_not_saved"');
    expect(countsOf(after)).toEqual([undefined]);

    await standby.promote();
    await expect.poll(() => countsOf(after), { timeout: 120_000, interval: 500 }).toEqual([1]);
    await cluster.settled(members, 120_000);
    const found = await revisions(standby);
    const lost = [...saved].filter(([key, revision]) => (found.get(key) ?? 0) < revision);
    expect(lost).toEqual([]);
    expect(books.tooClose(COOLDOWN)).toEqual([]);
  });
});
