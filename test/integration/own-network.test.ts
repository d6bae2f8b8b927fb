import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FleetEvent } from '../../src/core/event.ts';
import { answer, says, startChaosServer } from './chaos-server.ts';
import { FAST, runQuickly, writeConfig } from './harness.ts';

const healthy = says(answer('{"status":200,"instance":{"state":"open"}}'));
const IDS = ['5511900000001', '5511900000002', '5511900000003'];

/** Something outside that answers as long as there is a way to it. */
async function startTarget(port = 0): Promise<{ port: number; close: () => Promise<void> }> {
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, close };
}

describe('the way out of this machine', () => {
  it('gone and back: no restart, not one failure, no recovery, and one incident', async () => {
    const target = await startTarget();
    const gateway = await startChaosServer({ reply: () => healthy });
    const connectivity = { targets: [`tcp://127.0.0.1:${target.port}`], every: '1s', timeout: '1s' };
    const nervous = { ...FAST, probe: { ...FAST.probe, every: '500ms', timeout: '500ms', failureThreshold: 1 } };
    const file = writeConfig(
      { url: `http://127.0.0.1:${gateway.port}`, phoneNumberIds: () => IDS },
      { defaults: nervous, top: { connectivity } },
    );
    const daemon = await runQuickly(file);
    for (const id of IDS) await daemon.phase(id, 'healthy');
    const news: FleetEvent[] = [];
    daemon.events.subscribe((event) => {
      if (event.type !== 'probe_finished') news.push(event);
    });

    await target.close();
    await gateway.close();
    await daemon.probed('own_network', 12);
    expect(daemon.watchdog.guards.networkUp).toBe(false);
    expect(await daemon.api('/api/v1/status')).toMatchObject({ ownNetwork: { up: false } });

    const again = await startChaosServer({ reply: () => healthy, port: gateway.port });
    await startTarget(target.port);
    await daemon.seen(({ type }) => type === 'own_network_up');
    await daemon.probed('connected', 12);
    expect(news.map(({ type }) => type)).toEqual(['own_network_down', 'own_network_up']);
    for (const { state } of daemon.watchdog.fleet.instances.values()) {
      expect(state).toMatchObject({ phase: 'healthy', failures: 0, attempt: 0 });
    }
    expect([...gateway.requests, ...again.requests].filter((head) => head.startsWith('POST '))).toEqual([]);
  });
});
