import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTHORITY, FOR_LOCALHOST, KEY, SELF_SIGNED } from './certificates.ts';
import { answer, drips, pours, says, saysAndResets, startChaosServer, type Reply } from './chaos-server.ts';
import { FAST, runDaemon, writeConfig, type RunningDaemon } from './harness.ts';

const OPEN = '{"status":200,"instance":{"state":"open"}}';
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const NEIGHBOUR = '5511900000099';
const healthy = says(answer(OPEN));

/** What these instances show is judged here, and not whether it leads to a restart. */
const ONLY_WATCH = {
  ...FAST,
  probe: { ...FAST.probe, every: '300ms', retryEvery: '300ms', timeout: '300ms' },
  restart: { ...FAST.restart, enabled: false },
};

const SICK: Record<string, { reply: Reply; cause: string }> = {
  '5511900000001': { reply: drips('H', 'T', 1_000), cause: 'timeout' },
  '5511900000002': { reply: drips(`${HEAD}content-length: 999\r\n\r\n{`, ' ', 1_000), cause: 'timeout' },
  '5511900000003': { reply: drips(HEAD, 'x: y\r\n', 20), cause: 'timeout' },
  '5511900000004': { reply: pours('', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)), cause: 'timeout' },
  '5511900000005': { reply: saysAndResets(HEAD), cause: 'reset' },
  '5511900000006': {
    reply: pours(`${HEAD}content-length: 104857600\r\n\r\n`, ' '.repeat(65_536), 1600),
    cause: 'unreadable',
  },
  '5511900000007': { reply: says(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`), cause: 'unreadable' },
  '5511900000008': { reply: says(HEAD, 'a: b\r\n'.repeat(30_000), '\r\n'), cause: 'unreadable' },
};

/** Resolves when the instance was probed so many more times with this cause. */
async function probed(daemon: RunningDaemon, name: string, cause: string, times: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = times;
    const unsubscribe = daemon.events.subscribe((event) => {
      if (event.type !== 'probe_finished' || event.name !== name || event.cause !== cause) return;
      left -= 1;
      if (left > 0) return;
      unsubscribe();
      resolve();
    });
  });
}

describe('the daemon over a gateway in chaos', () => {
  it('tells every trouble by its cause, keeps probing a neighbour meanwhile, and sees each cured', async () => {
    let chaos = true;
    const server = await startChaosServer({
      reply: (request) =>
        (chaos ? Object.entries(SICK).find(([id]) => request.includes(id))?.[1].reply : undefined) ?? healthy,
    });
    const url = `http://127.0.0.1:${server.port}`;
    const ids = [...Object.keys(SICK), NEIGHBOUR];
    const daemon = await runDaemon(writeConfig({ url, phoneNumberIds: () => ids }, { defaults: ONLY_WATCH }));
    const rounds = Object.entries(SICK).map(([id, { cause }]) => probed(daemon, id, cause, 4));
    await Promise.all([...rounds, probed(daemon, NEIGHBOUR, 'connected', 4)]);
    expect(daemon.watchdog.fleet.instances.get(NEIGHBOUR)?.state).toMatchObject({ phase: 'healthy', failures: 0 });

    chaos = false;
    await Promise.all(ids.map((id) => probed(daemon, id, 'connected', 2)));
    expect(daemon.watchdog.late()).toEqual([]);
    expect(daemon.log()).not.toContain('decision_failed');
  });

  it('asks many accounts at once that all hang, without a warning of Node.js', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const server = await startChaosServer({ reply: () => says() });
    const names = Array.from({ length: 12 }, (_, index) => `account-${String(index)}`);
    const account = { baseUrl: `http://127.0.0.1:${server.port}`, username: 'acme', token: '${TOKEN}' };
    const top = {
      accounts: Object.fromEntries(names.map((name) => [name, account])),
      instances: names.map((name) => ({ account: name, phoneNumberId: '5511900000001', name })),
    };
    const patient = { ...ONLY_WATCH, probe: { ...ONLY_WATCH.probe, every: '2s', timeout: '2s' } };
    const daemon = await runDaemon(writeConfig({ url: '', phoneNumberIds: () => [] }, { defaults: patient, top }));
    await Promise.all(names.map((name) => probed(daemon, name, 'timeout', 1)));
    expect(warnings).toEqual([]);
  });

  it('believes the authority of tls.caFile, and nobody else', async () => {
    const trusted = await startChaosServer({ reply: () => healthy, tls: { cert: FOR_LOCALHOST, key: KEY } });
    const stranger = await startChaosServer({ reply: () => healthy, tls: { cert: SELF_SIGNED, key: KEY } });
    const file = writeConfig({ url: '', phoneNumberIds: () => [] }, { defaults: ONLY_WATCH, top: twoAccounts() });
    writeFileSync(join(dirname(file), 'ca.pem'), AUTHORITY);
    const daemon = await runDaemon(file);
    await Promise.all([probed(daemon, 'trusted', 'connected', 1), probed(daemon, 'stranger', 'tls', 1)]);
    expect(stranger.requests).toEqual([]);

    function twoAccounts(): object {
      const account = ({ port }: { port: number }) => ({
        baseUrl: `https://localhost:${port}`,
        username: 'acme',
        token: '${TOKEN}',
        tls: { caFile: 'ca.pem' },
      });
      return {
        accounts: { trusted: account(trusted), stranger: account(stranger) },
        instances: ['trusted', 'stranger'].map((name) => ({ account: name, phoneNumberId: '5511900000001', name })),
      };
    }
  });
});
