import http from 'node:http';
import type { Socket } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listen, opens, type Listening } from '../gateway/wire.ts';
import { hasPostgres, sharedPostgres } from '../postgres/server.ts';
import { FAST, runDaemon, until, writeConfig, type RunningDaemon } from './harness.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const EACH = 5;

const isOpen = ({ destroyed }: Socket): boolean => !destroyed;
const open = ({ connections }: Listening): number => connections.filter(isOpen).length;
const accounts = ({ watchdog }: RunningDaemon): string[] => [...watchdog.fleet.accounts.keys()];

/** Two replicas of four accounts, each with a gateway of its own and at most one connection to it. */
async function world() {
  const url = await (await sharedPostgres()).database();
  const gateways = new Map<string, Listening>();
  // Connections that nobody uses stay open.
  for (const name of NAMES) gateways.set(name, await listen(http.createServer({ keepAliveTimeout: 0 }, opens)));
  const accountOf = ({ url: baseUrl }: Listening) => ({
    ...{ baseUrl, username: 'acme', token: 'token' },
    limits: { concurrency: 1, requestsPerSecond: 1000 },
  });
  const named = (names: readonly string[]) => ({
    accounts: Object.fromEntries(names.map((name) => [name, accountOf(gateways.get(name)!)])),
    instances: names.flatMap((account) =>
      Array.from({ length: EACH }, (_, index) => ({ account, phoneNumberId: `${account}-${index}` })),
    ),
  });
  const file = writeConfig(
    { url: '', phoneNumberIds: () => [] },
    {
      defaults: { ...FAST, probe: { ...FAST.probe, every: '5s' } },
      top: { ...named(NAMES), state: { url }, cluster: { leaseFor: '15s', replica: '${REPLICA}' } },
    },
  );
  return {
    gateways,
    run: (replica: string) => runDaemon(file, { REPLICA: replica }),
    remove: (account: string) => {
      const config = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...config, ...named(NAMES.filter((name) => name !== account)) }));
    },
  };
}

describe.skipIf(!hasPostgres())('an account that goes to another replica', () => {
  it('or is removed, leaves no connection open where it was', async () => {
    const { gateways, run, remove } = await world();
    const one = await run('r1');
    const all = [...gateways.values()];
    await until([one], () => all.every((gateway) => open(gateway) === 1));
    const two = await run('r2');
    await until([one, two], () => [one, two].every((each) => accounts(each).length === 2));
    const moved = accounts(two);
    // The one of the new owner takes the place of that of the old one, which would stay open for a minute.
    const isMoved = ({ connections }: Listening): boolean => connections.length > 1;
    await until([one, two], () => moved.every((name) => isMoved(gateways.get(name)!)));
    await until([one, two], () => all.every((gateway) => open(gateway) <= 1));
    remove(moved[0]!);
    await Promise.all([one, two].map((daemon) => daemon.reload('signal')));
    await until([one, two], () => open(gateways.get(moved[0]!)!) === 0);
    await two.stop();
    await until([one], () => accounts(one).length === 3 && isMoved(gateways.get(moved[1]!)!));
    expect(all.map(open).every((count) => count <= 1)).toBe(true);
  });
});
