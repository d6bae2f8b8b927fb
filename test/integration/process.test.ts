import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { Lookout } from './lookout.ts';
import { FAST, runProcess, simulate, TOKEN, watchOverByProcess, writeConfig } from './harness.ts';

const SLOW_COOLDOWN = { ...FAST, restart: { ...FAST.restart, cooldown: '60s', timeout: '20s' } };

describe('the daemon as a process', { timeout: 60_000 }, () => {
  it('killed during a restart call, does not restart again inside the cooldown, and has phases and counters back', async () => {
    const {
      simulator,
      file,
      daemon: first,
    } = await watchOverByProcess({ '1190000': 'restart_hangs', '1190001': 'connected' }, { defaults: SLOW_COOLDOWN });
    await first.line('"event":"restart_started"', '1190000');
    await received(simulator, 1);
    await first.end('SIGKILL');

    const second = runProcess(['run', '-c', file]);
    const url = await urlOf(second);
    await second.line('"to":"down"', '1190000');
    await second.line('"hold":"cooldown"', '1190000');
    const view = (await (await fetch(`${url}/api/v1/instances/1190000`)).json()) as Record<string, unknown>;
    expect(view).toMatchObject({
      phase: 'down',
      restart: { attempt: 1, last: { trigger: 'failure', outcome: 'unknown' } },
    });
    expect(simulator.counts('1190000').restarts).toBe(1);
    expect(await second.end()).toBe(0);
    expect(simulator.counts('1190000').restarts).toBe(1);
  });

  it('stops on SIGTERM with exit code 0 and every state saved', async () => {
    const { daemon } = await watchOverByProcess({ '1190000': 'qr' });
    await daemon.line('"to":"needs_human"');
    expect(await daemon.end()).toBe(0);
    expect(daemon.output()).toContain('every state is saved');
  });

  it('refuses to run beside another one on the same state', async () => {
    const { file, daemon: first } = await watchOverByProcess({ '1190000': 'connected' });
    await urlOf(first);
    const second = runProcess(['run', '-c', file]);
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/state.*(another|second|already)/is);
  });

  it('shows its token nowhere: not in log, metrics, API, errors, state, title or command line', async () => {
    const echo = {
      httpStatus: 200,
      body: JSON.stringify({ status: 'error', message: `Bearer ${TOKEN} is bad`, token: TOKEN }),
    };
    const { file, daemon } = await watchOverByProcess(
      {
        '1190000': 'unauthorized',
        '1190001': { probe: echo, onRestart: [{ answers: echo, effect: null }] },
      },
      { top: { log: { level: 'debug' } } },
    );
    const url = await urlOf(daemon);
    await daemon.line('"event":"restart_finished"', '1190001');
    await daemon.line('"to":"needs_human"', '1190000');
    for (const path of ['/metrics', '/api/v1/instances', '/api/v1/instances/1190001', '/', '/-/healthy', '/nowhere']) {
      expect(await (await fetch(`${url}${path}`)).text()).not.toContain(TOKEN);
    }
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${daemon.child.pid!}/cmdline`, 'utf8')).not.toContain(TOKEN);
    }
    await daemon.end();
    expect(daemon.output()).not.toContain(TOKEN);
    for (const path of filesBelow(join(dirname(file), 'state'))) {
      expect(readFileSync(path).includes(TOKEN), path).toBe(false);
    }
  });

  it('says in one line what is wrong with the config, with its place, and exits with 2', async () => {
    const { daemon } = await watchOverByProcess({ '1190000': 'connected' }, { top: { lissten: '0.0.0.0:1' } });
    expect(await daemon.exit).toBe(2);
    expect(daemon.output()).toMatch(/config\.yaml:\d+:\d+ .*lissten.*listen/);
    expect(daemon.output()).not.toContain('    at ');
  });

  it('says who has the port', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const taken = new URL(simulator.url).host;
    const daemon = runProcess(['run', '-c', writeConfig(simulator, { top: { listen: taken } })]);
    expect(await daemon.exit).toBe(1);
    expect(daemon.output()).toContain(taken);
    expect(daemon.output()).not.toContain('    at ');
  });
});

describe('the command line', { timeout: 60_000 }, () => {
  it('probes once, as a table or as JSON, and exits with 1 if something is not healthy', async () => {
    const simulator = await simulate({ '1190000': 'connected', '1190001': 'qr' });
    const file = writeConfig(simulator);
    const table = runProcess(['probe', '-c', file]);
    expect(await table.exit).toBe(1);
    expect(table.output()).toMatch(/1190001 +acme +needs_human +pairing_required/);
    const json = runProcess(['probe', '-c', file, '--json', '1190000']);
    expect(await json.exit).toBe(0);
    expect(JSON.parse(json.output())).toMatchObject([{ name: '1190000', verdict: 'healthy', cause: 'connected' }]);
    const typo = runProcess(['probe', '-c', file, '119000']);
    expect(await typo.exit).toBe(2);
    expect(typo.output()).toContain('did you mean');
  });

  it('restarts once, prints the answer as JSON, and keeps to the cooldown of a state that is there', async () => {
    const simulator = await simulate({ '1190000': 'disconnected' });
    const file = writeConfig(simulator, { defaults: SLOW_COOLDOWN });
    const restart = runProcess(['restart', '-c', file, '1190000', '--json']);
    expect(await restart.exit).toBe(0);
    expect(JSON.parse(restart.output())).toEqual({
      name: '1190000',
      account: 'acme',
      phoneNumberId: '1190000',
      outcome: 'accepted',
      httpStatus: 200,
      body: { status: 'success', message: 'Instance restarted successfully', instanceId: '1190000' },
    });

    simulator.set('1190000', 'restart_lies');
    const daemon = runProcess(['run', '-c', file]);
    await daemon.line('"event":"restart_finished"');
    const beside = runProcess(['restart', '-c', file, '1190000']);
    expect(await beside.exit).toBe(1);
    expect(beside.output()).toContain('sets no api.token');
    await daemon.end();
    const held = runProcess(['restart', '-c', file, '1190000', '--json']);
    expect(await held.exit).toBe(1);
    expect(simulator.counts('1190000').restarts).toBe(2);
    const forced = runProcess(['restart', '-c', file, '1190000', '--force']);
    expect(await forced.exit).toBe(0);
    expect(simulator.counts('1190000').restarts).toBe(3);
  });

  it('asks a running daemon for its status, and for a restart, which then keeps to its cooldown', async () => {
    const { simulator, file, daemon } = await watchOverByProcess(
      { '1190000': 'connected', '1190001': 'connected' },
      {
        defaults: SLOW_COOLDOWN,
        top: { api: { token: 'api-token-1', readToken: 'r-1' } },
      },
    );
    const url = await urlOf(daemon);
    const restart = runProcess(['restart', '-c', file, '1190000', '--json', '--url', url], { USER: 'ana' });
    expect(await restart.exit).toBe(0);
    expect(JSON.parse(restart.output())).toMatchObject({ name: '1190000', outcome: 'accepted', httpStatus: 200 });
    await daemon.line('"event":"healed"', '1190000');
    const again = runProcess(['restart', '-c', file, '1190000', '--url', url]);
    expect(await again.exit).toBe(1);
    expect(again.output()).toContain('held by cooldown until');
    expect(simulator.counts('1190000').restarts).toBe(1);

    const status = runProcess(['status', '--url', url, '--json'], { WATCHDOG_TOKEN: 'r-1' });
    expect(await status.exit).toBe(0);
    expect(JSON.parse(status.output())).toMatchObject({
      status: { instances: { total: 2 } },
      instances: [
        { name: '1190000', restart: { last: { trigger: 'cli', requestedBy: 'ana', healed: true } } },
        { name: '1190001' },
      ],
    });
    const table = runProcess(['status', '--url', url], { WATCHDOG_TOKEN: 'r-1' });
    expect(await table.exit).toBe(0);
    expect(table.output()).toContain('2 instances: 2 healthy');
    const stranger = runProcess(['status', '--url', url]);
    expect(await stranger.exit).toBe(1);
    expect(stranger.output()).toContain('--token-file');
    const nobody = runProcess(['status', '--url', 'http://127.0.0.1:9']);
    expect(await nobody.exit).toBe(1);
    expect(nobody.output()).toContain('no watchdog answers at http://127.0.0.1:9');
    expect(daemon.output() + restart.output() + again.output()).not.toContain('api-token-1');
  });

  it('checks a config and prints its schema', async () => {
    const simulator = await simulate({ '1190000': 'connected' });
    const check = runProcess(['check', '-c', writeConfig(simulator)]);
    expect(await check.exit).toBe(0);
    expect(check.output()).toMatch(/1 instances? in 1 accounts?/);
    const schema = runProcess(['schema']);
    expect(await schema.exit).toBe(0);
    expect(JSON.parse(schema.output())).toHaveProperty('properties.accounts');
  });

  it('exits with 2 for what it does not understand', async () => {
    expect(await runProcess(['restrat']).exit).toBe(2);
    expect(await runProcess(['restart']).exit).toBe(2);
    expect(await runProcess(['check', '-c', '/nowhere/config.yaml']).exit).toBe(2);
    expect(await runProcess(['--help']).exit).toBe(0);
  });
});

async function urlOf(daemon: { line(...texts: string[]): Promise<string> }): Promise<string> {
  return (JSON.parse(await daemon.line('"event":"started"')) as { url: string }).url;
}

function received(simulator: Simulator, restarts: number): Promise<boolean> {
  const lookout = new Lookout();
  simulator.onRequest(lookout.look);
  return lookout.until(() => simulator.requests().restarts >= restarts);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
