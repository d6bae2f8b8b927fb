import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import { LONG } from '../volume.ts';
import { LONG_COOLDOWN, type RunningProcess, runProcess, simulate, writeConfig } from './harness.ts';
import { healedOnce, NEIGHBOUR, outageWithoutRestart, probesWithoutState, SICK } from './trouble.ts';
import { temporaryFolder } from '../temporary-folder.ts';

// state-trouble.test.ts has the same rules without a disk of its own, and for every run.
describe.skipIf(!LONG || !canMount())('a disk of its own (root, tmpfs)', { timeout: 180_000 }, () => {
  it('that is full: probing goes on, no restart is made; and a kill then loses nothing of what was saved', async () => {
    const disk = mounted('size=512k');
    const { simulator, file } = await fleetOn(disk);
    const first = runProcess(['run', '-c', file]);
    await first.line('"event":"first_round"');
    const full = join(disk, 'ballast');
    fill(full);
    await useUp(first, simulator);
    await outageWithoutRestart(first, simulator);
    expect(first.output()).toContain('free some space on that disk');
    await first.end('SIGKILL');

    const second = runProcess(['run', '-c', file]);
    await probesWithoutState(second, simulator, disk, 'free some space');
    rmSync(full);
    await second.line('"event":"state_found"', '"instances":32');
    await healedOnce(second, simulator);
  });

  it('that is read-only at the start: everybody is probed, nobody restarted, until it can be written', async () => {
    const disk = mounted('size=8m');
    const { simulator, file } = await fleetOn(disk);
    const first = runProcess(['run', '-c', file]);
    await first.line('"event":"started"');
    await first.end();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const second = runProcess(['run', '-c', file]);
    simulator.set(SICK, 'disconnected');
    await probesWithoutState(second, simulator, disk, 'mount it writable');
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await second.line('"event":"state_found"');
    await healedOnce(second, simulator);
  });
});

/** Enough that their states, saved once more, do not fit into the last block of a file. */
const CROWD = Array.from({ length: 30 }, (_, index) => `55119000001${String(10 + index)}`);

async function fleetOn(disk: string): Promise<{ simulator: Simulator; file: string }> {
  const ids = [SICK, NEIGHBOUR, ...CROWD];
  const simulator = await simulate(Object.fromEntries(ids.map((id) => [id, 'connected' as const])));
  return { simulator, file: writeConfig(simulator, { state: join(disk, 'state'), defaults: LONG_COOLDOWN }) };
}

/** Files still grow within the last block that they have: transitions of the crowd use that up. */
async function useUp(daemon: RunningProcess, simulator: Simulator): Promise<void> {
  for (const id of CROWD) simulator.set(id, 'qr');
  await daemon.line('"event":"state_not_saved"');
}

/** A file system of its own, gone with the test. */
function mounted(options: string): string {
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  return disk;
}

/** Containers often have root without the right to mount. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-mount-'));
  const works = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
  if (works) spawnSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
  return works;
}

/** Writes until nothing fits any more. */
function fill(file: string): void {
  for (const size of [65_536, 4_096, 512]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size, 1), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}
