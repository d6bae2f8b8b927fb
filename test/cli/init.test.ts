import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placesIn } from '../../src/cli/init/init.ts';
import { nameFor } from '../../src/cli/init/config-text.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Dialect } from '../../src/simulator/dialect.ts';
import { startSimulator, type Simulator } from '../../src/simulator/smileapi-server.ts';
import { systemClock } from '../../src/time/clock.ts';
import { builtIn } from '../gateway/answers.ts';
import { listenHttp } from '../gateway/wire.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLine } from './command-line.ts';

const TOKEN = 'secret-token-of-the-gateway';

/** The command with a person who answers; what it asked, with what was typed hidden marked. */
async function withPerson(
  args: readonly string[],
  answers: readonly (string | null)[],
  env: Record<string, string> = {},
) {
  const left = [...answers];
  const questions: string[] = [];
  const ask = (question: string, hidden: boolean): Promise<string | null> => {
    questions.push(`${question}${hidden ? '(hidden)' : ''}`);
    return Promise.resolve(left.shift() ?? null);
  };
  return { ...(await commandLine(['init', ...args], env, { interactive: true, ask })), questions };
}

async function simulate(gateway: string, ids: readonly string[]): Promise<Simulator> {
  const simulator = await startSimulator({
    clock: systemClock(),
    username: gateway === 'smileapi' ? 'ana' : null,
    token: TOKEN,
    instances: Object.fromEntries(ids.map((id) => [id, 'connected' as const])),
    dialect: gateway === 'smileapi' ? undefined : new Dialect(builtIn(gateway), TOKEN),
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

async function hostile(answer: (path: string) => { status?: number; body: string }): Promise<string> {
  const { url } = await listenHttp((request, response) => {
    const { status = 200, body } = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  return url;
}

describe('init', () => {
  it('asks, lists, probes, and writes a config that check accepts, with the token in a file of its own', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'config.yaml');
    const { url } = await simulate('evolution', ['shop-1', 'shop-2', 'shop-3']);
    const { exit, output, questions } = await withPerson(
      ['-c', file],
      ['what', 'evolution', 'nowhere', url, TOKEN, '1,3'],
    );
    expect([exit, questions]).toEqual([
      0,
      [
        expect.stringMatching(/^Gateway, one of .*wwebjs-api/),
        expect.stringMatching(/^Gateway/),
        'Address of the gateway: ',
        'Address of the gateway: ',
        expect.stringMatching(/^token .*\(hidden\)$/),
        expect.stringMatching(/^Which ones/),
      ],
    ]);
    expect(output).toMatch(/shop-1 +evolution +healthy/);
    expect(output).not.toContain(TOKEN);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(TOKEN);
    const secret = join(folder, 'evolution.token');
    expect([readFileSync(secret, 'utf8'), statSync(secret).mode & 0o777]).toEqual([`${TOKEN}\n`, 0o600]);
    expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'evolution.token']);
    const config = await loadConfig(file, {});
    expect(config.accounts.get('evolution')).toMatchObject({ gateway: 'evolution', baseUrl: url, token: TOKEN });
    expect(config.instances.map(({ name }) => name)).toEqual(['shop-1', 'shop-3']);
    expect((await commandLine(['check', '-c', file])).exit).toBe(0);
    expect((await commandLine(['probe', '-c', file])).exit).toBe(0);
  });

  it('takes options in place of answers, and a variable in place of a file', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'config.yaml');
    const { url } = await simulate('smileapi', ['5511900000001']);
    const args = [
      'init',
      '-c',
      file,
      '--gateway',
      'smileapi',
      '--url',
      url,
      '--username',
      'ana',
      '--id',
      '5511900000001',
    ];
    const { exit, output } = await commandLine([...args, '--token-variable', 'ACME_TOKEN'], { ACME_TOKEN: TOKEN });
    expect([exit, output]).toEqual([0, expect.not.stringContaining(TOKEN)]);
    expect(readdirSync(folder)).toEqual(['config.yaml']);
    expect(readFileSync(file, 'utf8')).toContain('token: "${ACME_TOKEN}"');
    expect(readFileSync(file, 'utf8')).toContain('/api/v1/hooks/gateway/{name}?token=');
    expect((await commandLine(['check', '-c', file], { ACME_TOKEN: TOKEN })).exit).toBe(0);
    expect((await loadConfig(file, { ACME_TOKEN: TOKEN })).lang).toBeNull();
    const portuguese = { ACME_TOKEN: TOKEN, LANG: 'pt_BR.UTF-8' };
    expect((await commandLine([...args, '--token-variable', 'ACME_TOKEN', '--force'], portuguese)).exit).toBe(0);
    expect((await loadConfig(file, { ACME_TOKEN: TOKEN })).lang).toBe('pt-BR');
  });

  it('takes the token from a file, which the config then names', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'config.yaml');
    writeFileSync(join(folder, 'mine'), `${TOKEN}\n`);
    const { url } = await simulate('waha', ['default']);
    const args = ['init', '-c', file, '--gateway', 'waha', '--url', url, '--token-file', join(folder, 'mine')];
    expect((await commandLine(args)).exit).toBe(0);
    expect((await loadConfig(file, {})).accounts.get('waha')?.token).toBe(TOKEN);
    expect(readFileSync(file, 'utf8')).toContain('/api/v1/hooks/gateway?token=');
    expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'mine']);
  });

  it('gives each instance its own token, where only the list of the gateway names them', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'config.yaml');
    const { url } = await simulate('wuzapi', ['a', 'b']);
    const args = ['init', '-c', file, '--gateway', 'wuzapi', '--url', url, '--value', 'adminToken=ADMIN'];
    const { exit, output } = await commandLine(args, { ADMIN: 'admin-secret' });
    expect([exit, output]).toEqual([0, expect.not.stringContaining(`${TOKEN}-a`)]);
    expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'wuzapi.a.token', 'wuzapi.b.token']);
    const { instances } = await loadConfig(file, { ADMIN: 'admin-secret' });
    expect(instances.map(({ token }) => token)).toEqual([`${TOKEN}-a`, `${TOKEN}-b`]);
  });

  it('takes one token where the list is not asked, though it would name them', async () => {
    const file = join(temporaryFolder(), 'config.yaml');
    const { url } = await simulate('wuzapi', ['a', 'b']);
    const env = { OWN: `${TOKEN}-a` };
    const args = ['init', '-c', file, '--gateway', 'wuzapi', '--url', url, '--token-variable', 'OWN', '--id', 'a'];
    expect((await commandLine(args, env)).exit).toBe(0);
    expect((await loadConfig(file, env)).accounts.get('wuzapi')?.token).toBe(env.OWN);
  });

  it.each([
    [[], ['--gateway NAME', '--url URL', '--token-file FILE']],
    [
      ['--gateway', 'evolution'],
      ['--url URL', '--token-variable NAME'],
    ],
    [['--gateway', 'evolutoin', '--url', 'http://x', '--token-variable', 'T'], ['Did you mean "evolution"?']],
    [['--gateway', 'evolution', '--url', 'nowhere', '--token-variable', 'T'], ['--url']],
    [['--gateway', 'evolution', '--url', 'http://x', '--token-variable', 'NONE'], ['NONE is not set']],
    [['--gateway', 'smileapi', '--token-variable', 'T'], ['--username NAME']],
    [['--gateway', 'z-api', '--token-variable', 'T', '--id', 'a'], ['--value clientToken=VARIABLE']],
    [['--gateway', 'z-api', '--token-variable', 'T', '--value', 'clientToken'], ['NAME=VARIABLE']],
    [
      ['--gateway', 'z-api', '--token-variable', 'T', '--value', 'clientToken=T'],
      ['--id ID', 'partnerToken='],
    ],
    [['--gateway', 'evolution', '--url', 'http://x', '--token-variable', 'T', '--value', 'key=T'], ['wants no key']],
    [['--gateway', 'evolution', '--url', 'http://x', '--token-variable', 'T', '--account', 'a b'], ['--account']],
    [
      ['--gateway', 'wuzapi', '--url', 'http://x', '--value', 'adminToken=T', '--id', 'a'],
      ['--token-file FILE | --token-variable NAME'],
    ],
    [['--gateway', 'wuzapi', '--url', 'http://x'], ['give --value adminToken=VARIABLE']],
  ])('says without a terminal what is missing or wrong in %j', async (args, said) => {
    const folder = temporaryFolder();
    const { exit, output } = await commandLine(['init', '-c', join(folder, 'c.yaml'), ...args], { T: TOKEN });
    expect(exit).toBe(2);
    for (const part of said) expect(output).toContain(part);
    expect([output.includes(TOKEN), readdirSync(folder)]).toEqual([false, []]);
  });

  it('replaces nothing without --force', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'config.yaml');
    const { url } = await simulate('evolution', ['shop-1']);
    writeFileSync(file, 'mine');
    expect(await withPerson(['-c', file], [])).toMatchObject({ exit: 2, questions: [] });
    writeFileSync(join(folder, 'evolution.token'), 'mine');
    const other = join(folder, 'other.yaml');
    const { exit, output } = await withPerson(['-c', other], ['evolution', url, TOKEN, '']);
    expect([exit, output, existsSync(other)]).toEqual([
      1,
      expect.stringContaining('evolution.token is there already'),
      false,
    ]);
    expect(readFileSync(join(folder, 'evolution.token'), 'utf8')).toBe('mine');
    expect((await withPerson(['-c', file, '--force'], ['evolution', url, TOKEN, ''])).exit).toBe(0);
    expect(readFileSync(join(folder, 'evolution.token'), 'utf8')).toBe(`${TOKEN}\n`);
    expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'evolution.token']);
  });

  it.each([
    ['a wrong token', 'evolution', 'wrong-token-0123'],
    ['nobody at the address', 'evolution', null],
  ])('writes nothing with %s', async (_, gateway, token) => {
    const folder = temporaryFolder();
    const { url } = await simulate(gateway, ['shop-1']);
    const address = token === null ? 'http://127.0.0.1:1' : url;
    const { exit, output } = await withPerson(['-c', join(folder, 'c.yaml')], [gateway, address, token ?? TOKEN, '']);
    expect([exit, output, readdirSync(folder)]).toEqual([1, expect.stringContaining('Nothing was written'), []]);
  });

  it('says where it cannot write, and offers discover only where that works', async () => {
    const folder = temporaryFolder();
    const { url } = await simulate('wppconnect', ['a']);
    const args = ['--gateway', 'wppconnect', '--url', url, '--token-variable', 'T', '--value', 'secret=T'];
    const written = async (file: string) =>
      await commandLine(['init', '-c', join(folder, file), ...args], { T: TOKEN });
    const missing = await written('none/c.yaml');
    expect([missing.exit, missing.output]).toEqual([
      1,
      expect.stringContaining(`Nothing can be written in ${folder}/none (ENOENT)`),
    ]);
    expect((await written('c.yaml')).exit).toBe(0);
    expect(readFileSync(join(folder, 'c.yaml'), 'utf8')).not.toContain('discover');
  });

  it('writes nothing when the person ends the input', async () => {
    const folder = temporaryFolder();
    for (const answers of [[], ['evolution'], ['evolution', 'http://127.0.0.1:1']]) {
      const { exit, output } = await withPerson(['-c', join(folder, 'c.yaml')], [...answers, null]);
      expect([exit, output]).toEqual([1, expect.stringContaining('Nothing was written')]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('asks in the language of the environment', async () => {
    const { questions } = await withPerson(['-c', join(temporaryFolder(), 'c.yaml')], [null], { LANG: 'pt_BR.UTF-8' });
    expect(questions).toEqual([expect.stringMatching(/^Gateway, um destes/)]);
  });
});

describe('a hostile gateway', () => {
  const run = (folder: string, url: string) => {
    const args = ['--gateway', 'evolution', '--url', url, '--token-variable', 'T'];
    return commandLine(['init', '-c', join(folder, 'c.yaml'), ...args], {
      T: TOKEN,
      HOME_SECRET: 'value-of-a-variable',
    });
  };

  it('cannot write into the config or the terminal by what it calls its instances', async () => {
    const folder = temporaryFolder();
    const ids = [
      ...[
        '"}\nlisten: 0.0.0.0:1',
        '${HOME_SECRET}',
        '# x',
        '../../etc',
        'a: b',
        '&a *b',
        '!!js x',
        '\u001b[2J',
        '{id}',
      ],
      ...['Loja nº 1', 'loja n-1', "it's", '中文', 'constructor', '__proto__', '~', 'null', '1e3', TOKEN],
    ];
    const url = await hostile((path) => {
      if (path.includes('fetchInstances'))
        return { body: JSON.stringify(ids.map((name) => ({ name, connectionStatus: 'open' }))) };
      return { body: JSON.stringify({ instance: { state: 'open' } }) };
    });
    const { exit, output } = await run(folder, url);
    expect([exit, output]).toEqual([0, expect.not.stringMatching(/\u001b|value-of-a-variable|secret-token/)]);
    const config = await loadConfig(join(folder, 'c.yaml'), { T: TOKEN });
    const kept = ids.filter((id) => !/\p{Control}/u.test(id));
    expect(config.instances.map(({ phoneNumberId }) => phoneNumberId).toSorted()).toEqual(
      expect.arrayContaining(['${HOME_SECRET}', 'a: b', '~', 'null', '1e3']),
    );
    expect(config.instances.length).toBeLessThanOrEqual(kept.length);
    expect(new Set(config.instances.map(({ name }) => name)).size).toBe(config.instances.length);
    expect(config.listen).toMatchObject({ host: '127.0.0.1', port: 9847 });
    expect(readdirSync(folder)).toEqual(['c.yaml']);
  });

  it.each<[string, string]>([
    ['a page', '<html><title>hi</title>'],
    ['no list', '{"a":1}'],
    ['an endless list', `[${'{"name":"a"},'.repeat(10)}`],
    ['nested lists', '['.repeat(50_000)],
    ['a list of nothing', '[null,1,{},[]]'],
  ])('that answers with %s has nothing written', async (_, body) => {
    const folder = temporaryFolder();
    const { exit } = await run(folder, await hostile(() => ({ body })));
    expect([exit === 0, readdirSync(folder)]).toEqual([false, []]);
  });
});

it.each<[string, number[] | null]>([
  ['', []],
  ['1,3-5', [0, 2, 3, 4]],
  [' 2 , 2', [1]],
  ['5-3', null],
  ['0', null],
  ['6', null],
  ['1,', null],
  ['1-999999', null],
  ['all', null],
])('%j chooses %j of five', (text, places) => {
  const found = placesIn(text, 5);
  expect(found === null ? null : [...found]).toEqual(places);
});

it.each([
  ['shop-1', [], null],
  ['Loja nº 1', [], 'Loja-no-1'],
  ['São João', ['Sao-Joao'], 'Sao-Joao-2'],
  ['中文', [], 'instance'],
  ['a'.repeat(80), [], 'a'.repeat(50)],
])('an instance with the id %j gets a name', (id, taken, name) => {
  expect(nameFor(id, new Set(taken))).toBe(name);
});
