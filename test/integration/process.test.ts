import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differs, stored } from '../postgres/states.ts';
import { arrival, LONG_COOLDOWN, runProcess, TOKEN, watchOver, watchOverByProcess } from './harness.ts';

const SLOW_CALL = { ...LONG_COOLDOWN, restart: { ...LONG_COOLDOWN.restart, timeout: '20s' } };

describe('the daemon as a process', { timeout: 180_000 }, () => {
  it('killed during a restart call, does not restart again inside the cooldown, and has phases and counters back', async () => {
    const {
      simulator,
      file,
      daemon: first,
    } = await watchOverByProcess({ '1190000': 'restart_hangs', '1190001': 'connected' }, { defaults: SLOW_CALL });
    await arrival(simulator, 1, { kind: 'restart' });
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
    expect(await second.end(), 'after a SIGTERM').toBe(0);
    expect(second.output()).toContain('every state is saved');
    expect(simulator.counts('1190000').restarts).toBe(1);
  });

  it.skipIf(differs('secondCopy'))(
    'refuses in one line to run beside another one on the same state, and that one goes on alone',
    async () => {
      const { simulator, file, daemon } = await watchOver({ '1190000': 'connected' }, { defaults: SLOW_CALL });
      await daemon.phase('1190000', 'healthy');
      const second = runProcess(['run', '-c', file]);
      expect(await second.exit).toBe(1);
      expect(second.output().split('\n')).toEqual([expect.stringContaining('in use by another running copy')]);
      simulator.set('1190000', 'restart_lies');
      await daemon.line('"hold":"cooldown"');
      expect(simulator.counts('1190000').restarts).toBe(1);
    },
  );

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
    expect(stored(file)).not.toContain(TOKEN);
  });
});

async function urlOf(daemon: { line(...texts: string[]): Promise<string> }): Promise<string> {
  return (JSON.parse(await daemon.line('"event":"started"')) as { url: string }).url;
}
