import { describe, expect, it } from 'vitest';
import { hasPostgres } from '../postgres/server.ts';
import { LONG } from '../volume.ts';
import { Cluster } from './cluster.ts';

const { env } = process;
const [ACCOUNTS, EACH] = [Number(env['ACCOUNTS'] ?? 300), Number(env['EACH'] ?? 100)];
/** The default of `cluster.leaseFor`. */
const LEASE = 15_000;
const EVERY = 60_000;
/** From the end of a process until others have probed something of each of its accounts. */
const TAKEN_OVER = 20_000;

describe.skipIf(!LONG || !hasPostgres())('of a large fleet', { timeout: 900_000 }, () => {
  it('all accounts of a replica that is killed are probed again within 20 s, with leases as long as by default', async () => {
    const cluster = await Cluster.open({
      ...{ accounts: ACCOUNTS, each: EACH, every: `${EVERY / 1000}s` },
      ...{ leaseFor: `${LEASE / 1000}s`, cooldown: '20s' },
    });
    const { books } = cluster;
    const times: string[] = [];
    // The others have hardly anything yet: accounts move one at a time.
    const [one, two, three] = [await cluster.start(), await cluster.start(), await cluster.start()] as const;
    await books.allProbed(cluster.ids, 300_000);
    for (const [member, others] of [
      [one, [two, three]],
      [two, [three]],
    ] as const) {
      const owned = await cluster.owned(member);
      await member.process.end('SIGKILL');
      // What was on its way is probed already.
      const kept = new Set((await Promise.all(others.map((other) => cluster.owned(other)))).flat());
      const accounts = owned.filter((account) => !kept.has(account));
      expect(accounts.length).toBeGreaterThan(ACCOUNTS / 3);
      const [watched, probed] = await Promise.all([
        books.allWatched(accounts, TAKEN_OVER),
        books.allProbed(cluster.idsOf(accounts), LEASE + EVERY),
      ]);
      times.push(`${accounts.length} accounts after ${watched} ms, all their instances after ${probed} ms`);
    }
    console.info(`probed again: ${times.join(', ')}`);
    expect(books.restarts.size).toBe(0);
  });
});
