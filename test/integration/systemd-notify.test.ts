import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Lookout } from './lookout.ts';
import { runProcess, simulate, writeConfig } from './harness.ts';

const PYTHON = ['python3', '-c'] as const;
/** Writes each datagram as one line. What comes along with one (a file, as a barrier) is closed by not being taken. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listening', flush=True)
while True: print(s.recv(65536).decode().strip().replace('\\n', ' '), flush=True)
`;

const missing = [
  ['systemd-notify', '--version'],
  ['python3', '--version'],
].flatMap(([program = '', argument = '']) => (spawnSync(program, [argument]).error === undefined ? [] : [program]));
// In CI a missing tool is a failure, not a reason to leave the question open.
const skipped = missing.length > 0 && process.env['CI'] === undefined;
if (skipped) console.warn(`systemd-notify.test.ts is skipped: ${missing.join(' and ')} not found on PATH`);

interface Receiver {
  readonly socket: string;
  readonly notes: readonly string[];
  /** Resolves with the first note, or a later one, past or future, that begins with this text. */
  note(start: string, place?: number): Promise<string>;
}

async function receive(): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-notify-'));
  const socket = join(folder, 'socket');
  const child = spawn(PYTHON[0], [PYTHON[1], RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const notes: string[] = [];
  const lookout = new Lookout();
  createInterface({ input: child.stdout }).on('line', (line) => {
    notes.push(line);
    lookout.look();
  });
  const note = (start: string, place = 0): Promise<string> =>
    lookout.until(() => notes.filter((line) => line.startsWith(start))[place]);
  await note('listening');
  return { socket, notes, note };
}

describe.skipIf(skipped)('systemd', () => {
  it('is notified when the daemon is ready, alive, reloads and stops', async () => {
    const receiver = await receive();
    const simulator = await simulate({ '1190000': 'connected' });
    const daemon = runProcess(['run', '-c', writeConfig(simulator)], {
      NOTIFY_SOCKET: receiver.socket,
      WATCHDOG_USEC: '1000000',
    });
    expect(await receiver.note('READY=1')).toContain('STATUS=watching 1 instances');
    expect(await receiver.note('WATCHDOG=1')).toContain('STATUS=watching 1 instances');
    daemon.child.kill('SIGHUP');
    expect(await receiver.note('RELOADING=1')).toMatch(/MONOTONIC_USEC=\d+/);
    await receiver.note('READY=1', 1);
    daemon.child.kill('SIGTERM');
    await receiver.note('STOPPING=1');
    expect(await daemon.exit).toBe(0);
    const kinds = receiver.notes.map((note) => note.split('=')[0]).filter((kind) => kind !== 'BARRIER');
    expect(kinds.filter((kind) => kind !== 'WATCHDOG')).toEqual([
      'listening',
      'READY',
      'RELOADING',
      'READY',
      'STOPPING',
    ]);
    expect(daemon.output()).not.toContain('notify_failed');
  });

  it('gets no sign of life that is meant for another process', async () => {
    const receiver = await receive();
    const simulator = await simulate({ '1190000': 'connected' });
    const daemon = runProcess(['run', '-c', writeConfig(simulator)], {
      NOTIFY_SOCKET: receiver.socket,
      WATCHDOG_USEC: '2000',
      WATCHDOG_PID: '1',
    });
    await receiver.note('READY=1');
    daemon.child.kill('SIGTERM');
    await receiver.note('STOPPING=1');
    await daemon.exit;
    expect(receiver.notes.filter((note) => note.startsWith('WATCHDOG'))).toEqual([]);
  });

  it('is not notified when its program is missing, which is logged once', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const daemon = runProcess(['run', '-c', writeConfig(simulator)], {
      NOTIFY_SOCKET: '/nowhere/socket',
      WATCHDOG_USEC: '20000',
      PATH: ['/nowhere', '/nowhere/else'].join(delimiter),
    });
    expect(await daemon.line('"event":"notify_failed"')).toContain('systemd-notify is not on PATH');
    expect(await daemon.end()).toBe(0);
    expect(daemon.output().match(/notify_failed/g)).toHaveLength(1);
  });
});
