import { describe, expect, it } from 'vitest';
import type { Behaviour, Preset } from '../../src/simulator/instance/behaviour.ts';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import { volume } from '../volume.ts';
import { arrival, FAST, type RunningProcess, runProcess, simulate, writeConfig } from './harness.ts';
import { between, pick, seededChance } from './seeded.ts';

/** `KILLS=200 SEED=7 npx vitest run test/integration/crash.long.test.ts` kills more often, or at other moments. */
const KILLS = Number(process.env['KILLS'] ?? volume(3, 40));
const SEED = Number(process.env['SEED'] ?? 1);

const COOLDOWN_MS = 3_000;
/**
 * What the gateway may see less of a cooldown, because a call is decided first and arrives later: far more than any
 * machine needs for that, and far less than would hide a restart that was forgotten and made again after the start.
 */
const LATE_MS = 1_500;
/** The clocks of two processes in a row may differ by as much as the wall clock was adjusted in between. */
const ADJUSTED_MS = 100;

const BUSY = {
  probe: { ...FAST.probe, retryEvery: '100ms', failureThreshold: 2 },
  restart: {
    ...FAST.restart,
    cooldown: `${COOLDOWN_MS}ms`,
    backoff: { factor: 1, max: `${COOLDOWN_MS}ms`, jitter: 0 },
    budget: { restarts: 100, per: '6h' },
  },
};

const MOMENTS = ['start', 'request', 'restart', 'after a restart'] as const;

const HEALS_IN_A_WHILE: Behaviour = {
  probe: 'disconnected',
  onRestart: [{ answers: 'accepted', effect: { after: 300, becomes: 'connected' } }],
};
const FATES: readonly [Preset | Behaviour, ...(Preset | Behaviour)[]] = [
  'connected',
  'disconnected',
  'disconnected',
  HEALS_IN_A_WHILE,
  HEALS_IN_A_WHILE,
  { ...HEALS_IN_A_WHILE, latency: 30 },
  'restart_lies',
  'restart_lies',
  'restart_denied',
  'restart_hangs',
  'server_error',
  'hanging',
];
const FLEET = Object.fromEntries(
  Array.from({ length: 16 }, (_, index) => [`55119000000${String(10 + index)}`, 'connected' as const]),
);

interface View {
  restart: { budget: { spent: number } };
  history: { at: string; outcome: string | null }[];
}

describe('a daemon that is killed at any moment, again and again', () => {
  it(
    `makes no restart twice, forgets none and probes again: ${String(KILLS)} kills, seed ${String(SEED)}`,
    { timeout: 60_000 + KILLS * 20_000 },
    async () => {
      const chance = seededChance(SEED);
      const simulator = await simulate(FLEET);
      const file = writeConfig(simulator, { defaults: BUSY });
      for (let kill = 0; kill < KILLS; kill += 1) {
        for (const id of simulator.phoneNumberIds()) simulator.set(id, pick(chance, FATES));
        const daemon = runProcess(['run', '-c', file]);
        await Promise.race([killSometime(daemon, simulator, chance), endedByItself(daemon)]);
        await daemon.exit;
      }

      simulator.setAll('connected');
      const last = runProcess(['run', '-c', file]);
      await Promise.race([everyoneProbed(simulator), endedByItself(last)]);
      const { url } = JSON.parse(await last.line('"event":"started"')) as { url: string };
      for (const id of simulator.phoneNumberIds()) {
        const view = (await (await fetch(`${url}/api/v1/instances/${id}`)).json()) as View;
        const { restarts, restartTimes } = simulator.counts(id);
        expect(restarts, `${id}: every restart that the gateway saw is on record`).toBeLessThanOrEqual(
          view.restart.budget.spent,
        );
        const seen = gaps(restartTimes);
        expect(Math.min(...seen), `${id}: as the gateway counts`).toBeGreaterThan(COOLDOWN_MS - LATE_MS);
        const recorded = gaps(view.history.map(({ at }) => Date.parse(at)).sort((one, other) => one - other));
        expect(Math.min(...recorded), `${id}: as recorded`).toBeGreaterThan(COOLDOWN_MS - ADJUSTED_MS);
      }
      expect(simulator.requests().restarts, 'the gateway was busy').toBeGreaterThan(KILLS / 2);
      expect(await last.end()).toBe(0);
      if (process.env['KILLS'] !== undefined) {
        console.info(`${String(KILLS)} kills, ${JSON.stringify(simulator.requests())}`);
      }
    },
  );
});

/** At any time of the start, at the arrival of any request, or at that of a restart: there every moment counts. */
async function killSometime(daemon: RunningProcess, simulator: Simulator, chance: () => number): Promise<void> {
  const kill = (): void => void daemon.child.kill('SIGKILL');
  const later = between(chance, 0, 30);
  switch (pick(chance, MOMENTS)) {
    case 'start':
      await wait(between(chance, 0, 700));
      break;
    case 'request':
      await arrival(simulator, between(chance, 1, 100), {}, kill);
      break;
    case 'restart':
      await arrival(simulator, between(chance, 1, 4), { kind: 'restart' }, kill);
      break;
    case 'after a restart':
      await arrival(simulator, between(chance, 1, 4), { kind: 'restart' });
      await wait(later);
      break;
  }
  kill();
}

async function everyoneProbed(simulator: Simulator): Promise<void> {
  await Promise.all(simulator.phoneNumberIds().map((id) => arrival(simulator, 2, { kind: 'probe', id })));
}

async function endedByItself(daemon: RunningProcess): Promise<void> {
  await daemon.exit;
  if (daemon.child.signalCode === 'SIGKILL') return;
  throw new Error(`the daemon ended by itself:\n${daemon.output().slice(-2_000)}`);
}

function gaps(times: readonly number[]): number[] {
  return [Number.POSITIVE_INFINITY, ...times.slice(1).map((time, index) => time - (times[index] ?? time))];
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
