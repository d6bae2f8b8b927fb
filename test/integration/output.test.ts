import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { arrival, FAST, PROGRAM, simulate, TOKEN, writeConfig } from './harness.ts';

const PATIENCE = { timeout: 60_000 };

/** The daemon over a simulated fleet, probing often and logging each probe, as a process started by `shell`. */
async function runIn(shell: (daemon: string) => readonly [program: string, ...args: string[]]) {
  const ids = Array.from({ length: 20 }, (_, index) => String(index));
  const simulator = await simulate(Object.fromEntries(ids.map((id) => [id, 'connected' as const])));
  const defaults = { ...FAST, probe: { ...FAST.probe, every: '100ms', timeout: '100ms' } };
  const file = writeConfig(simulator, { defaults, top: { log: { level: 'debug' } } });
  const [program, ...args] = shell(`"${process.execPath}" "${PROGRAM}" run -c "${file}"`);
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = new Promise((resolve) => child.on('exit', resolve));
  // 64 KiB fit into a pipe; that is fewer lines.
  const probed = (): Promise<void> => arrival(simulator, 300, { kind: 'probe' });
  return { child, exit, probed };
}

describe('a daemon whose output cannot be written', { timeout: 120_000 }, () => {
  it.runIf(existsSync('/dev/full')).each<readonly [string, string, (child: ChildProcess) => unknown]>([
    ['on a full disk', '> /dev/full 2>&1', () => undefined],
    ['without standard output', '>&- 2>&-', () => undefined],
    ['whose reader is gone', '', ({ stdout }) => stdout?.destroy()],
    ['whose reader has stopped reading', '', () => undefined],
  ])('%s goes on probing, and ends on SIGTERM', async (_, redirection, begin) => {
    const { child, exit, probed } = await runIn((daemon) => ['sh', '-c', `exec ${daemon} ${redirection}`]);
    begin(child);
    await probed();
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it.runIf(existsSync('/usr/bin/script'))(
    'because its terminal was closed goes on probing, and ends on SIGTERM',
    async () => {
      const folder = temporaryFolder();
      const read = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'));
      const { child, probed } = await runIn((daemon) => {
        const around = `trap '' HUP; ${daemon} & echo $! > "${folder}/pid"; wait $!; echo $? > "${folder}/code"`;
        return ['script', '-qec', around, '/dev/null'];
      });
      await probed();
      child.kill('SIGKILL');
      await probed();
      process.kill(read('pid'), 'SIGTERM');
      await expect.poll(() => existsSync(join(folder, 'code')), PATIENCE).toBe(true);
      await expect.poll(() => read('code'), PATIENCE).toBe(0);
    },
  );
});
