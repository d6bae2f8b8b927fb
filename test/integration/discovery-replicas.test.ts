import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import { freePort, hasPostgres, sharedPostgres } from '../postgres/server.ts';
import { arrival, FAST, runDaemon, simulateGateway, TOKEN, until, writeConfig, type RunningDaemon } from './harness.ts';

const API_TOKEN = 'token-of-the-api';
/** How many instances the gateway of each account lists; the config names none. */
const LISTED = { big: 12, one: 2, two: 2, three: 2 };

function gateway(account: string, count: number): Promise<Simulator> {
  const ids = Array.from({ length: count }, (_, index) => `${account}-${index}`);
  return simulateGateway('evolution', ids);
}

/** Two daemons with the same config, in which accounts only have `discover`. */
async function world() {
  const server = await sharedPostgres();
  const url = await server.database();
  const gateways = new Map<string, Simulator>();
  for (const [account, count] of Object.entries(LISTED)) gateways.set(account, await gateway(account, count));
  const accountOf = ({ url: baseUrl }: Simulator) => ({
    ...{ gateway: 'evolution', baseUrl, token: TOKEN, discover: { every: '1s' } },
  });
  const first = [...gateways.values()][0]!;
  const file = writeConfig(first, {
    defaults: FAST,
    top: {
      ...{ state: { url: '${DATABASE_URL}' }, api: { token: API_TOKEN }, instances: [] },
      cluster: { leaseFor: '15s', replica: '${REPLICA}', token: 'token-of-the-cluster' },
      accounts: Object.fromEntries([...gateways].map(([name, simulator]) => [name, accountOf(simulator)])),
    },
  });
  const run = async (replica: string): Promise<RunningDaemon> => {
    // Where it answers is known only once it listens, so each has a port of its own.
    const port = await freePort();
    const config = JSON.parse(readFileSync(file, 'utf8')) as { cluster: object };
    const cluster = { ...config.cluster, advertise: `http://127.0.0.1:${port}` };
    const own = file.replace('.yaml', `-${replica}.yaml`);
    writeFileSync(own, JSON.stringify({ ...config, cluster, listen: `127.0.0.1:${port}` }));
    return await runDaemon(own, { TOKEN, DATABASE_URL: url, REPLICA: replica });
  };
  return { run, gateways };
}

const accounts = ({ watchdog }: RunningDaemon): string[] => [...watchdog.fleet.accounts.keys()].toSorted();
const names = ({ watchdog }: RunningDaemon): string[] => [...watchdog.fleet.instances.keys()];

describe.skipIf(!hasPostgres())('two replicas whose gateways list their instances', () => {
  it('share them evenly by number, and the one that is left goes on with all of them', async () => {
    const { run, gateways } = await world();
    const one = await run('r1');
    await until([one], () => names(one).length === 18);
    const two = await run('r2');
    await until([one, two], () =>
      [one, two].some((each) => accounts(each).join(' ') === 'big' && names(each).length === 12),
    );
    await until([one, two], () => [one, two].some((each) => accounts(each).length === 3 && names(each).length === 6));
    // The one that is called knows those of the other one, and passes on what is done with them.
    const account = accounts(one).includes('big') ? 'three' : 'big';
    const far = `${account}.${account}-1`;
    expect(names(one)).not.toContain(far);
    expect(await one.api(`/api/v1/instances/${far}`)).toMatchObject({ name: far, discovered: true });
    expect(await one.api('/api/v1/instances/nobody')).toMatchObject({ status: 404 });
    const restart = await fetch(`${one.url}/api/v1/instances/${far}/restart`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ wait: true }),
    });
    expect(restart.status).toBeLessThan(300);
    expect(gateways.get(account)?.counts(`${account}-1`).restarts).toBe(1);
    await two.stop();
    await until([one], () => names(one).length === 18);
    expect(accounts(one)).toEqual(['big', 'one', 'three', 'two']);
    await arrival(gateways.get('big')!, 1, { kind: 'probe', id: 'big-11' });
  });
});
