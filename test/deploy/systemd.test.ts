import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DEPLOY, have, PATIENCE, read, run } from './tools.ts';
import { temporaryFolder } from '../temporary-folder.ts';

vi.setConfig({ testTimeout: PATIENCE });

const UNIT = 'systemd/smileapi-watchdog.service';

/** The unit with a Node.js that is there on this machine: systemd-analyze looks whether it can be run. */
function onThisMachine(text = read(UNIT)): string {
  const folder = temporaryFolder();
  const file = join(folder, 'smileapi-watchdog.service');
  writeFileSync(file, text.replaceAll('/usr/bin/node', process.execPath));
  return file;
}

const values = (key: string): string[] =>
  [...read(UNIT).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);

describe('unit of systemd', () => {
  // An unknown key is only a warning, so that there must be no output either.
  it.runIf(have('systemd-analyze'))('is what systemd-analyze verifies without a word', () => {
    expect(run('systemd-analyze', ['verify', onThisMachine()])).toEqual({ status: 0, output: '' });
    const misspelt = read(UNIT).replace('ProtectHome', 'ProtectHme');
    expect(run('systemd-analyze', ['verify', onThisMachine(misspelt)]).output).toContain('ProtectHme');
  });

  it.runIf(have('systemd-analyze'))('exposes little: at most 2.0 of 10', () => {
    const review = ['security', '--offline=true', '--no-pager', '--threshold=20'];
    expect(run('systemd-analyze', [...review, onThisMachine()])).toMatchObject({ status: 0 });
    const open = read(UNIT).replace(/^(Protect|Restrict|SystemCallFilter|CapabilityBoundingSet).*$/gm, '');
    expect(run('systemd-analyze', [...review, onThisMachine(open)]).status).not.toBe(0);
  });

  it.runIf(have('systemd-sysusers'))('runs as a user that systemd-sysusers can make', () => {
    const { status, output } = run('systemd-sysusers', [
      '--dry-run',
      join(DEPLOY, 'systemd/smileapi-watchdog.sysusers.conf'),
    ]);
    expect(status).toBe(0);
    expect(output).not.toContain('ignoring');
    expect(values('User')).toEqual(['smileapi-watchdog']);
    expect(read('systemd/smileapi-watchdog.sysusers.conf')).toMatch(/^u smileapi-watchdog /m);
  });

  it('starts Node.js with the flags of the image, which it accepts on a command line only', () => {
    const flagsIn = (text: string): string[] => text.match(/--[a-z][a-z-]*(?:=\d+)?/g) ?? [];
    const flags = flagsIn(values('ExecStart')[0] ?? '');
    expect(flags).toEqual(['--heap-growing-percent=20', '--no-parallel-scavenge']);
    const image = readFileSync(join(DEPLOY, '../Dockerfile'), 'utf8');
    expect(flagsIn(/^ENTRYPOINT.*$/m.exec(image)?.[0] ?? '')).toEqual(flags);
    expect(run(process.execPath, [...flags, '--eval', ''])).toEqual({ status: 0, output: '' });
    expect(run('env', [`NODE_OPTIONS=${flags.join(' ')}`, process.execPath, '--eval', '']).status).not.toBe(0);
  });

  it('is notified by systemd-notify, reloads by a signal, and lets restart calls end', () => {
    expect(values('Type')).toEqual(['notify']);
    expect(values('NotifyAccess')).toEqual(['all']);
    expect(values('WatchdogSec')).toEqual(['60s']);
    expect(values('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
    expect(values('TimeoutStopSec')).toEqual(['20s']);
    expect(values('RestrictAddressFamilies')[0]).toContain('AF_UNIX');
    expect(values('MemoryDenyWriteExecute')).toEqual([]);
  });
});
