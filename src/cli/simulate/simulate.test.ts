import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from '../../../test/cli/command-line.ts';

const scenarios = join(import.meta.dirname, '../../../scenarios');
const shipped = (name: string): string => join(scenarios, `${name}.txt`);

interface Instance {
  readonly name: string;
  readonly downSeconds: number;
  readonly restarts: number;
  readonly healed: number;
  readonly phase: string;
  readonly cause: string;
  readonly holds: readonly string[];
}

/** The part of the JSON document that is looked at here. */
interface Report {
  readonly startedAt: string;
  readonly seconds: number;
  readonly met: boolean;
  readonly instances: readonly Instance[];
  readonly notifications: Readonly<Record<string, number>>;
  readonly expectations: readonly { line: number; text: string; met: boolean; found: string }[];
  readonly timeline: readonly { seconds: number; event: string; name?: string; line?: number; msg: string }[];
}

describe('simulate', () => {
  let folder: string;

  const fleet = (names: readonly string[], account = 'acme'): string[] =>
    names.map((name) => `  - { account: ${account}, phoneNumberId: "${name}", name: ${name} }`);
  const file = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-simulate-'));
    const acme = ['accounts:', '  acme: { username: acme, token: secret-token }'];
    const five = ['instances:', ...fleet(['a', 'b', 'c', 'd', 'e'])];
    const notify = ['notify:', '  - { name: ops, url: "https://hooks.example/secret-place", format: standard }'];
    file('config.yaml', [...acme, ...notify, ...five]);
    file('quiet.yaml', [...acme, ...five]);
    const own = '  ours: { extends: smileapi, remedyTexts: { unauthorized: Call Ana for a new token. } }';
    file('own-remedy.yaml', [
      ...['gateways:', own, 'accounts:', '  acme: { gateway: ours, username: acme, token: secret-token }'],
      ...five,
    ]);
    file('single.yaml', [...acme, 'instances:', ...fleet(['a'])]);
    const careful = ['guard: { startup: 0s }', 'defaults: { restart: { grace: 10m, stableFor: 3h } }'];
    file('careful.yaml', [...careful, ...acme, ...five]);
    const beta = '  beta: { username: beta, token: other-token, baseUrl: "https://beta.example" }';
    file('two.yaml', [...acme, beta, 'instances:', ...fleet(['a', 'b']), ...fleet(['x', 'y'], 'beta')]);
    const night = ['maintenance:', '  - { name: night, cron: "0 0 * * *", duration: 1h, timezone: Europe/Berlin }'];
    file('night.yaml', [...acme, ...night, ...five]);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  let stop = new AbortController();

  beforeEach(() => {
    stop = new AbortController();
  });

  async function run(config: string, ...args: string[]): Promise<{ code: number; text: string }> {
    const line = ['simulate', '-c', join(folder, config), ...args];
    const { exit, output } = await commandLine(line, {}, { stop: stop.signal });
    return { code: exit, text: output };
  }

  /** Plays a shipped scenario, or these lines. */
  async function play(scenario: string | readonly string[], config = 'config.yaml'): Promise<Report> {
    const path = typeof scenario === 'string' ? scenario : file('scenario.txt', scenario);
    const { text } = await run(config, '--json', '--scenario', path);
    return JSON.parse(text) as Report;
  }

  async function show(lines: readonly string[], config = 'config.yaml'): Promise<{ code: number; text: string }> {
    return await run(config, '--scenario', file('scenario.txt', lines));
  }

  const restarts = ({ instances }: Report): number => instances.reduce((sum, instance) => sum + instance.restarts, 0);
  const named = ({ instances }: Report, name: string): Instance => {
    const found = instances.find((instance) => instance.name === name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  };

  describe('with the shipped scenarios', () => {
    it('restarts nothing while the gateway is down, and shows what held restarts', async () => {
      const report = await play(shipped('gateway-outage'));
      expect(restarts(report)).toBe(0);
      expect(report.instances.map(({ downSeconds }) => downSeconds)).toEqual([1200, 1200, 1200, 1200, 1200]);
      expect(named(report, 'a').holds).toContain('gateway_outage');
    });

    it('restarts nothing for an expired token', async () => {
      const report = await play(shipped('token-expired'));
      expect(restarts(report)).toBe(0);
      expect(report.timeline.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('needs a human'));
    });

    it('says of a remedy what the gateway of the account says of it', async () => {
      const report = await play(shipped('token-expired'), 'own-remedy.yaml');
      expect(report.timeline.map(({ msg }) => msg)).toContainEqual(
        expect.stringContaining('Call Ana for a new token.'),
      );
    });

    it('heals a mass disconnect, and says the same each time', async () => {
      const report = await play(shipped('mass-disconnect'));
      expect(restarts(report)).toBeGreaterThanOrEqual(3);
      expect(await play(shipped('mass-disconnect'))).toEqual(report);
    });

    it('lets one instance flap, with fewer restarts each hour, and leaves the others alone', async () => {
      const [first, ...others] = (await play(shipped('flapping'))).instances;
      expect(first?.restarts).toBeGreaterThanOrEqual(3);
      expect(first?.restarts).toBeLessThanOrEqual(5);
      expect(first?.holds).toEqual(['cooldown', 'budget']);
      expect(others.map((other) => other.restarts)).toEqual([0, 0, 0, 0]);
    });

    it('gives a slow start its time, beyond the grace', async () => {
      const report = await play(shipped('slow-recovery'));
      expect(restarts(report)).toBe(1);
      expect(report.timeline.map(({ event }) => event)).not.toContain('not_healed');
    });
  });

  describe('of policies', () => {
    it('shows what a longer grace is good for where a start does not look like one', async () => {
      const lines = ['restart heals after 4m by way of disconnected', 'at 10m any disconnected', 'for 2h'];
      const usual = await play(lines);
      const careful = await play(lines, 'careful.yaml');
      expect(usual.timeline.map(({ event }) => event)).toContain('not_healed');
      expect(careful.timeline.map(({ event }) => event)).not.toContain('not_healed');
      expect(restarts(careful)).toBe(1);
    });
  });

  const broken = ['at 10m any disconnected', 'for 2h'];
  const beta = 'https://beta.example';
  const harm = ['restart harms', 'at 10m a disconnected', 'at 40m b disconnected', 'at 70m c disconnected'];
  const pausing = ['at 5m somebody pauses all', 'at 10m any disconnected', 'at 1h somebody resumes all'];

  it.each<[story: string, lines: readonly string[], expected: readonly string[], config?: string]>([
    [
      'a trouble that lasts for a while ends after that while, whatever a restart did',
      ['restart heals after 20s with chance 0', 'at 10m all disconnected for 30m', 'for 2h'],
      ['restarts > 0', 'downtime of all = 30m'],
    ],
    [
      'a restart may end it earlier',
      ['restart heals after 20s', 'at 10m any disconnected for 30m', 'for 2h'],
      ['downtime of a < 5m'],
    ],
    [
      'a later line about the same instance counts instead',
      ['at 10m all unauthorized for 30m', 'at 20m b pairing_required', 'for 2h'],
      ['downtime of a = 30m', 'phase of b = needs_human'],
    ],
    [
      'a trouble strikes the account, the gateway or the share that a line names',
      [
        ...['at 10m account beta unauthorized for 1m', `at 20m all of gateway ${beta} banned for 2m`],
        ...[`at 30m gateway ${beta} server_error for 4m`, 'at 40m 50% of account beta banned for 8m'],
        ...['at 1h any of account acme banned for 16m', 'at 2h another banned for 32m'],
      ],
      ['downtime of a = 16m', 'downtime of b = 32m', 'downtime of x = 15m', 'downtime of y = 7m'],
      'two.yaml',
    ],
    ['what comes again is repeated', ['every 10m from 1h until 2h any banned for 1m'], ['downtime of a = 7m']],
    [
      'two troubles of a gateway overlap',
      ['at 10m gateway down for 20m', 'at 20m gateway server_error for 20m'],
      ['downtime of a = 30m'],
    ],
    [
      'a restart can take the session, which does not come back when the trouble is over',
      ['restart harms', 'at 10m any disconnected for 20m', 'for 1h'],
      ['phase of a = needs_human', 'cause of a = pairing_required', 'restarts of a = 1'],
    ],
    ['a restart can be refused once', ['restart is refused once', ...broken], ['restarts of a = 2', 'healed of a = 1']],
    ['a restart can be refused always', ['restart of any is refused with 409', ...broken], ['healed of a = 0']],
    [
      'a restart can have no route',
      ['restart is refused with 404', 'at 10m any disconnected', 'for 6h'],
      ['phase of a = needs_human'],
    ],
    [
      'a restart can be refused for a while',
      ['at 5m restart is refused for 10m', ...broken],
      ['restarts of a = 2', 'healed of a = 1'],
    ],
    ['a restart can be answered too late, and still be made', ['restart takes 10m', ...broken], ['healed of a = 1']],
    ['a restart can help for a while only', ['restart heals after 5s for 5m', ...broken], ['restarts > 1']],
    [
      'restarts can differ from instance to instance, and change',
      [
        ...['restart of b lies', 'at 20m restart of b heals after 10s', 'at 10m a disconnected'],
        ...['at 11m b disconnected', 'for 2h'],
      ],
      ['downtime of a < 5m', 'downtime of b > 500s', 'healed of b = 1'],
    ],
    [
      'a health route that is down holds restarts, although instances are answered',
      ['at 10m gateway health down for 20m', 'at 11m any disconnected', 'for 25m'],
      ['notifications gateway_outage = 1', 'restarts of a = 0', 'held by gateway_outage of a'],
    ],
    [
      'somebody mends what nothing else mends',
      ['restart lies', 'at 10m any pairing_required', 'at 30m somebody mends any', 'for 2h'],
      ['phase of a = healthy', 'downtime of a = 20m'],
    ],
    [
      'somebody mends what flaps',
      ['restart lies', 'at 10m any flaps every 2m until 3h', 'at 30m somebody mends any', 'for 3h'],
      ['downtime of a = 10m'],
    ],
    [
      'somebody pauses and resumes, so that restarts are held in between',
      [...pausing, 'at 59m expect restarts = 0'],
      ['restarts of a = 1', 'held by paused of a'],
    ],
    [
      'somebody pauses for a while',
      ['at 5m somebody pauses all for 1h', ...broken],
      ['restarts of a = 1', 'held by paused of a'],
    ],
    [
      'somebody releases an account, so that restarts go on that were held because restarts did harm',
      [
        ...[...harm, 'at 2h restart heals after 20s', 'at 2h somebody releases account acme', 'for 3h'],
        'at 119m expect restarts = 2',
      ],
      ['restarts of c = 1', 'healed of c = 1', 'held by harmful of c'],
    ],
    [
      'somebody asks for a restart that something holds',
      ['at 10m gateway server_error for 20m', 'at 20m somebody asks for a restart of any'],
      ['restarts of a = 0', 'held by gateway_outage of a'],
    ],
    [
      'somebody forces a restart',
      ['at 10m gateway server_error for 20m', 'at 20m somebody forces a restart of any'],
      ['restarts of a = 1'],
    ],
    [
      'an alert asks for one restart, however often it is repeated',
      ['every 20m from 1h until 2h an alert BotSilent asks for a restart of any'],
      ['restarts of a = 1'],
    ],
    [
      'two alerts ask for two restarts',
      [1, 3].map((hour) => `at ${hour}h an alert BotSilent asks for a restart of any`),
      ['restarts of a = 2'],
    ],
    [
      'a story that begins at night is played within a window of maintenance',
      ['start at 23:50 in Europe/Berlin', 'at 15m any disconnected', 'for 2h'],
      ['held by maintenance of a'],
      'night.yaml',
    ],
    [
      'a story that begins at noon is not',
      ['start at 12:00', 'at 15m any disconnected', 'for 2h'],
      ['never held by maintenance of a'],
      'night.yaml',
    ],
  ])('%s', async (_story, lines, expected, config) => {
    const { expectations } = await play([...lines, ...expected.map((claim) => `expect ${claim}`)], config);
    expect(expectations.filter(({ met }) => !met)).toEqual([]);
  });

  it.each([
    ['restart lies', 'HTTP 200', 'connecting'],
    ['restart heals after 2m by way of server_error', 'server_error', 'connecting'],
  ])('shows what a gateway says after %j', async (line, words, others) => {
    const { timeline } = await play([line, ...broken]);
    expect(timeline.map(({ msg }) => msg)).toContainEqual(expect.stringContaining(words));
    expect(timeline.map(({ msg }) => msg)).not.toContainEqual(expect.stringContaining(others));
  });

  it('calls the health route of a gateway of which few instances are probed', async () => {
    const { timeline } = await play([`at 10m gateway ${beta} down for 20m`], 'two.yaml');
    expect(timeline.filter(({ event }) => event === 'gateway_outage_began')).toHaveLength(1);
  });

  it('has a restart come sooner after somebody resets an instance', async () => {
    const lines = ['restart lies', ...broken];
    const patient = restarts(await play(lines));
    expect(restarts(await play([...lines, 'at 1h somebody resets any']))).toBeGreaterThan(patient);
  });

  describe('of notifications', () => {
    const lines = ['restart lies', 'at 10m any pairing_required for 20m', 'for 1h'];

    it('counts what the receivers of the config would be sent', async () => {
      const report = await play(lines);
      expect(report.notifications).toEqual({ needs_human: 1, recovered: 1 });
      expect(report.timeline.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^ops is notified: .*a$/));
      expect((await show(lines)).text).toContain('Messages that would be sent: needs_human 1, recovered 1');
    });

    it('says so when the config has no receiver', async () => {
      expect((await play(lines, 'quiet.yaml')).notifications).toEqual({});
      expect((await show(lines, 'quiet.yaml')).text).toContain('the config has no receiver in notify');
    });
  });

  describe('with expectations', () => {
    const story = ['restart heals after 30s', 'at 10m any disconnected', 'for 1h'];
    const right = [
      ...[
        'expect restarts = 1',
        'expect restarts of each <= 1',
        'expect restarts of b < 1',
        'expect healed of any >= 1',
        'expect recovered <= 0',
      ],
      ...['expect downtime of any > 1m', 'expect downtime of b = 0', 'expect notifications > 1'],
      ...['expect notifications down = 1', 'expect notifications storm = 0', 'expect never held by storm'],
      ...['expect phase of all = healthy', 'expect cause of any = connected', 'at 9m expect restarts = 0'],
      ...['at 10m30s expect phase of any = suspect'],
    ];
    const wrong: readonly (readonly [string, string])[] = [
      ['expect restarts > 1', '1'],
      ['expect restarts of each = 1', '0 of b'],
      ['expect healed of b >= 1', '0'],
      ['expect downtime < 1m', 'of a'],
      ['expect notifications down = 0', '1'],
      ['expect held by budget', 'nothing held a restart'],
      ['expect phase of all = down', 'healthy of a, and 4 more are not down'],
      ['expect cause of any = timeout', 'connected of a'],
      ['at 30m expect restarts = 0', '1'],
    ];

    it('ends well when all are met', async () => {
      const { code, text } = await show([...story, ...right]);
      expect(text).not.toContain('NOT MET');
      expect(code).toBe(0);
      expect(text.match(/^met /gm)).toHaveLength(right.length);
    });

    it('ends with 1 when some are not met, and shows what was found instead of each', async () => {
      const lines = [...story, ...wrong.map(([line]) => line)];
      const { code, text } = await show(lines);
      expect(code).toBe(1);
      expect(text.match(/^NOT MET {2}line (\d+): /gm)).toHaveLength(wrong.length);
      const { met, expectations } = await play(lines);
      expect(met).toBe(false);
      const found = wrong.map(([line, words]) => ({
        text: line,
        met: false,
        found: expect.stringContaining(words) as string,
      }));
      expect(expectations).toMatchObject(found);
    });

    it('ends with 1 when a single one is not met', async () => {
      expect((await show([...story, 'expect restarts = 1', 'expect restarts > 1'])).code).toBe(1);
    });

    it('meets none that it did not reach, because it was stopped', async () => {
      stop.abort();
      const { code, text } = await show([...story, 'expect recovered = 0', 'at 1m expect restarts = 0']);
      expect(code).toBe(1);
      expect(text.match(/^NOT MET .*stopped before/gm)).toHaveLength(2);
    });

    it('lists them in the order of the lines, whenever they were checked', async () => {
      const { expectations } = await play(['expect restarts = 0', 'at 1h expect restarts = 0', 'expect healed = 0']);
      expect(expectations.map(({ line }) => line)).toEqual([1, 2, 3]);
    });
  });

  it('shows the summary first, then the expectations, then everything that happened', async () => {
    const { text } = await show(['every 1m from 10m until 4h all banned for 30s', 'expect restarts = 0', 'for 4h']);
    expect(text).toMatch(/^NAME .*\n(?:[a-e] .*\n){5}\nMessages .*\n\nmet .*\n\nWhat happened after 2026-01-01T00:00/);
    expect(text.split('\n').length).toBeGreaterThan(1000);
    expect(text).not.toContain('more\n');
  });

  it('speaks Portuguese where the environment asks for it, and programs are answered in English', async () => {
    const path = file('scenario.txt', ['at 10m a banned for 4h', 'expect restarts = 0', 'for 1h']);
    const line = ['simulate', '-c', join(folder, 'config.yaml'), '--scenario', path];
    const { output } = await commandLine(line, { LANG: 'pt_BR.UTF-8' });
    expect(output).toMatch(/^NOME +FORA DO AR +REINÍCIOS +RESOLVERAM +FASE NO FIM +RETIDA POR\n/);
    expect(output).toMatch(/^a .* precisa de alguém$/m);
    expect(output).toMatch(/^Mensagens que seriam enviadas: needs_human 1$/m);
    expect(output).toMatch(/^cumprida {6}linha 2: expect restarts = 0 \(foi: 0\)$/m);
    expect(output).toMatch(/^O que aconteceu depois de 2026-01-01T00:00/m);
    expect(output).toMatch(/^ +10m {2}» at 10m a banned for 4h$/m);
    expect(output).toMatch(/^ +\S+ {2}a: Precisa de alguém: .*\.$/m);
    expect(output).toMatch(/^ +\S+ {2}ops é avisado: Precisa de alguém: a$/m);
    expect(output).not.toMatch(/needs a human|is notified/);
    const programs = await commandLine([...line, '--json'], { LANG: 'pt_BR.UTF-8' });
    expect(programs.output).toBe((await commandLine([...line, '--json'])).output);
  });

  it('shows no secret', async () => {
    const lines = ['at 10m all unauthorized for 10m', 'at 30m gateway down for 20m'];
    expect((await show(lines)).text).not.toMatch(/secret/);
    expect(JSON.stringify(await play(lines))).not.toMatch(/secret/);
  });

  describe('refuses, with file and line,', () => {
    it('every mistake at once', async () => {
      const { code, text } = await show(['at 5m all disconnected', 'at 6m nobody knows', 'foo']);
      expect(code).toBe(2);
      expect(text).toContain('scenario.txt:2: ');
      expect(text).toContain('scenario.txt:3: ');
    });

    it.each([
      ['at 5m zed disconnected', 'there is no instance zed'],
      ['expect restarts of zed = 0', 'there is no instance zed'],
      ['at 5m account zed disconnected', 'there is no instance of account zed. Use one of: acme.'],
      ['at 5m gateway https://zed.example down for 5m', 'of gateway https://zed.example. Use one of: https://api.'],
      ['at 5m another disconnected', '`another` needs two of them'],
    ])('%j', async (line, message) => {
      const { code, text } = await show(['# a story', line], 'single.yaml');
      expect(code).toBe(2);
      expect(text).toContain('scenario.txt:2: ');
      expect(text).toContain(message);
    });
  });

  it('needs a scenario that can be read', async () => {
    const { code, text } = await run('config.yaml', '--scenario', join(folder, 'none.txt'));
    expect(code).toBe(2);
    expect(text).toContain('--scenario');
  });
});
