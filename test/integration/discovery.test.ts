import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../src/core/event.ts';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import {
  metric,
  namesIn,
  FAST,
  runQuickly,
  simulateGateway,
  TOKEN,
  writeConfig,
  type RunningDaemon,
} from './harness.ts';

const shops = (count: number): string[] => Array.from({ length: count }, (_, index) => `shop-${index + 1}`);

interface Discovering {
  readonly gateway?: string;
  readonly account?: object;
  readonly probe?: object;
}

/** A daemon that looks at the list of its gateway every second, and knows of no instance itself. */
function configOf(simulator: Simulator, { gateway = 'evolution', account = {}, probe = {} }: Discovering = {}): string {
  const file = writeConfig(simulator, {
    account: { gateway, username: undefined, discover: { every: '1s', match: 'shop-*' }, ...account },
    defaults: { ...FAST, probe: { ...FAST.probe, ...probe } },
  });
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...config, instances: [] }));
  return file;
}

const came = (daemon: RunningDaemon, count: number): Promise<FleetEvent> =>
  daemon.seen((event) => event.type === 'instances_discovered' && event.added === count);

/** What `/api/v1/status` says of the discovery of the only account. */
async function discoveryOf(daemon: RunningDaemon): Promise<{ instances: number; trouble: string | null }> {
  const { accounts } = (await daemon.api('/api/v1/status')) as {
    accounts: { discovery: { instances: number; trouble: string | null } }[];
  };
  return accounts[0]!.discovery;
}

describe('a gateway that lists its instances', () => {
  it('has its instances watched as they come, healed, and let go as they go', async () => {
    const simulator = await simulateGateway('evolution', ['shop-1', 'shop-2', 'other']);
    const daemon = await runQuickly(configOf(simulator));
    await came(daemon, 2);
    expect(namesIn(daemon)).toEqual(['shop-1', 'shop-2']);
    simulator.set('shop-3', 'disconnected');
    await daemon.phase('shop-3', 'healthy');
    expect(simulator.counts('shop-3').restarts).toBe(1);
    const shown = (await daemon.api('/api/v1/instances/shop-3')) as { discovered: boolean; displayName: string | null };
    expect(shown).toMatchObject({ discovered: true, displayName: null });
    expect(await metric(daemon, 'watchdog_discovered_instances')).toBe(3);
    simulator.remove('shop-2');
    await daemon.seen((event) => event.type === 'instances_discovered' && event.removed === 1);
    expect(namesIn(daemon)).toEqual(['shop-1', 'shop-3']);
    expect(simulator.counts('other').probes).toBe(0);
  });

  it('is not followed when half vanish, when the list fails, and when it is empty', async () => {
    const simulator = await simulateGateway('evolution', shops(12));
    const daemon = await runQuickly(configOf(simulator));
    await came(daemon, 12);
    const began = (why: string): Promise<FleetEvent> =>
      daemon.seen((event) => event.type === 'discovery_failed_began' && event.why === why);
    const ended = (): Promise<FleetEvent> => daemon.next((event) => event.type === 'discovery_failed_ended');
    const whole = null;
    const few = shops(5).map((name) => ({ name, connectionStatus: 'open' }));
    for (const [why, answer, said] of [
      ['shrunk', { httpStatus: 200, body: JSON.stringify(few) }, 'it names 5 of the 12'],
      ['failed', { httpStatus: 500, body: '{"error":"no database"}' }, 'server_error'],
      ['empty', { httpStatus: 200, body: '[]' }, 'it names no instance'],
    ] as const) {
      simulator.setList(answer);
      await began(why);
      expect(namesIn(daemon)).toHaveLength(12);
      expect((await discoveryOf(daemon)).trouble).toContain(said);
      expect(await metric(daemon, 'watchdog_discovery_failed')).toBe(1);
      const over = ended();
      simulator.setList(whole);
      await over;
      expect(await discoveryOf(daemon)).toMatchObject({ instances: 12, trouble: null });
    }
    expect(await daemon.line('is not followed', '5 of the 12')).toContain('force=true');
  });

  it('can write whatever it wants into its list', async () => {
    const simulator = await simulateGateway('evolution', ['shop-1']);
    const evil = [
      ...['shop-\u0000', 'shop-\u202e1', 'shop-\n2', `shop-${'x'.repeat(300)}`, 'shop-<script>alert(1)</script>'],
      ...['shop-../../etc/passwd', 'shop-1', 'shop-1', 'shop-{id}', 'shop-%2e%2e'],
    ];
    const items = [...evil.map((name) => ({ name, connectionStatus: 'open', token: TOKEN })), null, 7, { name: {} }];
    simulator.setList({ httpStatus: 200, body: JSON.stringify(items) });
    const daemon = await runQuickly(configOf(simulator));
    await daemon.seen((event) => event.type === 'instances_discovered');
    for (const name of namesIn(daemon)) expect(name).toMatch(/^[A-Za-z0-9._-]{1,63}$/);
    expect(namesIn(daemon)).toHaveLength(5);
    expect((await discoveryOf(daemon)).instances).toBe(5);
    const { unusable } = (await daemon.seen((event) => event.type === 'instances_discovered')) as { unusable: number };
    expect(unusable).toBe(7);
    const odd = namesIn(daemon).find((name) => name.includes('passwd')) ?? '';
    await daemon.phase(odd, 'needs_human');
    // What they are called stays a part of the path.
    const paths = simulator.log().map(({ path }) => path);
    expect(paths).toContain('/instance/connectionState/shop-..%2F..%2Fetc%2Fpasswd');
    expect(paths.filter((path) => path.includes('<') || path.includes('/etc'))).toEqual([]);
    expect(daemon.log()).not.toContain(TOKEN);
  });

  it('survives a reload, and finds its states again after a restart of the daemon', async () => {
    const simulator = await simulateGateway('evolution', ['shop-1', 'shop-2']);
    const file = configOf(simulator);
    const daemon = await runQuickly(file);
    await came(daemon, 2);
    simulator.set('shop-1', 'disconnected');
    await daemon.seen((event) => event.type === 'healed' && event.name === 'shop-1');
    const text = readFileSync(file, 'utf8');
    const config = JSON.parse(text) as { instances: object[] };
    config.instances.push({ account: 'acme', id: 'shop-2', name: 'main', labels: { a: 'b' } });
    writeFileSync(file, JSON.stringify(config));
    await daemon.reload('signal');
    expect(namesIn(daemon).toSorted()).toEqual(['main', 'shop-1']);
    expect(daemon.watchdog.fleet.instances.get('shop-1')?.state.spent).toHaveLength(1);
    await daemon.stop();
    simulator.setList({ httpStatus: 500, body: '{}' });
    const again = await runQuickly(file);
    await again.seen((event) => event.type === 'discovery_failed_began');
    expect(namesIn(again)).toEqual(['main']);
    simulator.setList(null);
    await came(again, 1);
    expect(again.watchdog.fleet.instances.get('shop-1')?.state.spent).toHaveLength(1);
  });

  it('names the token that each instance has of its own', async () => {
    const simulator = await simulateGateway('wuzapi', ['shop-1', 'shop-2']);
    const file = configOf(simulator, { gateway: 'wuzapi', account: { values: { adminToken: 'an-admin-token' } } });
    const daemon = await runQuickly(file);
    await daemon.phase('shop-1', 'healthy');
    await daemon.phase('shop-2', 'healthy');
    expect(daemon.log()).not.toContain(TOKEN);
  });

  it('is requested once for all regular probes, and each instance before its restart', async () => {
    const simulator = await simulateGateway('waha', shops(50));
    const probe = { bulk: true, failureThreshold: 2 };
    const daemon = await runQuickly(configOf(simulator, { gateway: 'waha', probe }));
    await came(daemon, 50);
    for (let lists = 0; lists < 4; lists += 1) await daemon.next(({ type }) => type === 'list_finished');
    const { probes, lists } = simulator.requests();
    expect(lists).toBeGreaterThan(1);
    // Those that were found are new: the list itself shows how they are.
    expect(probes).toBe(0);
    simulator.set('shop-7', 'disconnected');
    await daemon.seen((event) => event.type === 'healed' && event.name === 'shop-7');
    expect(simulator.counts('shop-7').restarts).toBe(1);
    expect(simulator.counts('shop-7').probes).toBeGreaterThanOrEqual(2);
    const others = shops(50).filter((name) => name !== 'shop-7');
    expect(others.filter((name) => simulator.counts(name).probes > 0)).toEqual([]);
  });
});
