import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listenHttp } from '../gateway/wire.ts';
import { HARMED, LONG_COOLDOWN, runDaemon, simulate, TOKEN, watchOver, writeConfig } from '../integration/harness.ts';
import { commandLine } from './command-line.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const command = (args: readonly string[], env: Record<string, string> = {}) => commandLine(args, { TOKEN, ...env });

describe('the command line', () => {
  it('probes once, as a table or as JSON, and exits with 1 if something is not healthy', async () => {
    const file = writeConfig(await simulate({ '1190000': 'connected', '1190001': 'qr' }));
    const table = await command(['probe', '-c', file]);
    expect(table.exit).toBe(1);
    expect(table.output).toMatch(/1190001 +acme +needs_human +pairing_required/);
    const json = await command(['probe', '-c', file, '--json', '1190000']);
    expect(json.exit).toBe(0);
    expect(JSON.parse(json.output)).toMatchObject([{ name: '1190000', verdict: 'healthy', cause: 'connected' }]);
    const typo = await command(['probe', '-c', file, '119000']);
    expect(typo).toEqual({ exit: 2, output: expect.stringContaining('did you mean') as unknown });
  });

  it('probes each instance with its own token', async () => {
    const seen: unknown[] = [];
    const { url: baseUrl } = await listenHttp(({ url, headers }, response) => {
      if (url?.includes('status-session') === true) seen.push(headers.authorization);
      response.setHeader('content-type', 'application/json').end('{"status":"CONNECTED"}');
    });
    const file = join(temporaryFolder(), 'config.json');
    const instances = ['one', 'two'].map((id) => ({ account: 'shop', id, token: `token-of-${id}` }));
    writeFileSync(file, JSON.stringify({ accounts: { shop: { gateway: 'wppconnect', baseUrl } }, instances }));
    expect((await command(['probe', '-c', file])).exit).toBe(0);
    expect(seen.toSorted()).toEqual(['Bearer token-of-one', 'Bearer token-of-two']);
  });

  it('speaks the language of the config, or that of the environment, and shows names and labels where there are some', async () => {
    const simulator = await simulate({ '1190000': 'qr' });
    const file = writeConfig(simulator);
    const named = { displayName: 'Recepção – 東京', labels: { unit: 'centro' } };
    const config = JSON.parse(readFileSync(file, 'utf8')) as { instances: object[] };
    writeFileSync(
      file,
      JSON.stringify({ ...config, instances: config.instances.map((each) => ({ ...each, ...named })) }),
    );
    const portuguese = { LANG: 'pt_BR.UTF-8' };
    const check = await command(['check', '-c', file], portuguese);
    expect(check.output).toMatch(/^NOME +CHAMADA +ETIQUETAS +CONTA .*\n1190000 +Recepção – 東京 +unit=centro +acme /);
    expect(check.output).toContain('1 instância em 1 conta');
    const probe = await command(['probe', '-c', file], portuguese);
    expect(probe.output).toMatch(/precisa de alguém +pairing_required .*leia o QR code/);
    const [answer] = JSON.parse((await command(['probe', '-c', file, '--json'], portuguese)).output) as [object];
    expect(answer).toMatchObject({
      verdict: 'needs_human',
      remedy: expect.stringContaining('scan the QR code') as unknown,
    });
    writeFileSync(file, JSON.stringify({ ...config, lang: 'en' }));
    expect((await command(['check', '-c', file], portuguese)).output).toMatch(/^NAME +ACCOUNT /);
  });

  it('restarts once, prints the answer as JSON, and keeps to the cooldown of a state that is there', async () => {
    const simulator = await simulate({ '1190000': 'disconnected' });
    const file = writeConfig(simulator, { defaults: LONG_COOLDOWN });
    // Of a folder that is not there it makes none, but a database keeps what it did.
    const elsewhere = writeConfig(simulator, { defaults: LONG_COOLDOWN });
    const restart = await command(['restart', '-c', elsewhere, '1190000', '--json']);
    expect(restart.exit).toBe(0);
    expect(JSON.parse(restart.output)).toEqual({
      name: '1190000',
      account: 'acme',
      phoneNumberId: '1190000',
      outcome: 'accepted',
      httpStatus: 200,
      body: { status: 'success', message: 'Instance restarted successfully', instanceId: '1190000' },
    });

    simulator.set('1190000', 'restart_lies');
    const daemon = await runDaemon(file);
    await daemon.line('"event":"restart_finished"');
    const beside = await command(['restart', '-c', file, '1190000']);
    expect(beside).toEqual({ exit: 1, output: expect.stringContaining('sets no api.token') as unknown });
    await daemon.stop();
    expect((await command(['restart', '-c', file, '1190000', '--json'])).exit).toBe(1);
    expect(simulator.counts('1190000').restarts).toBe(2);
    expect((await command(['restart', '-c', file, '1190000', '--force'])).exit).toBe(0);
    expect(simulator.counts('1190000').restarts).toBe(3);
  });

  it('asks a running daemon for its status, and for a restart, which then keeps to its cooldown', async () => {
    const { simulator, file, daemon } = await watchOver(
      { '1190000': 'connected', '1190001': 'connected' },
      {
        defaults: LONG_COOLDOWN,
        top: { api: { token: 'api-token-1', readToken: 'read-token-1' }, timezone: 'America/Recife' },
      },
    );
    const { url } = daemon;
    for (const name of ['1190000', '1190001']) await daemon.phase(name, 'healthy');
    const restart = await command(['restart', '-c', file, '1190000', '--json', '--url', url], { USER: 'ana' });
    expect(restart.exit).toBe(0);
    expect(JSON.parse(restart.output)).toMatchObject({ name: '1190000', outcome: 'accepted', httpStatus: 200 });
    await daemon.line('"event":"healed"', '1190000');
    const again = await command(['restart', '-c', file, '1190000', '--url', url]);
    expect(again).toEqual({ exit: 1, output: expect.stringContaining('held by cooldown until') as unknown });
    expect(simulator.counts('1190000').restarts).toBe(1);
    // From where there is no state of the daemon: only the daemon itself may make the call.
    const desk = writeConfig(simulator, { top: { api: { token: 'api-token-1' } } });
    const beside = await command(['restart', '-c', desk, '1190000', '--url', url]);
    expect(beside).toEqual({ exit: 1, output: expect.stringContaining('held by cooldown until') as unknown });
    const nobody = await command(['restart', '-c', desk, '1190000', '--url', 'http://127.0.0.1:1']);
    expect(nobody).toEqual({ exit: 1, output: expect.stringContaining('no watchdog answers') as unknown });
    expect(simulator.counts('1190000').restarts).toBe(1);

    const status = await command(['status', '--url', url, '--json'], { WATCHDOG_TOKEN: 'read-token-1' });
    expect(status.exit).toBe(0);
    expect(JSON.parse(status.output)).toMatchObject({
      status: { instances: { total: 2 } },
      instances: [
        { name: '1190000', restart: { last: { trigger: 'cli', requestedBy: 'ana', healed: true } } },
        { name: '1190001' },
      ],
    });
    const table = await command(['status', '--url', url], { WATCHDOG_TOKEN: 'read-token-1' });
    expect(table).toEqual({ exit: 0, output: expect.stringContaining('2 instances: 2 healthy') as unknown });
    const reader = { WATCHDOG_TOKEN: 'read-token-1', LANG: 'pt_BR.UTF-8' };
    const listed = async (): Promise<readonly (string | undefined)[]> => {
      const csv = await command(['report', '--by', 'instance', '--csv', '--url', url], reader);
      return csv.output.split('\r\n').map((line) => line.split(';')[0]);
    };
    // Whole seconds are recorded, and the first of an instance may not be over yet.
    await expect.poll(listed).toEqual(['\u{feff}instance', '1190000', '1190001', '']);
    expect(await command(['report', '--url', url], reader)).toEqual({
      exit: 0,
      output: expect.stringMatching(/DISPONÍVEL[^]*\nacme +2\d{3}-\d\d +\d+,\d\d %/) as unknown,
    });
    const english = await command(['report', '--by', 'instance', '--csv', '--url', url], { ...reader, LANG: 'en_US' });
    expect(english.output).toMatch(/^instance,from,availability,/);
    const json = await command(['report', '--by', 'all', '--month', '2001-01', '--json', '--url', url], reader);
    expect(JSON.parse(json.output)).toEqual({
      ...{ by: 'all', timezone: 'America/Recife' },
      report: [{ name: '', months: [] }],
    });
    for (const wrong of [
      ['--by', 'city'],
      ['--month', 'May'],
      ['--label', 'city'],
    ]) {
      expect((await command(['report', ...wrong, '--url', url], reader)).exit).toBe(2);
    }

    const stranger = await command(['status', '--url', url]);
    expect(stranger).toEqual({ exit: 1, output: expect.stringContaining('--token-file') as unknown });
    expect(daemon.log() + restart.output + again.output).not.toContain('api-token-1');
  });

  it('shows in the status that restarts did harm, and lets them go on after a release', async () => {
    const top = { api: { token: 'api-token-1' } };
    const { daemon } = await watchOver({ '1190000': HARMED, '1190001': HARMED }, { top });
    await daemon.seen(({ type }) => type === 'harmful_began');
    const env = { WATCHDOG_TOKEN: 'api-token-1', USER: 'ana' };
    const url = ['--url', daemon.url];
    const held = 'restarts did harm: all of acme are held until a person has looked';
    expect((await command(['status', ...url])).output).toContain(held);

    const stranger = await command(['release', 'acme', ...url]);
    expect(stranger).toEqual({ exit: 1, output: expect.stringContaining('--token-file') as unknown });
    const unknown = await command(['release', 'acne', ...url], env);
    expect(unknown).toEqual({ exit: 1, output: expect.stringContaining('No account of this name') as unknown });
    expect(await command(['release', 'acme', ...url], env)).toEqual({
      exit: 0,
      output: 'acme: released. Harmful restarts that no longer count: 2\n',
    });
    await daemon.seen((event) => event.type === 'harmful_ended' && event.by === 'ana');
    expect((await command(['status', ...url])).output).not.toContain('did harm');
  });

  it.each([
    ['harmful', { harmful: true }, /restarts did harm: all of acme are held/],
    ['blind', { blind: true }, /blind: nothing is known of most instances of acme/],
    ['refused', { refused: 'unauthorized' }, /acme is refused \(unauthorized\): .*make a new one/],
  ])('exits with 1 while an account is %s, even if no instance is unhealthy', async (_, account, words) => {
    const { daemon } = await watchOver({ '1190000': 'connected' });
    await daemon.phase('1190000', 'healthy');
    const whole = (await daemon.api('/api/v1/status')) as { accounts: object[] };
    const list = await daemon.api('/api/v1/instances');
    const accounts = [{ ...whole.accounts[0], ...account }];
    const url = await answering({ '/api/v1/status': { ...whole, accounts }, '/api/v1/instances': list });
    const { exit, output } = await command(['status', '--url', url]);
    expect(exit).toBe(1);
    expect(output).toMatch(words);
    const remedyTexts = { smileapi: { unauthorized: 'Ask Ana for a new token.' } };
    const own = await answering({ '/api/v1/status': { ...whole, accounts, remedyTexts }, '/api/v1/instances': list });
    const said = (await command(['status', '--url', own])).output;
    expect(said.includes('Ask Ana for a new token.')).toBe('refused' in account);
    expect((await command(['status', '--url', daemon.url])).exit).toBe(0);
  });

  it('shows in the status since when nothing is known of an instance', async () => {
    const { daemon } = await watchOver({ '1190000': 'connected' });
    await daemon.phase('1190000', 'healthy');
    const whole = await daemon.api('/api/v1/status');
    const list = (await daemon.api('/api/v1/instances')) as { instances: object[] };
    const instances = [{ ...list.instances[0], blindSince: '2026-01-02T03:04:05.000Z' }];
    const url = await answering({ '/api/v1/status': whole, '/api/v1/instances': { ...list, instances } });
    expect((await command(['status', '--url', url])).output).toContain('nothing known since 02 Jan 2026');
  });

  it('shows nothing of what answers at --url that steers a terminal, nor the token that it was sent', async () => {
    const env = { WATCHDOG_TOKEN: 'a-t0ken-of-mine' };
    const evil = '\u{1b}[2J\u{9b}31m\u{202e}evil\u{200b} a-t0ken-of-mine';
    const { daemon } = await watchOver({ '1190000': 'connected' });
    const whole = (await daemon.api('/api/v1/status')) as object;
    const list = (await daemon.api('/api/v1/instances')) as { instances: object[] };
    const instances = [{ ...list.instances[0], name: evil, remedy: evil }];
    const answers = { '/api/v1/status': { ...whole, version: evil }, '/api/v1/instances': { ...list, instances } };
    const url = await answering(answers);
    for (const more of [[], ['--json']]) {
      const { output } = await command(['status', '--url', url, ...more], env);
      expect(output).toContain('evil ***');
      expect(output).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]|a-t0ken/u);
    }
  });

  it('says so where no watchdog answers', async () => {
    const output = expect.stringContaining('no watchdog answers at http://127.0.0.1:9') as unknown;
    expect(await command(['status', '--url', 'http://127.0.0.1:9'])).toEqual({ exit: 1, output });
  });

  it('checks a config and prints its schema', async () => {
    const file = writeConfig(await simulate({ '1190000': 'connected' }), { top: { listen: '[::]:9847' } });
    const check = await command(['check', '-c', file]);
    const summary = /1 instances? in 1 accounts?; listens on \[::\]:9847;/;
    expect(check).toEqual({ exit: 0, output: expect.stringMatching(summary) as unknown });
    const schema = await command(['schema']);
    expect(schema.exit).toBe(0);
    expect(JSON.parse(schema.output)).toHaveProperty('properties.accounts');
  });

  it.each([
    [2, ['restrat']],
    [2, ['restart']],
    [2, ['check', '-c', '/nowhere/config.yaml']],
    [0, ['--help']],
  ])('exits with %i: %s', async (exit, args) => {
    expect((await command(args)).exit).toBe(exit);
  });
});

/** A daemon that gives these answers, by path; it ends with the test. */
async function answering(answers: Record<string, unknown>): Promise<string> {
  const daemon = await listenHttp(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[url.replace(/\?.*/, '')]));
  });
  return daemon.url;
}

describe('a daemon that cannot start says why in one line', () => {
  it('what is wrong with the config, with its place, and exits with 2', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const { exit, output } = await command(['run', '-c', writeConfig(simulator, { top: { lissten: '0.0.0.0:1' } })]);
    expect(exit).toBe(2);
    expect(output).toMatch(/^\S*config\.yaml:\d+:\d+ .*lissten.*listen.*\n$/);
  });

  it('names the address that is taken', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const taken = new URL(simulator.url).host;
    const { exit, output } = await command(['run', '-c', writeConfig(simulator, { top: { listen: taken } })]);
    expect(exit).toBe(1);
    expect(output).toContain(taken);
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  it('that the state path lies below a file, and leaves that and the gateway alone', async () => {
    const simulator = await simulate({ '1190000': 'disconnected' });
    const file = join(temporaryFolder(), 'taken');
    writeFileSync(file, 'something else');
    const { exit, output } = await command(['run', '-c', writeConfig(simulator, { state: join(file, 'state') })]);
    expect(exit).toBe(1);
    expect(output.trim().split('\n')).toEqual([expect.stringMatching(`${file}/state.*set state.path to a folder`)]);
    expect(simulator.requests().total).toBe(0);
  });
});
