import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answer, says, startChaosServer } from './chaos-server.ts';
import {
  metric,
  namesIn,
  FAST,
  runQuickly,
  type RunningDaemon,
  simulate,
  TOKEN,
  watchQuickly,
  watchOverByProcess,
  writeConfig,
} from './harness.ts';

const CONNECTED = { '1190001': 'connected', '1190002': 'connected' } as const;

type ConfigFile = { instances: { phoneNumberId: string; account: string }[] } & Record<string, unknown>;

function edited(file: string, edit: (config: ConfigFile) => void): string {
  const config = JSON.parse(readFileSync(file, 'utf8')) as ConfigFile;
  edit(config);
  return JSON.stringify(config, null, 2);
}

/** As editors do it: a new file beside the old one, then a rename over it. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}~`, text);
  renameSync(`${file}~`, file);
}

/** Resolves once `look` finds something; that is looked at with every probe, so without sleeping. */
function until(daemon: RunningDaemon, look: () => boolean): Promise<unknown> {
  return look() ? Promise.resolve() : daemon.seen(() => look());
}

const post = (url: string): Promise<Response> => fetch(`${url}/-/reload`, { method: 'POST' });

describe('a config file that changes', () => {
  it('is read again when Kubernetes swaps its ConfigMap', async () => {
    const simulator = await simulate(CONNECTED);
    const whole = writeConfig(simulator);
    const mount = join(dirname(whole), 'mount');
    const version = (name: string, text: string): void => {
      mkdirSync(join(mount, name), { recursive: true });
      writeFileSync(join(mount, name, 'config.yaml'), text);
      symlinkSync(name, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    version(
      '..2026_01',
      edited(whole, (config) => config.instances.splice(1)),
    );
    symlinkSync(join('..data', 'config.yaml'), join(mount, 'config.yaml'));
    const daemon = await runQuickly(join(mount, 'config.yaml'));
    expect(namesIn(daemon)).toEqual(['1190001']);
    version('..2026_02', readFileSync(whole, 'utf8'));
    rmSync(join(mount, '..2026_01'), { recursive: true });
    await until(daemon, () => namesIn(daemon).length === 2);
    await daemon.phase('1190002', 'healthy');
  });

  it('takes in what comes to match an include pattern, and lets go of what matches no more', async () => {
    const simulator = await simulate(CONNECTED);
    const file = writeConfig(simulator, { top: { instances: [], include: ['fleet.d/*.yaml'] } });
    const folder = join(dirname(file), 'fleet.d');
    const part = (id: string): string => `instances:\n  - { account: acme, phoneNumberId: "${id}" }\n`;
    mkdirSync(folder);
    writeFileSync(join(folder, 'one.yaml'), part('1190001'));
    const daemon = await runQuickly(file);
    writeFileSync(join(folder, 'two.yaml'), part('1190002'));
    await until(daemon, () => namesIn(daemon).length === 2);
    await daemon.phase('1190002', 'healthy');
    unlinkSync(join(folder, 'two.yaml'));
    await until(daemon, () => namesIn(daemon).length === 1);
    expect(namesIn(daemon)).toEqual(['1190001']);
  });

  it('is followed when it is bad as well: the old config stays, and a good one mends it', async () => {
    const { simulator, file, daemon } = await watchQuickly(CONNECTED);
    const good = readFileSync(file, 'utf8');
    expect(await metric(daemon, 'watchdog_config_last_reload_successful')).toBe(1);
    const since = await metric(daemon, 'watchdog_config_last_reload_success_timestamp_seconds');

    replaceFile(file, `${good.slice(0, -2)},\n  "lissten": "x"\n}`);
    const line = good.split('\n').length;
    await until(daemon, () => daemon.log().includes('config_reload_failed'));
    expect(daemon.log()).toMatch(new RegExp(`config\\.yaml:${line}:3 lissten: unknown key`));
    expect(await metric(daemon, 'watchdog_config_last_reload_successful')).toBe(0);
    expect(await metric(daemon, 'watchdog_config_last_reload_success_timestamp_seconds')).toBe(since);
    const answer = await post(daemon.url);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ problems: [{ file, line, column: 3, path: 'lissten' }] });
    const asked = simulator.requests().probes;
    await until(daemon, () => simulator.requests().probes > asked + 5);

    replaceFile(file, good);
    await until(daemon, () => daemon.log().includes('"event":"config_reloaded"'));
    expect(await metric(daemon, 'watchdog_config_last_reload_successful')).toBe(1);
    expect((await post(daemon.url)).status).toBe(200);
  });

  it('a config file that stays missing is a failed reload, and no reason to stop', async () => {
    const { file, daemon } = await watchQuickly(CONNECTED);
    unlinkSync(file);
    await until(daemon, () => daemon.log().includes('config_reload_failed'));
    expect(daemon.log()).toContain('no such file');
    expect(namesIn(daemon)).toHaveLength(2);
  });
});

describe('an instance that leaves', () => {
  it('takes its series along, and those that the end of its last restart call brings back', async () => {
    let letEnd: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (letEnd = resolve));
    let calledAgain: () => void = () => undefined;
    const calling = new Promise<void>((resolve) => (calledAgain = resolve));
    let calls = 0;
    const server = await startChaosServer({
      reply(head) {
        if (!head.includes('1190002')) return says(answer('{"status":200,"instance":{"state":"open"}}'));
        const closed = answer('{"status":200,"instance":{"state":"close"}}');
        if (!head.startsWith('POST ')) return says(closed);
        calls += 1;
        if (calls === 1) return says(answer('{"status":200}'));
        calledAgain();
        return (socket) => void over.then(() => socket.write(answer('{"status":200}')));
      },
    });
    const file = writeConfig(
      { url: `http://127.0.0.1:${server.port}`, phoneNumberIds: () => ['1190001', '1190002'] },
      { defaults: { ...FAST, restart: { ...FAST.restart, grace: '100ms', timeout: '1m' } } },
    );
    const daemon = await runQuickly(file);
    const metrics = async (): Promise<string> => await (await fetch(`${daemon.url}/metrics`)).text();
    await calling;
    expect(await metrics()).toMatch(/watchdog_restarts_total\{[^}]*1190002/);
    writeFileSync(
      file,
      edited(file, (config) => config.instances.splice(1)),
    );
    expect(await (await post(daemon.url)).json()).toMatchObject({ removed: 1 });
    expect(await metrics()).not.toContain('1190002');
    const finished = new Promise<void>((resolve) => {
      daemon.events.subscribe(({ type }) => {
        if (type === 'restart_finished') resolve();
      });
    });
    letEnd();
    await finished;
    expect(await metrics()).not.toContain('1190002');
    expect(daemon.log().match(/"event":"restart_finished"/g)).toHaveLength(2);
  });
});

describe('a token in a file', () => {
  it('is used by the next call, while one in flight ends with the one before; neither is shown', async () => {
    const old = 'an-0ld-t0ken';
    let letEnd: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (letEnd = resolve));
    let called: () => void = () => undefined;
    const calling = new Promise<void>((resolve) => (called = resolve));
    let restarted = false;
    const failure = (status: string, message: string): string =>
      answer(JSON.stringify({ error: true, message })).replace('200 OK', status);
    const server = await startChaosServer({
      reply(head) {
        const isRestart = head.startsWith('POST ');
        if (head.includes(old)) {
          if (!isRestart) return says(answer('{"status":200,"instance":{"state":"close"}}'));
          called();
          return (socket) => void over.then(() => socket.write(failure('401 Unauthorized', `${old} became ${TOKEN}`)));
        }
        restarted ||= isRestart;
        if (restarted) return says(answer('{"status":200,"instance":{"state":"open"}}'));
        return says(failure('200 OK', `${TOKEN} was ${old}`));
      },
    });
    const file = writeConfig(
      { url: `http://127.0.0.1:${server.port}`, phoneNumberIds: () => ['1190001'] },
      {
        account: { token: undefined, tokenFile: 'token' },
        defaults: { ...FAST, restart: { ...FAST.restart, timeout: '1m' } },
        top: { log: { level: 'debug' } },
      },
    );
    const secret = join(dirname(file), 'token');
    writeFileSync(secret, old);
    const daemon = await runQuickly(file);
    await calling;
    replaceFile(secret, TOKEN);
    await daemon.seen(({ type }) => type === 'config_reloaded');
    letEnd();
    await daemon.phase('1190001', 'healthy');
    const restarts = server.requests.filter((head) => head.startsWith('POST '));
    expect(restarts.map((head) => [head.includes(old), head.includes(TOKEN)])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(daemon.log()).toContain('HTTP 401: *** became ***');
    expect(daemon.log()).toContain('*** was ***');
    for (const token of [old, TOKEN]) expect(daemon.log()).not.toContain(token);
  });

  it('a read token counts from the next request on', async () => {
    const { file, daemon } = await watchQuickly({ '1190001': 'connected' });
    const status = async (): Promise<number> => (await fetch(`${daemon.url}/api/v1/instances`)).status;
    expect(await status()).toBe(200);
    writeFileSync(
      file,
      edited(file, (config) => {
        config['api'] = { readToken: 'for-readers-0nly' };
      }),
    );
    expect((await post(daemon.url)).status).toBe(200);
    expect(await status()).toBe(401);
  });
});

describe('the log level', () => {
  it('changes with the config', async () => {
    const file = writeConfig(await simulate({ '1190001': 'connected' }));
    const daemon = await runQuickly(file);
    await daemon.phase('1190001', 'healthy');
    expect(daemon.log()).not.toContain('"level":"debug"');
    const debug = edited(file, (config) => {
      config['log'] = { level: 'debug' };
    });
    writeFileSync(file, debug);
    expect((await post(daemon.url)).status).toBe(200);
    await until(daemon, () => daemon.log().includes('"level":"debug"'));
  });
});

describe('POST /-/reload', () => {
  it('says what changed, and which keys wait for a restart', async () => {
    const { file, daemon } = await watchQuickly(CONNECTED);
    writeFileSync(
      file,
      edited(file, (config) => {
        config.instances.splice(1);
        config['listen'] = '127.0.0.1:1';
      }),
    );
    const answer = await post(daemon.url);
    expect(answer.status).toBe(200);
    const expected = { added: 0, removed: 1, changed: 0, changedAccounts: 0, waitingForRestart: ['listen'] };
    expect(await answer.json()).toEqual(expected);
    expect(daemon.log()).toContain('listen are used only after a restart');
    expect(await (await post(daemon.url)).json()).toEqual({ ...expected, removed: 0 });
  });

  it('answers nothing but POST', async () => {
    const daemon = await runQuickly(writeConfig(await simulate(CONNECTED)));
    expect((await fetch(`${daemon.url}/-/reload`)).status).toBe(405);
  });
});

describe('SIGHUP', () => {
  it('makes the process read its config again, not end', async () => {
    const { daemon } = await watchOverByProcess(CONNECTED);
    await daemon.line('"event":"started"');
    await daemon.line('"event":"first_round"');
    daemon.child.kill('SIGHUP');
    const ended = daemon.exit.then((code) => expect.fail(`the process ended (${String(code)})`));
    await Promise.race([daemon.line('"event":"config_reloaded"', '"reason":"signal"', '"removed":0'), ended]);
    ended.catch(() => undefined);
    expect(await daemon.end()).toBe(0);
  });
});
