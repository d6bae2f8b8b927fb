import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { Account } from '../runtime/fleet/account.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { closeAccounts } from './accounts.ts';
import { LiveConfig } from './live-config.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';

async function configWith(token: string, more: Record<string, unknown> = {}): Promise<Config> {
  const folder = temporaryFolder();
  const file = join(folder, 'config.yaml');
  const accounts = { acme: { username: 'acme', token } };
  writeFileSync(file, JSON.stringify({ accounts, instances: [{ account: 'acme', phoneNumberId: '1' }], ...more }));
  return await loadConfig(file, {});
}

const RELOADED: Reloaded = {
  ...{ added: 0, removed: 0, changed: 1, changedAccounts: 1 },
  ...{ newcomers: [], forgotten: [], forgottenAccounts: [], settled: Promise.resolve(), saved: Promise.resolve() },
};
const COUNTS = { added: 0, removed: 0, changed: 1, changedAccounts: 1, waitingForRestart: [] };

/** A live config, and a watchdog that takes over accounts alone, unless it is broken. */
async function startLive() {
  const clock = new SimulatedClock();
  const live = new LiveConfig(await configWith('first-token'), clock, 'process');
  onTestFinished(() => closeAccounts(live.accounts));
  const watch = {
    fleet: {
      accounts: new Map(live.accounts.map((account) => [account.name, account])),
      instances: new Map(),
    } as Fleet,
    broken: false,
    prepareReload({ accounts }: { readonly accounts: readonly Account[] }) {
      if (watch.broken) return Promise.reject(new Error('no such account'));
      return Promise.resolve(() => {
        watch.fleet = { accounts: new Map(accounts.map((account) => [account.name, account])), instances: new Map() };
        return RELOADED;
      });
    },
  };
  return { clock, live, watch };
}

describe('the live config', () => {
  it('exchanges config, accounts, dry run and generation at once', async () => {
    const { live, watch } = await startLive();
    const [before] = live.accounts;
    expect([live.generation, live.status.dryRun]).toEqual(['process-0', false]);
    await live.swap(await configWith('second-token', { dryRun: true }), watch);
    expect([live.generation, live.status.dryRun]).toEqual(['process-1', true]);
    expect(live.current.accounts.get('acme')?.token).toBe('second-token');
    expect(live.current.instances).toEqual([]);
    expect(live.accounts.map(({ name }) => name)).toEqual(['acme']);
    expect(live.accounts[0]).not.toBe(before);
  });

  it('keeps the secrets of the start and of the config before the last reload masked', async () => {
    const { live, watch } = await startLive();
    await live.swap(await configWith('second-token'), watch);
    await live.swap(await configWith('third-token'), watch);
    expect(live.masks.outside('first-token second-token third-token')).toBe('*** *** ***');
    await live.swap(await configWith('fourth-token'), watch);
    expect(live.masks.outside('second-token')).toBe('second-token');
  });

  it('stays as it is when the fleet cannot be exchanged', async () => {
    const { live, watch } = await startLive();
    const { current, accounts, generation } = live;
    watch.broken = true;
    await expect(live.swap(await configWith('second-token'), watch)).rejects.toThrow('no such account');
    expect([live.current, live.accounts, live.generation]).toEqual([current, accounts, generation]);
    expect(live.current).toBe(current);
  });

  it('remembers how the last reload ended, and when one succeeded', async () => {
    const { clock, live } = await startLive();
    const startedAt = clock.now();
    const problem = { file: 'config.yaml', line: 1, column: 1, path: '', message: 'is wrong', remedy: 'Repair it.' };
    await clock.run(1_000);
    const failed = live.reloadEnded({ ok: false, problems: [problem] }, 'files');
    expect(failed).toEqual({ type: 'config_reload_failed', reason: 'files', problems: [problem] });
    expect(live.status).toMatchObject({
      ...{ lastReloadSuccessful: false, lastSuccessAt: startedAt, problems: [problem] },
    });
    const reloaded = live.reloadEnded({ ok: true, ...COUNTS, waitingForRestart: ['listen'] }, 'api');
    expect(reloaded).toEqual({ type: 'config_reloaded', reason: 'api', ...COUNTS, waitingForRestart: ['listen'] });
    expect(live.status).toMatchObject({
      ...{ lastReloadSuccessful: true, lastSuccessAt: startedAt + 1_000, problems: [], waitingForRestart: ['listen'] },
    });
    expect(live.generation).toBe('process-0');
  });
});
