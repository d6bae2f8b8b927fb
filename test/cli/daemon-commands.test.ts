import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROGRAM, watchOver } from '../integration/harness.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLine } from './command-line.ts';

const ENV = { TOKEN: 'x', WATCHDOG_TOKEN: 'api-token-1', USER: 'ana' };
const SICK = '1190001';
const WELL = '1190000';

describe('the commands for a running daemon', () => {
  it('show it, operate it, and speak of it', async () => {
    const top = { api: { token: 'api-token-1' } };
    const { daemon, file } = await watchOver({ [WELL]: 'connected', [SICK]: 'qr' }, { top });
    await daemon.phase(WELL, 'healthy');
    await daemon.phase(SICK, 'needs_human');
    const call = (args: readonly string[], env: Record<string, string> = {}) =>
      commandLine([...args, '--url', daemon.url], { ...ENV, ...env });
    const said = async (...args: string[]): Promise<string> => (await call(args)).output;

    const whole = await call(['status']);
    expect(whole.exit).toBe(1);
    expect(whole.output).toMatch(/^NAME .*\n1190001 +acme +needs_human .*\n1190000 +acme +healthy /);
    expect(whole.output).toMatch(/1 × pairing_required: WhatsApp has unlinked this number/);
    expect((await call(['status', '--phase', 'healthy'], { LANG: 'pt_BR' })).output).toMatch(
      /^NOME .*\n1190000 +acme +saudável /,
    );
    expect(await said('instances', '--phase', 'healthy')).not.toContain(SICK);
    expect(JSON.parse(await said('instances', '--account', 'acme', '--json'))).toHaveLength(2);
    expect(await said('instances', '--label', 'unit=x')).not.toContain('119000');
    expect(await call(['instances', '--phase', 'ill'])).toEqual({
      exit: 2,
      output: expect.stringContaining('write one of') as unknown,
    });

    expect(await said('status', '--account', 'nobody')).toMatch(/^No instance matches\.\n\n2 instances/);
    expect(await said('report', '--month', '2001-01')).toBe('Nothing is recorded of 2001-01.\n');
    expect(await call(['report', '--account', 'nobody'])).toEqual({
      exit: 1,
      output: 'no instance matches --account and --label\n',
    });

    expect(await said('pause', WELL, SICK, '--for', '2h', '--reason', 'new phone')).toMatch(
      /1190000 is paused until .*\n1190001 is/,
    );
    expect(await said('status', '--phase', 'paused')).toMatch(/paused: new phone until/);
    expect(await said('resume', WELL, SICK)).toContain('1190000 is no longer paused');
    expect(await said('reset', WELL)).toContain('was reset');
    expect(await said('ack', SICK, '--for', '4h')).toContain('1190001 is acknowledged');
    expect(await said('instances', '--phase', 'needs_human')).toContain('acknowledged by ana');
    expect(await call(['ack', WELL])).toEqual({
      exit: 1,
      output: expect.stringContaining('no trouble to acknowledge') as unknown,
    });
    expect(await call(['pause', WELL, '--for', 'soon'])).toEqual({
      exit: 2,
      output: expect.stringContaining('such as 30m') as unknown,
    });
    expect(await call(['probe', '--now', WELL])).toEqual({
      exit: 0,
      output: expect.stringMatching(/1190000 +healthy +connected/) as unknown,
    });

    expect(await said('events', '--name', SICK, '--limit', '2')).toMatch(
      /^\S+ +1190001 is no longer paused.*\n\S+ +1190001 is acknowledged by ana.*\n$/,
    );
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    expect(await call(['reload'])).toEqual({
      exit: 0,
      output: 'config reloaded: 0 instances added, 0 removed, 0 changed\n',
    });
    writeFileSync(file, JSON.stringify({ ...config, lissten: 1 }));
    expect(await call(['reload'])).toEqual({
      exit: 1,
      output: expect.stringMatching(/one problem.*\n.*lissten: unknown key/) as unknown,
    });
    expect((await call(['reload'], { LANG: 'pt_BR' })).output).toMatch(
      /A configuração tem um problema; a anterior.*\n.*lissten/,
    );
  });

  it('say what to do in the words of the gateway, where it has some', async () => {
    const gateways = { ours: { extends: 'smileapi', remedyTexts: { pairing_required: 'Open the panel of ours.' } } };
    const top = { gateways, api: { token: 'api-token-1' } };
    const { daemon, file } = await watchOver({ '1190000': 'qr' }, { account: { gateway: 'ours' }, top });
    await daemon.phase('1190000', 'needs_human');
    const { output } = await commandLine(['probe', '--now', '1190000', '-c', file, '--url', daemon.url], ENV);
    expect(output).toMatch(/pairing_required.*Open the panel of ours\./);
    expect(await daemon.api('/api/v1/status')).toMatchObject({ remedyTexts: { ours: gateways.ours.remedyTexts } });
  });

  it('find the daemon and its token in the config, which a variable may name', async () => {
    const top = { api: { token: 'api-token-1', readToken: 'read-token-1' } };
    const { daemon, file } = await watchOver({ [WELL]: 'connected' }, { top });
    await daemon.phase(WELL, 'healthy');
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    const own = join(temporaryFolder(), 'elsewhere.json');
    writeFileSync(own, JSON.stringify({ ...config, listen: new URL(daemon.url).host }));
    for (const [args, env] of [
      [['-c', own], {}],
      [[], { WATCHDOG_CONFIG: own }],
    ] as const) {
      const { exit, output } = await commandLine(['status', ...args], { ...process.env, TOKEN: 'x', ...env });
      expect({ exit, output }).toEqual({
        exit: 0,
        output: expect.stringContaining('1 instance: 1 healthy') as unknown,
      });
    }
  });
});

it('a command takes config.yml where there is no config.yaml', () => {
  const cwd = temporaryFolder();
  const checked = (): string =>
    spawnSync(process.execPath, [PROGRAM, 'check'], { cwd, env: { PATH: process.env['PATH'] }, encoding: 'utf8' })
      .stdout;
  const config = (name: string): string =>
    `accounts: { acme: { username: acme, token: x } }\ninstances: [{ account: acme, phoneNumberId: "1", name: ${name} }]\n`;
  writeFileSync(join(cwd, 'config.yml'), config('short'));
  expect(checked()).toContain('short');
  writeFileSync(join(cwd, 'config.yaml'), config('usual'));
  expect(checked()).toContain('usual');
});

describe('a wrong command line', () => {
  it.each([
    [['stauts'], /Did you mean status\?/],
    [['restart'], /missing required argument 'NAME'/],
    [['status', '--fase', 'down'], /Did you mean --phase\?/],
  ])('%j shows a hint, and not the whole help', async (args, hint) => {
    const { exit, output } = await commandLine(args);
    expect(exit).toBe(2);
    expect(output).toMatch(hint);
    expect(output.trim().split('\n').length).toBeLessThan(5);
  });
});

describe('completion', () => {
  it('completes commands, options and files in bash', async () => {
    const { output: script } = await commandLine(['completion', 'bash']);
    const complete = (...words: string[]): string[] => {
      const line = `COMP_WORDS=(smileapi-watchdog ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _smileapi_watchdog; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', `${script}\n${line}`])
        .toString()
        .trim()
        .split('\n');
    };
    expect(complete('st')).toEqual(['status']);
    expect(complete('status', '--ph')).toEqual(['--phase']);
    expect(complete('notify', '')).toContain('test');
    expect(complete('help', 'stat')).toEqual(['status']);
    // All that there is.
    const help = (await commandLine(['--help'])).output;
    const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name = '']) => name);
    expect(complete('').toSorted()).toEqual(commands.toSorted());
    for (const command of commands.filter((name) => name !== 'help')) {
      const { output } = await commandLine([command, '--help']);
      const options = [...output.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].flatMap(([, name = '']) => name);
      expect([command, complete(command, '--').toSorted()]).toEqual([command, options.toSorted()]);
    }
    expect(complete('check', '-c', 'package.js')).toContain('package.json');
  });

  it.each(['zsh', 'fish'] as const)('is a script that %s can read, with every command', async (shell) => {
    const { output } = await commandLine(['completion', shell]);
    const help = (await commandLine(['--help'])).output;
    for (const [, name = ''] of help.matchAll(/^ {2}([a-z]+) /gm)) expect(output).toContain(name);
    // zsh and fish are rarely there.
    const script = join(temporaryFolder(), 'completion');
    writeFileSync(script, output);
    if (spawnSync(shell, ['--version']).error === undefined) execFileSync(shell, ['-n', script]);
  });
});
