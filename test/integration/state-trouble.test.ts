import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LONG_COOLDOWN, runDaemon, runProcess, simulate, writeConfig } from './harness.ts';
import { healedOnce, NEIGHBOUR, outageWithoutRestart, probesWithoutState, SICK } from './trouble.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const canLimitFiles = spawnSync('prlimit', ['--version']).status === 0;

// On a real disk that is full, or that cannot be written: disk-trouble.long.test.ts.
describe('a state that cannot be used', { timeout: 180_000 }, () => {
  it.skipIf(!canLimitFiles)(
    'while the daemon runs (prlimit): probing goes on, it says so, no restart is made; writable again, the restart is',
    async () => {
      const simulator = await simulate({ [SICK]: 'connected', [NEIGHBOUR]: 'connected' });
      const daemon = runProcess(['run', '-c', writeConfig(simulator, { defaults: LONG_COOLDOWN })]);
      await daemon.line('"event":"first_round"');
      const limit = (bytes: string): void => {
        execFileSync('prlimit', ['--pid', String(daemon.child.pid), `--fsize=${bytes}:`]);
      };
      limit('1');
      await outageWithoutRestart(daemon, simulator);
      limit('unlimited');
      await healedOnce(daemon, simulator);
      expect(await daemon.end()).toBe(0);
    },
  );

  it('because it is damaged: the same, nothing is changed, and the copy put back still knows the cooldown', async () => {
    const simulator = await simulate({ [SICK]: 'restart_lies', [NEIGHBOUR]: 'connected' });
    const file = writeConfig(simulator, { defaults: LONG_COOLDOWN });
    const state = join(dirname(file), 'state');
    const first = await runDaemon(file);
    await first.line('"event":"restart_finished"');
    await first.stop();
    const copy = join(temporaryFolder(), 'copy');
    cpSync(state, copy, { recursive: true });

    for (const name of readdirSync(join(state, 'db')).filter((file) => /\.(log|ldb|sst)$/u.test(file))) {
      const path = join(state, 'db', name);
      writeFileSync(
        path,
        readFileSync(path).map((byte) => byte ^ 0x5a),
      );
    }
    const damaged = contentOf(state);
    const second = await runDaemon(file);
    await probesWithoutState(second, simulator, state, 'corrupt', 'Nothing was changed', 'Start the watchdog again');
    expect(await second.api('/api/v1/status')).toMatchObject({
      durable: false,
      stateTrouble: expect.stringContaining('corrupt') as unknown,
    });
    await second.stop();
    expect(contentOf(state)).toEqual(damaged);

    rmSync(state, { recursive: true });
    cpSync(copy, state, { recursive: true });
    const third = await runDaemon(file);
    await third.line('"hold":"cooldown"', SICK);
    expect(simulator.counts(SICK).restarts).toBe(1);
  });
});

/** All that is stored. LevelDB begins a new diary (LOG) whenever it is only asked whether it is locked. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !/LOG/u.test(name));
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}
