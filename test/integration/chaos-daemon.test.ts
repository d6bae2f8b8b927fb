import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTHORITY, FOR_LOCALHOST, KEY, SELF_SIGNED } from './certificates.ts';
import { answer, says, startChaosServer } from './chaos-server.ts';
import { FAST, runDaemon, writeConfig } from './harness.ts';

const OPEN = '{"status":200,"instance":{"state":"open"}}';
const healthy = says(answer(OPEN));

/** What these instances show is judged here, and not whether it leads to a restart. */
const ONLY_WATCH = {
  ...FAST,
  probe: { ...FAST.probe, every: '300ms', retryEvery: '300ms', timeout: '300ms' },
  restart: { ...FAST.restart, enabled: false },
};

describe('the daemon over a gateway in chaos', () => {
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
    await Promise.all(names.map((name) => daemon.probed('timeout', 1, name)));
    expect(warnings).toEqual([]);
  });

  it('believes the authority of tls.caFile, and nobody else', async () => {
    const trusted = await startChaosServer({ reply: () => healthy, tls: { cert: FOR_LOCALHOST, key: KEY } });
    const stranger = await startChaosServer({ reply: () => healthy, tls: { cert: SELF_SIGNED, key: KEY } });
    const file = writeConfig({ url: '', phoneNumberIds: () => [] }, { defaults: ONLY_WATCH, top: twoAccounts() });
    writeFileSync(join(dirname(file), 'ca.pem'), AUTHORITY);
    const daemon = await runDaemon(file);
    await Promise.all([daemon.probed('connected', 1, 'trusted'), daemon.probed('tls', 1, 'stranger')]);
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
