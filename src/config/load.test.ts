import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from './config.ts';
import { builtInGateway } from './gateways/built-in.ts';
import { loadConfig } from './load.ts';
import { DAY } from '../core/time.ts';
import { ConfigError } from './problems.ts';

const FOLDER = join(import.meta.dirname, '../../test/testdata/config');
const EXAMPLE = join(import.meta.dirname, '../../config.example.yaml');

const env = {
  SMILEAPI_TOKEN: 'hunter2-account',
  WATCHDOG_TOKEN: 'hunter2-api-0123456789',
  TOKEN_WITH_BREAK: 'hunter2\nhunter2',
  SLACK_URL: 'https://hooks.slack.example/services/hunter2',
  DOLLAR: '${SMILEAPI_TOKEN}',
  EMPTY: '',
  QUOTED: '"hunter2"',
  NUMBER: '7',
  YES: 'true',
  NO: 'false',
};

async function problemsOf(file: string): Promise<string> {
  try {
    await loadConfig(file, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${FOLDER}/`, '');
    throw error;
  }
  return 'no problem';
}

describe('a wrong configuration', () => {
  const names = readdirSync(FOLDER).filter((name) => /^invalid-.*\.yaml$/.test(name));

  it('comes in many kinds', () => {
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  it.each(names)('%s is refused with exactly the problems in its .txt (UPDATE=1 rewrites it)', async (name) => {
    const golden = join(FOLDER, name.replace(/yaml$/, 'txt'));
    const found = `${await problemsOf(join(FOLDER, name))}\n`;
    if (process.env['UPDATE'] === '1') writeFileSync(golden, found);
    expect(existsSync(golden) ? readFileSync(golden, 'utf8') : '').toBe(found);
    expect(found).not.toBe('no problem\n');
    expect(found).not.toContain('hunter2');
  });

  it('may be no file at all', async () => {
    const expected =
      'absent.yaml: cannot be read: no such file. Name another file with -c, or start from a copy of config.example.yaml.';
    expect(await problemsOf(join(FOLDER, 'absent.yaml'))).toBe(expected);
    expect(await problemsOf(FOLDER)).toContain('it is a folder');
  });

  it('has problems with line, column and path, for machines too', async () => {
    const error = await loadConfig(join(FOLDER, 'invalid-log-level.yaml'), env).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems[0]).toMatchObject({ line: 2, column: 15, path: 'log.level' });
  });
});

function load(name: string): Promise<Config> {
  return loadConfig(join(FOLDER, name), env);
}

describe('a configuration', () => {
  it('needs an account and an instance, and has a default for all else', async () => {
    const config = await load('valid-smallest.yaml');
    expect(config).toMatchObject({
      listen: { host: '0.0.0.0', port: 9847 },
      log: { level: 'info', format: 'json' },
      state: { path: join(FOLDER, 'data/state'), database: null, keepRemoved: 30 * DAY },
      cluster: { replica: null, leaseFor: 15_000, advertise: null, token: null },
      api: { token: null, hookToken: null, readToken: null },
      guard: {
        maxUnhealthy: { type: 'percent', percent: 40 },
        alwaysAllow: 1,
        stormCooldown: 120_000,
        startup: 30_000,
        maxHarmed: 2,
        deadAfter: 3_600_000,
        blindAfter: 300_000,
        perGateway: { requestsPerSecond: null, concurrency: null, restartsPerMinute: 12, concurrentRestarts: 6 },
      },
      connectivity: { targets: [], quorum: 1, every: 30_000, timeout: 5_000 },
      maintenance: [],
      dryRun: false,
      metrics: { perInstance: true },
      files: [join(FOLDER, 'valid-smallest.yaml')],
      warnings: [{ path: 'api.readToken' }],
    });
    expect(config.accounts.get('acme')).toEqual({
      name: 'acme',
      discover: null,
      gateway: 'smileapi',
      profile: builtInGateway('smileapi')?.profile,
      values: {},
      baseUrl: 'https://api.smileapi.com.br',
      username: 'acme',
      token: 'hunter2-account',
      hookToken: null,
      restartMethod: 'auto',
      healthPath: '/v1/health',
      statePath: null,
      stateWords: {},
      limits: { requestsPerSecond: 20, concurrency: 50, restartsPerMinute: 6, concurrentRestarts: 3 },
      tls: { ca: null, client: null, insecureSkipVerify: false },
      headers: {},
      proxy: null,
    });
    expect(config.instances).toEqual([
      {
        name: '5511987654321',
        account: 'acme',
        phoneNumberId: '5511987654321',
        displayName: null,
        token: null,
        labels: {},
        enabled: true,
        policy: {
          probe: {
            cadence: { type: 'every', every: 30_000 },
            retryEvery: 30_000,
            recoverEvery: 5_000,
            timeout: 10_000,
            bulk: false,
            failureThreshold: 3,
            successThreshold: 2,
            connectingGrace: 300_000,
            pairingGrace: 600_000,
            failuresWithin: { failures: 10, probes: 20 },
          },
          restart: {
            escalate: null,
            enabled: true,
            grace: 90_000,
            cooldown: 300_000,
            backoff: { factor: 2, max: 3_600_000, jitter: 0.2 },
            stableFor: 600_000,
            budget: { restarts: 5, per: 21_600_000 },
            timeout: 30_000,
            retries: 2,
            schedule: null,
          },
          activity: { silentAfter: null, during: null, restart: false, echo: null },
        },
      },
    ]);
  });

  it('lets an instance override its account, and an account the defaults', async () => {
    const { instances } = await load('valid-overrides.yaml');
    const [plain, special, cron, , other] = instances.map(({ policy }) => policy);
    expect(plain?.probe).toMatchObject({ cadence: { every: 20_000 }, timeout: 6_000, failureThreshold: 4 });
    expect(plain?.restart).toMatchObject({
      cooldown: 60_000,
      backoff: { factor: 3, max: 1_800_000, jitter: 0.2 },
      budget: { restarts: 4, per: 21_600_000 },
    });
    expect(special?.probe).toMatchObject({ timeout: 6_000, failureThreshold: 1 });
    expect(special?.restart.backoff).toEqual({ factor: 3, max: 1_800_000, jitter: 0 });
    expect(cron?.probe.cadence).toMatchObject({
      type: 'cron',
      cron: { expression: '*/30 * * * * *', timezone: 'America/Sao_Paulo', seconds: [0, 30] },
    });
    expect(other?.probe.timeout).toBe(4_000);
  });

  it('may describe gateways, which extend others and come with times of their own', async () => {
    const { accounts, instances } = await load('valid-gateways.yaml');
    expect(accounts.get('shop')).toMatchObject({
      baseUrl: 'https://gateway.example.org',
      healthPath: null,
      token: '',
      values: { area: 'north' },
      profile: {
        name: 'ours',
        known: { by: 'own' },
        headers: { Authorization: 'Bearer {token}', 'X-Area': '{area}' },
        rules: [{ is: 'stopped' }, { is: 'not_found' }],
        state: { words: { stopped: expect.arrayContaining(['STOPPED', 'close']) as unknown } },
        remedies: [{ steps: [{ method: 'auto' }] }],
      },
    });
    expect(accounts.get('shop')?.profile.state.words.disconnected).not.toContain('close');
    expect(instances.map(({ phoneNumberId, token }) => [phoneNumberId, token])).toEqual([
      ['0123', 'hunter2-account'],
      ['0124', 'hunter2-own'],
    ]);
    expect(instances.map(({ policy: { restart } }) => [restart.grace, restart.cooldown])).toEqual([
      [180_000, 360_000],
      [120_000, 360_000],
    ]);
  });

  it('lets accounts and instances override single keys of what silence is', async () => {
    const { instances } = await load('valid-activity.yaml');
    const seen = instances.map(({ policy: { activity } }) => [
      activity.silentAfter,
      activity.during === null ? null : `${activity.during.expression} ${activity.during.timezone}`,
      activity.restart,
    ]);
    expect(seen).toEqual([
      [21_600_000, '0 8-20 * * 1-6 America/Sao_Paulo', true],
      [7_200_000, '0 8-20 * * 1-6 America/Sao_Paulo', true],
      [null, '0 8-20 * * 1-6 America/Sao_Paulo', false],
    ]);
  });

  it('keeps one policy for all instances that share it', async () => {
    const { instances } = await load('valid-overrides.yaml');
    expect(instances[3]?.policy).toBe(instances[0]?.policy);
    expect(instances[5]?.policy).toBe(instances[1]?.policy);
    expect(instances[1]?.policy).not.toBe(instances[0]?.policy);
  });

  it('may be spread over files, read in the order written and sorted within a pattern', async () => {
    const config = await load('valid-include.yaml');
    expect(config.instances.map(({ name }) => name)).toEqual(['first', 'beta-1', 'acme-1', 'a', 'b']);
    expect(config.accounts.get('beta')?.token).toBe('token-from-a-file');
    expect(config.files.map((file) => file.replace(`${FOLDER}/`, ''))).toEqual([
      'valid-include.yaml',
      'parts/fleet.yaml',
      'parts/more-a.yaml',
      'parts/more-b.yaml',
      'parts/token.txt',
    ]);
  });

  it('may use anchors, aliases and merges', async () => {
    const { accounts, instances } = await load('valid-anchors.yaml');
    expect(accounts.get('beta')).toMatchObject({ username: 'beta', token: 'hunter2-account' });
    expect(instances.map(({ phoneNumberId }) => phoneNumberId)).toEqual(['0012', '0013', '0014']);
    expect(instances.map(({ policy }) => policy.probe.cadence)).toEqual(
      Array(3).fill({ type: 'every', every: 300_000 }),
    );
  });

  it('keeps the digits of a phoneNumberId, quoted or not', async () => {
    const { instances } = await load('valid-leading-zeros.yaml');
    expect(instances.map(({ phoneNumberId }) => phoneNumberId)).toEqual([
      '00551199',
      '00551198',
      '5511987654321987654321',
    ]);
  });

  it('takes a variable as it is, and $${ for a literal ${', async () => {
    const { accounts } = await load('valid-dollar.yaml');
    expect(accounts.get('acme')).toMatchObject({ username: '${acme}', token: '${SMILEAPI_TOKEN}' });
  });

  it('may have keys for anchors, defaults of variables, and variables for numbers and truth values', async () => {
    const { accounts, dryRun, instances } = await load('valid-variables.yaml');
    const limits = { concurrency: 7, requestsPerSecond: 2.5 };
    expect(accounts.get('acme')).toMatchObject({ username: 'acme', token: 'hunter2-account', limits });
    expect({ dryRun, instances }).toMatchObject({
      dryRun: true,
      instances: [{ enabled: false, policy: { probe: { failureThreshold: 4 } } }],
    });
  });

  it('has an example with every key in config.example.yaml', async () => {
    const config = await loadConfig(EXAMPLE, env);
    // The folder of its patterns is not there.
    const paths = config.warnings.map(({ path }) => path).filter((path) => !path.startsWith('include'));
    expect(paths).toEqual(['api.readToken']);
    expect(config.state.keepRemoved).toBe(30 * DAY);
    expect(config.instances[0]).toMatchObject({ name: 'support', policy: { restart: { schedule: { hours: [4] } } } });
  });
});

describe('a configuration in a folder of its own', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchdog-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function loadText(text: string): Promise<Config> {
    const file = join(folder, 'config.yaml');
    await writeFile(file, text);
    return loadConfig(file, env);
  }

  const instances = 'instances: [{ account: acme, phoneNumberId: "1" }]\n';
  const LOCAL = 'listen: 127.0.0.1:9847\n';
  const acme = (more: string): string => `accounts: { acme: { username: acme, token: "\${SMILEAPI_TOKEN}"${more} } }\n`;

  it('has a missing file named, whatever the folder of the config is called', async () => {
    const odd = join(folder, 'rel-08b3bb5-x9f3k2q7');
    await mkdir(odd);
    const file = join(odd, 'config.yaml');
    const problemOf = async (name: string): Promise<string> => {
      await writeFile(file, `include: ["${name}"]\n` + acme('') + instances);
      return await problemsOf(file);
    };
    expect(await problemOf('numbers.yaml')).toContain('numbers.yaml cannot be read');
    expect(await problemOf('sk-x9f3k2q7w8')).toContain('the file cannot be read');
  });

  it.each([
    ['every: 5s', { retryEvery: 5_000, timeout: 5_000 }],
    ['every: 15s', { retryEvery: 15_000, timeout: 10_000 }],
    ['every: 5m', { retryEvery: 30_000, timeout: 10_000 }],
    ['every: 5s, timeout: 2s, retryEvery: 1m', { retryEvery: 60_000, timeout: 2_000 }],
    ['cron: "*/4 * * * * *"', { retryEvery: 4_000, timeout: 4_000 }],
  ])('with probe { %s } is not slower while failing', async (probe, expected) => {
    const config = await loadText(acme(`, probe: { ${probe} }`) + instances);
    expect(config.instances[0]?.policy.probe).toMatchObject(expected);
  });

  it('is warned of numbers that are written for people, of a long list in a few words', async () => {
    const account = `${acme('')}instances:\n`;
    const instance = (id: string): string =>
      `  - { account: acme, phoneNumberId: "${id}", name: n${id.replace(/\D/g, '')} }\n`;
    const numbers = ['+55 11 98765-4321', '(55) 11987654322', '5511987654323', 'main-number-1'];
    // With dashes as programs of texts make them, and with digits of another width.
    numbers.push('55\u{2011}11\u{2013}98765\u{2011}4324', '５５１１９８７６５４３２５');
    const few = await loadText(account + numbers.map(instance).join(''));
    const warned = (config: Config) => config.warnings.filter(({ path }) => path.endsWith('phoneNumberId'));
    const written = [0, 1, 4, 5].map((index) => `instances[${index}].phoneNumberId`);
    expect(warned(few).map(({ path }) => path)).toEqual(written);
    const many = Array.from({ length: 50 }, (_, index) => instance(`+55 11 98765-${4000 + index}`));
    const list = warned(await loadText(account + many.join('')));
    expect(list).toHaveLength(10);
    expect(list[0]?.message).toContain('49 others');
  });

  it('lets every replace an inherited cron, and cron an inherited every', async () => {
    const defaults = 'defaults: { probe: { cron: "0 * * * *" } }\n';
    const config = await loadText(
      defaults +
        acme(', probe: { every: 10s }') +
        'instances: [{ account: acme, phoneNumberId: "1" }, { account: acme, phoneNumberId: "2", probe: { cron: "@hourly" } }]',
    );
    expect(config.instances[0]?.policy.probe.cadence).toEqual({ type: 'every', every: 10_000 });
    expect(config.instances[1]?.policy.probe.cadence).toMatchObject({ type: 'cron', cron: { minutes: [0] } });
  });

  it('lets an account or an instance change one half of failuresWithin, and keep the other', async () => {
    const text =
      'defaults: { probe: { failuresWithin: { failures: 4 } } }\n' +
      acme(', probe: { failuresWithin: { probes: 12 } }') +
      'instances: [{ account: acme, phoneNumberId: "1" }, { account: acme, phoneNumberId: "2", probe: { failuresWithin: { failures: 12 }, every: 1m } }]';
    const within = (await loadText(text)).instances.map(({ policy }) => policy.probe.failuresWithin);
    expect(within).toEqual([
      { failures: 4, probes: 12 },
      { failures: 12, probes: 12 },
    ]);
    const [single] = (await loadText(acme(', probe: { failuresWithin: { probes: 12 } }') + instances)).instances;
    expect(single?.policy.probe.failuresWithin).toEqual({ failures: 10, probes: 12 });
  });

  it('may limit what all accounts of a gateway do together, one by one', async () => {
    const text = 'guard: { perGateway: { requestsPerSecond: 0.5, restartsPerMinute: 3 } }\n' + acme('') + instances;
    expect((await loadText(text)).guard.perGateway).toEqual({
      ...{ requestsPerSecond: 0.5, concurrency: null },
      ...{ restartsPerMinute: 3, concurrentRestarts: 6 },
    });
  });

  it('lets null end an inherited schedule of planned restarts', async () => {
    const text =
      'defaults: { restart: { schedule: "0 3 * * *" } }\n' + acme(', restart: { schedule: null }') + instances;
    expect((await loadText(text)).instances[0]?.policy.restart.schedule).toBeNull();
  });

  it('has a warning for a token in clear text, without showing it', async () => {
    const text =
      'api: { readToken: visible-secret-1 }\ncluster: { token: visible-secret-2 }\n' +
      'accounts: { acme: { username: acme, token: visible-secret } }\n';
    const { warnings } = await loadText(text + instances);
    expect(warnings.map(({ path }) => path)).toEqual(['api.readToken', 'cluster.token', 'accounts.acme.token']);
    expect(JSON.stringify(warnings)).not.toContain('visible-secret');
  });

  it.each([
    ['api: { token: "${LONG}", readToken: "${LONG}" }', 'readToken', 'api.readToken is the same token as api.token'],
    [
      'api: { token: "${ACCOUNT}", readToken: "${LONG}" }',
      'token',
      'accounts.acme.token is the same token as api.token',
    ],
    ['api: { readToken: "${SHORT}" }', 'readToken', 'it has fewer than 16 characters'],
    ['api: { readToken: "${SAME}" }', 'readToken', 'it repeats a few characters'],
    ['api: { readToken: "${AGAIN}" }', 'readToken', 'it repeats a few characters'],
    ['api: { readToken: "${WORDS}" }', 'readToken', 'it consists of words that are tried first'],
    ['listen: 127.0.0.1:9847\ncluster: { token: "${SHORT}" }', 'cluster.token', 'it has fewer than 16 characters'],
    ['listen: 127.0.0.1:9847\ncluster: { tokenFile: weak }', 'cluster.tokenFile', 'it consists of words'],
    [
      'api: { readToken: "${LONG}" }\ncluster: { token: "${LONG}" }',
      'cluster.token',
      'cluster.token is the same token as api.readToken',
    ],
    [
      'listen: 127.0.0.1:9847\npage: { public: { token: "${SHORT}" } }',
      'page.public.token',
      'it has fewer than 16 characters',
    ],
    [
      'listen: 127.0.0.1:9847\npage: { public: { tokenFile: weak } }',
      'page.public.tokenFile',
      'it consists of words that are tried first',
    ],
    [
      'api: { readTokenFile: open }',
      'readTokenFile',
      'every user of this machine can read or change the token in open',
    ],
    ['api: { token: "${LONG}" }', 'api.readToken', 'anyone who reaches 0.0.0.0:9847 can read all names'],
  ])('has a warning for %s', async (api, path, message) => {
    await writeFile(join(folder, 'open'), 'read-0123456789abcdef\n');
    await writeFile(join(folder, 'weak'), 'Change-me-please-1234\n', { mode: 0o600 });
    await chmod(join(folder, 'open'), 0o644);
    await chmod(folder, 0o755);
    const tokens = {
      LONG: 'long-0123456789abcdef',
      ACCOUNT: 'account-0123456789',
      SHORT: 'short-012',
      SAME: 'ab'.repeat(9),
      AGAIN: 'kx7q9z'.repeat(3),
      WORDS: 'Change-me-please-1234',
    };
    await writeFile(
      join(folder, 'config.yaml'),
      `${api}\n${acme('').replace('SMILEAPI_TOKEN', 'ACCOUNT')}${instances}`,
    );
    const { warnings } = await loadConfig(join(folder, 'config.yaml'), tokens);
    expect(warnings.map((warning) => `${warning.path}: ${warning.message}`)).toEqual([
      expect.stringMatching(new RegExp(`${path}: .*${message}`)),
    ]);
  });

  it('has all settings of a receiver of notifications, with the secrets from files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smileapi-watchdog-notify-'));
    const file = join(folder, 'config.yaml');
    const text = `
listen: 127.0.0.1:9847
timezone: America/Recife
accounts: { acme: { username: acme, token: "\${SMILEAPI_TOKEN}" } }
instances: [{ account: acme, phoneNumberId: "5511987654321" }]
notify:
  - { name: ops, url: "\${SLACK_URL}", format: slack, events: [down, healed], groupWait: 0s, remindEvery: null, flapping: null }
  - { name: flow, timezone: UTC, urlFile: url, secretFile: key, accounts: [acme], flapping: { changes: 4 } }
  - { name: clear, url: "https://example.org/hunter2" }
`;
    await writeFile(file, text);
    await writeFile(join(folder, 'url'), 'https://n8n.example.org/webhook/hunter2\n');
    await writeFile(join(folder, 'key'), 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==\n');
    const { notify, warnings, files } = await loadConfig(file, env);
    await rm(folder, { recursive: true });
    const waits = { groupWait: 10_000, remindEvery: 14_400_000, timeout: 10_000, giveUpAfter: 3_600_000 };
    const chat = {
      format: 'slack',
      contentType: 'application/json',
      proxy: null,
      chatId: null,
      from: null,
      to: [],
      token: null,
      timezone: 'America/Recife',
      template: null,
      quiet: null,
      secret: null,
      events: ['down', 'healed'],
      accounts: [],
    };
    const without = { groupWait: 0, remindEvery: null, flapping: null };
    expect(notify[0]).toEqual({ name: 'ops', url: env.SLACK_URL, ...chat, ...waits, ...without });
    expect(notify[1]).toMatchObject({
      url: 'https://n8n.example.org/webhook/hunter2',
      secret: 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==',
      format: 'cloudevents',
      accounts: ['acme'],
      timezone: 'UTC',
      flapping: { changes: 4, within: 3_600_000 },
      ...waits,
    });
    expect(notify[2]?.flapping).toEqual({ changes: 6, within: 3_600_000 });
    expect(notify[1]?.events).toContain('needs_human');
    expect(files).toEqual(expect.arrayContaining([join(folder, 'url'), join(folder, 'key')]));
    expect(warnings.map(({ path }) => path)).toEqual(['notify[2].url']);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });

  it('keeps the state in a database, by a URL here or in a file, and warns of a password that others can read', async () => {
    const url = 'postgres://w:hunter2@db.example.org/watchdog';
    const text = `listen: localhost:9847\nstate: { url: "${url}" }\n` + acme('') + instances;
    const { state, secrets, warnings } = await loadText(text);
    expect(secrets).toEqual(expect.arrayContaining([url, 'hunter2']));
    const database = { hosts: [{ host: 'db.example.org', port: 5432 }], password: 'hunter2', tls: 'disable' };
    expect(state).toMatchObject({ path: null, database });
    expect(warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'state.url: the URL, which may hold a password, is written here in clear text',
      'state.url: the connection to the database is not encrypted',
    ]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
    await writeFile(join(folder, 'url'), `${url}?sslmode=require\n`, { mode: 0o600 });
    const fromFile = await loadText(text.replace(`url: "${url}"`, 'urlFile: url'));
    expect(fromFile.state.database).toEqual({ ...state.database, tls: 'require' });
    expect(fromFile.warnings).toEqual([]);
  });

  it('has a warning for an account that cannot be probed as often as its instances need', async () => {
    const two =
      'instances: [{ account: acme, phoneNumberId: "1" }, { account: acme, phoneNumberId: "2", enabled: ENABLED }]\n';
    const text = LOCAL + acme(', probe: { every: 1s }, limits: { requestsPerSecond: 1.5 }') + two;
    expect((await loadText(text.replace('ENABLED', 'true'))).warnings[0]).toMatchObject({
      path: 'accounts.acme.limits.requestsPerSecond',
      message: 'the instances of this account need 2.0 probes per second, but the limit is 1.5',
    });
    expect((await loadText(text.replace('ENABLED', 'false'))).warnings).toEqual([]);
  });

  it('has a warning if there is nothing to watch', async () => {
    expect((await loadText(LOCAL + acme(''))).warnings[0]?.message).toBe('there is nothing to watch');
  });

  it('never includes itself', async () => {
    const config = await loadText('include: ["*.yaml"]\n' + acme('') + instances);
    expect(config.files).toHaveLength(1);
  });

  it('strips the line break at the end of a tokenFile, and nothing else', async () => {
    await writeFile(join(folder, 'token'), 'abc-def-ghi\r\n');
    const text = 'api: { tokenFile: token }\n' + acme('') + instances;
    expect((await loadText(text)).api.token).toBe('abc-def-ghi');
    await writeFile(join(folder, 'token'), 'abc-def-ghi \n');
    await expect(loadText(text)).rejects.toThrow('the token in token holds a blank');
  });

  it('takes :memory: for no folder, and drops slashes at the end of a baseUrl', async () => {
    const config = await loadText(
      'state: { path: ":memory:" }\n' + acme(', baseUrl: "http://[::1]:8080/smile/"') + instances,
    );
    expect(config.state.path).toBe(':memory:');
    expect(config.accounts.get('acme')?.baseUrl).toBe('http://[::1]:8080/smile');
  });
});
