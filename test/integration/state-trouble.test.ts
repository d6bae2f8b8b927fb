import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { FAST, runProcess, simulate, writeConfig } from './harness.ts';

const SICK = '5511900000001';
const NEIGHBOUR = '5511900000002';
const LONG_COOLDOWN = { ...FAST, restart: { ...FAST.restart, cooldown: '60s' } };

const canLimitFiles = spawnSync('prlimit', ['--version']).status === 0;
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountsWork();

const start = (file: string) => runProcess(['run', '-c', file]);

describe('the state of a running daemon', { timeout: 180_000 }, () => {
  it.skipIf(!canLimitFiles)(
    'cannot be written (prlimit): probing goes on, it says so, no restart is made; writable again, the restart is',
    async () => {
      const simulator = await simulate({ [SICK]: 'connected', [NEIGHBOUR]: 'connected' });
      const daemon = start(writeConfig(simulator, { defaults: LONG_COOLDOWN }));
      await daemon.line('"to":"healthy"', SICK);
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

  it.skipIf(!canMount)(
    'is on a disk that is full (root, tmpfs): the same; and a kill then loses nothing of what was saved',
    async () => {
      const disk = mounted('size=512k');
      const simulator = await simulate({ [SICK]: 'connected', [NEIGHBOUR]: 'connected' });
      const file = writeConfig(simulator, { state: join(disk, 'state'), defaults: LONG_COOLDOWN });
      const first = start(file);
      await first.line('"to":"healthy"', SICK);
      const full = join(disk, 'ballast');
      fill(full);
      await useUp(first, simulator);
      await outageWithoutRestart(first, simulator);
      expect(first.output()).toContain('free some space on that disk');
      await first.end('SIGKILL');

      const second = start(file);
      await probesWithoutState(second, simulator, disk, 'free some space');
      rmSync(full);
      await second.line('"event":"state_found"', '"instances":2');
      await healedOnce(second, simulator);
    },
  );
});

describe('a place that can hold no state', { timeout: 180_000 }, () => {
  it('a state path below a file is refused in one line, and left as it is', async () => {
    const simulator = await simulate({ [SICK]: 'disconnected' });
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'taken'), 'something else');
    const daemon = start(writeConfig(simulator, { state: join(folder, 'taken/state') }));
    expect(await daemon.exit).toBe(1);
    expectOneLine(daemon.output(), join(folder, 'taken/state'), 'set state.path to a folder');
    expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('something else');
    expect(simulator.requests().total).toBe(0);
  });
});

describe('a state that cannot be used at the start', { timeout: 180_000 }, () => {
  it.skipIf(!canMount)(
    'being on a read-only file system (root, tmpfs): everybody is probed, nobody restarted, until it can be written',
    async () => {
      const simulator = await simulate({ [SICK]: 'connected', [NEIGHBOUR]: 'connected' });
      const disk = mounted('size=8m');
      const file = writeConfig(simulator, { state: join(disk, 'state'), defaults: LONG_COOLDOWN });
      const first = start(file);
      await first.line('"event":"started"');
      await first.end();
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const second = start(file);
      simulator.set(SICK, 'disconnected');
      await probesWithoutState(second, simulator, disk, 'mount it writable');
      execFileSync('mount', ['-o', 'remount,rw', disk]);
      await second.line('"event":"state_found"');
      await healedOnce(second, simulator);
    },
  );

  it('being damaged: the same, nothing is changed, and the copy put back still knows the cooldown', async () => {
    const simulator = await simulate({ [SICK]: 'restart_lies', [NEIGHBOUR]: 'connected' });
    const file = writeConfig(simulator, { defaults: LONG_COOLDOWN });
    const state = join(dirname(file), 'state');
    const first = start(file);
    await first.line('"event":"restart_finished"');
    expect(await first.end()).toBe(0);
    const copy = join(temporaryFolder(), 'copy');
    cpSync(state, copy, { recursive: true });

    for (const name of readdirSync(join(state, 'db')).filter((file) => /\.(log|ldb|sst)$/u.test(file))) {
      writeFileSync(
        join(state, 'db', name),
        readFileSync(join(state, 'db', name)).map((byte) => byte ^ 0x5a),
      );
    }
    const damaged = contentOf(state);
    const second = start(file);
    await probesWithoutState(second, simulator, state, 'corrupt', 'Nothing was changed', 'Start the watchdog again');
    const { durable, stateTrouble } = await statusOf(second);
    expect([durable, stateTrouble]).toEqual([false, expect.stringContaining('corrupt')]);
    expect(await second.end()).toBe(0);
    expect(contentOf(state)).toEqual(damaged);

    rmSync(state, { recursive: true });
    cpSync(copy, state, { recursive: true });
    const third = start(file);
    await third.line('"hold":"cooldown"', SICK);
    expect(simulator.counts(SICK).restarts).toBe(1);
  });

  it('being in use by another copy: it is refused in one line; that one goes on and alone restarts', async () => {
    const simulator = await simulate({ [SICK]: 'connected' });
    const file = writeConfig(simulator, { defaults: LONG_COOLDOWN });
    const first = start(file);
    await first.line('"to":"healthy"');
    const others = [start(file), start(file)];
    for (const other of others) {
      expect(await other.exit).toBe(1);
      expectOneLine(other.output(), 'in use by another running copy');
    }
    simulator.set(SICK, 'restart_lies');
    await first.line('"hold":"cooldown"');
    expect(simulator.counts(SICK).restarts).toBe(1);
    expect(await first.end()).toBe(0);
  });
});

type Daemon = ReturnType<typeof runProcess>;

/** Makes one instance sick while nothing can be saved. */
async function outageWithoutRestart(daemon: Daemon, simulator: Simulator): Promise<void> {
  simulator.set(SICK, 'disconnected');
  await daemon.line('"event":"state_not_saved"', '"restartGivenUp":true', SICK);
  const { probes } = simulator.counts(NEIGHBOUR);
  await asked(simulator, SICK, simulator.counts(SICK).probes + 10);
  await asked(simulator, NEIGHBOUR, probes + 5);
  expect(simulator.requests().restarts).toBe(0);
}

/** Files still grow within the last block that they have: transitions of a neighbour use that up. */
async function useUp(daemon: Daemon, simulator: Simulator): Promise<void> {
  while (!daemon.output().includes('"event":"state_not_saved"')) {
    for (const preset of ['qr', 'connected'] as const) {
      simulator.set(NEIGHBOUR, preset);
      await asked(simulator, NEIGHBOUR, simulator.counts(NEIGHBOUR).probes + 4);
    }
  }
}

/** A start that had to do without the state says so and goes on, and restarts nobody however sick. */
async function probesWithoutState(daemon: Daemon, simulator: Simulator, ...reasons: string[]): Promise<void> {
  const { restarts } = simulator.requests();
  await daemon.line('"event":"state_unusable"', 'not durable', ...reasons);
  await daemon.line('"event":"state_not_saved"', '"restartGivenUp":true', SICK);
  await asked(simulator, SICK, simulator.counts(SICK).probes + 10);
  await asked(simulator, NEIGHBOUR, simulator.counts(NEIGHBOUR).probes + 5);
  expect(simulator.requests().restarts).toBe(restarts);
}

/** What the daemon tells of itself. */
async function statusOf(daemon: Daemon): Promise<Record<string, unknown>> {
  const { url } = JSON.parse(await daemon.line('"event":"started"')) as { url: string };
  const response = await fetch(`${url}/api/v1/status`);
  return (await response.json()) as Record<string, unknown>;
}

async function healedOnce(daemon: Daemon, simulator: Simulator): Promise<void> {
  await daemon.line('"event":"healed"', SICK);
  expect(simulator.counts(SICK).restarts).toBe(1);
  expect(simulator.counts(NEIGHBOUR).restarts).toBe(0);
}

/** Resolves when the instance was probed so many times in all. */
function asked(simulator: Simulator, id: string, times: number): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = simulator.onRequest(() => {
      if (simulator.counts(id).probes < times) return;
      unsubscribe();
      resolve();
    });
  });
}

function expectOneLine(output: string, ...texts: string[]): void {
  for (const text of texts) expect(output).toContain(text);
  expect(output.trim().split('\n'), output).toHaveLength(1);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-trouble-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file system of its own, gone with the test. */
function mounted(options: string): string {
  const folder = temporaryFolder();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  return disk;
}

/** Containers often have root without the right to mount. */
function mountsWork(): boolean {
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

/** All that is stored. LevelDB begins a new diary (LOG) whenever it is only asked whether it is locked. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !/LOG/u.test(name));
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}
