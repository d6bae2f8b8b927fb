import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config/load.ts';
import { HISTORY_LIMIT } from '../src/core/instance/instance.ts';
import { startDaemon, type Daemon } from '../src/daemon.ts';
import { systemClock } from '../src/time/clock.ts';
import { TOKEN } from './subjects.ts';

/** Everything happens in seconds, so that within minutes everything that can fill up is full. */
const HASTY = {
  probe: { every: '1s', retryEvery: '500ms', recoverEvery: '500ms', timeout: '500ms', connectingGrace: '1s' },
  restart: {
    grace: '2s',
    cooldown: '1s',
    backoff: { factor: 2, max: '4s', jitter: 0.2 },
    stableFor: '10s',
    budget: { restarts: 1000, per: '6h' },
    timeout: '1s',
    retries: 0,
  },
};

/** Restarts every instance until its history has its longest length; before each restart, `before` may change it. */
export async function fillHistories({ watchdog }: Daemon, before: (name: string) => Promise<void>): Promise<void> {
  for (let record = 0; record < HISTORY_LIMIT; record += 1) {
    await Promise.all(
      [...watchdog.fleet.instances.values()].map(async (instance) => {
        await before(instance.name);
        const { ended } = await watchdog.control.requestRestart(instance, {
          trigger: 'cli',
          requestedBy: 'soak',
          force: true,
        });
        await ended;
      }),
    );
  }
}

/** The whole daemon with its state on disk. `stop` removes that. */
export async function startSoakDaemon(url: string, phoneNumberIds: readonly string[]): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-soak-'));
  const file = join(folder, 'config.yaml');
  const limits = { requestsPerSecond: 1000, concurrency: 50, restartsPerMinute: 1000, concurrentRestarts: 20 };
  const config = {
    listen: '127.0.0.1:0',
    state: { path: 'state' },
    accounts: { bench: { baseUrl: url, username: 'bench', token: '${TOKEN}', limits } },
    defaults: HASTY,
    // Faults that only a person ends come by chance after restarts too, and would soon hold all of them as harmful.
    guard: { startup: '0s', stormCooldown: '2s', maxUnhealthy: '60%', maxHarmed: 100_000 },
    instances: phoneNumberIds.map((phoneNumberId) => ({ account: 'bench', phoneNumberId })),
  };
  await writeFile(file, JSON.stringify(config));
  const daemon = await startDaemon({
    config: await loadConfig(file, { TOKEN }),
    clock: systemClock(),
    version: 'soak',
    logTo: { write: () => undefined },
  });
  return {
    ...daemon,
    stop: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true });
    },
  };
}
