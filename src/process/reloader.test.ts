import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../config/problems.ts';
import { SECOND } from '../core/time.ts';
import type { ReloadOutcome } from '../core/reload.ts';
import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import { Reloader } from './reloader.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';

const RELOADED: Reloaded = {
  added: 1,
  removed: 0,
  changed: 0,
  changedAccounts: 0,
  forgotten: [],
  newcomers: [],
  forgottenAccounts: [],
  settled: Promise.resolve(),
  saved: Promise.resolve(),
};
const GOOD =
  'accounts: { acme: { username: acme, token: t0ken } }\ninstances: [{ account: acme, phoneNumberId: "1" }]\n';

/** A reloader over a file of its own, which nothing watches. */
async function reloaderOver(text: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'config.yaml');
  const write = (content: string, name = 'config.yaml'): void => {
    writeFileSync(join(folder, name), content);
  };
  write(text);
  const seen = { loads: 0, applied: [] as Config[], ends: [] as ReloadOutcome[] };
  const hooks = {
    beforeLoad: () => Promise.resolve(),
    whileWaiting: (): void => undefined,
    apply: (_: Config, __: boolean): Reloaded => RELOADED,
  };
  const clock = new SimulatedClock();
  // A wait for the files is over at once; meanwhile somebody may write.
  clock.after = (delay, callback) => {
    hooks.whileWaiting();
    void clock.stall(delay).then(callback);
    return () => undefined;
  };
  const reloader = new Reloader({
    clock,
    config: await loadConfig(file, {}),
    async load() {
      seen.loads += 1;
      await hooks.beforeLoad();
      return await loadConfig(file, {});
    },
    apply(config, force) {
      const reloaded = hooks.apply(config, force);
      seen.applied.push(config);
      return reloaded;
    },
    onEnd: (outcome) => seen.ends.push(outcome),
  });
  return { clock, reloader, write, seen, hooks };
}

describe('reloads', () => {
  it('run one after the other, and all requests during one share the next', async () => {
    const { reloader, write, seen, hooks } = await reloaderOver(GOOD);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const begun = new Promise<void>((resolve) => {
      hooks.beforeLoad = () => {
        resolve();
        return held;
      };
    });
    write(`${GOOD}dryRun: true\n`);
    const first = reloader.request('api');
    await begun;
    write(`${GOOD}dryRun: false\n`);
    const others = [reloader.request('api'), reloader.request('signal'), reloader.request('files')];
    expect(seen.loads).toBe(1);
    letGo();
    const outcomes = await Promise.all([first, ...others]);
    expect(new Set(outcomes.slice(1)).size).toBe(1);
    expect(seen.applied.map(({ dryRun }) => dryRun)).toEqual([false]);
  });

  it('read nothing again while the files are the same, and then have changed nothing', async () => {
    const { reloader, write, seen } = await reloaderOver(GOOD);
    expect(await reloader.request('api')).toMatchObject({ ok: true, added: 0 });
    expect(seen.loads).toBe(0);
    write(`${GOOD}dryRun: true\n`);
    expect(await reloader.request('api')).toMatchObject({ ok: true, added: 1 });
    expect(await reloader.request('api')).toMatchObject({ ok: true, added: 0 });
    expect(seen).toMatchObject({ loads: 1, ends: [{ ok: true }] });
  });

  it('have the same problems again, without reading a bad config again', async () => {
    const { reloader, write, seen } = await reloaderOver(GOOD);
    write(`${GOOD}dryRum: true\n`);
    const outcome = await reloader.request('api');
    expect(outcome).toMatchObject({ ok: false, problems: [{ line: 3, column: 1, path: 'dryRum' }] });
    expect(await reloader.request('api')).toEqual(outcome);
    expect(seen).toMatchObject({ loads: 1, applied: [] });
  });

  it('notice when only a file is repaired that the last good config did not include', async () => {
    const { reloader, write, seen } = await reloaderOver(GOOD);
    write(`${GOOD}include: [more.yaml]\n`);
    write('instances: [{ acount: acme, phoneNumberId: "2" }]\n', 'more.yaml');
    expect(await reloader.request('files')).toMatchObject({ ok: false });
    write('instances: [{ account: acme, phoneNumberId: "2" }]\n', 'more.yaml');
    expect(await reloader.request('files')).toMatchObject({ ok: true });
    expect(seen.applied.at(-1)?.instances).toHaveLength(2);
    const { loads } = seen;
    expect(await reloader.request('files')).toMatchObject({ ok: true, added: 0 });
    expect(seen.loads).toBe(loads);
  });

  it('know what a new include brings as soon as they have read it', async () => {
    const { reloader, write, seen } = await reloaderOver(GOOD);
    write('instances: [{ account: acme, phoneNumberId: "2" }]\n', 'more.yaml');
    write(`${GOOD}include: [more.yaml]\n`);
    expect(await reloader.request('files')).toMatchObject({ ok: true });
    expect(seen).toMatchObject({ ends: [{ ok: true }] });
    const { loads } = seen;
    await reloader.request('files');
    expect(seen.loads).toBe(loads);
    write('instances: [{ account: acme, phoneNumberId: "3" }]\n', 'more.yaml');
    await reloader.request('files');
    expect(seen.applied.at(-1)?.instances.map(({ phoneNumberId }) => phoneNumberId)).toEqual(['1', '3']);
  });

  it('are tried again when something else than the files was wrong', async () => {
    const { reloader, write, seen, hooks } = await reloaderOver(GOOD);
    write(`${GOOD}dryRun: true\n`);
    hooks.apply = () => {
      throw new Error('out of luck');
    };
    const outcome = await reloader.request('api');
    expect(outcome).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining('out of luck') as unknown }],
    });
    hooks.apply = () => RELOADED;
    expect(await reloader.request('api')).toMatchObject({ ok: true });
    expect(seen.loads).toBe(2);
  });

  it('name the keys that wait for a restart of the process, until they are put back', async () => {
    const { reloader, write } = await reloaderOver(GOOD);
    write(`${GOOD}listen: 127.0.0.1:1\nstate: { path: elsewhere }\nlog: { format: pretty, level: debug }\n`);
    const waitingForRestart = ['listen', 'log.format', 'state.path'];
    expect(await reloader.request('api')).toMatchObject({ ok: true, waitingForRestart });
    write(GOOD);
    expect(await reloader.request('api')).toMatchObject({ ok: true, waitingForRestart: [] });
  });

  it('wait until the files have not changed for a second, whatever requests them', async () => {
    const { clock, reloader, write, seen, hooks } = await reloaderOver(GOOD);
    const parts = ['include: [mo', 're.yaml]\n', 'dryRun: true\n'];
    let written = `${GOOD}${parts.shift()}`;
    write(written);
    hooks.whileWaiting = () => write((written += parts.shift() ?? ''));
    const began = clock.now();
    write('instances: [{ account: acme, phoneNumberId: "2" }]\n', 'more.yaml');
    expect(await reloader.request('api')).toMatchObject({ ok: true });
    expect(seen.applied).toMatchObject([{ dryRun: true, instances: [{}, {}] }]);
    expect(clock.now() - began).toBeGreaterThanOrEqual(3 * SECOND);
  });

  it('do not take what has changed while it was read', async () => {
    const { reloader, write, seen, hooks } = await reloaderOver(GOOD);
    write(`${GOOD}dryRun: true\n`);
    hooks.beforeLoad = () => {
      write(`${GOOD}dryRun: false\n`);
      return Promise.resolve();
    };
    await reloader.request('signal');
    expect(seen.applied.map(({ dryRun }) => dryRun)).toEqual([false]);
  });

  it('fail when the files keep changing, and are tried again', async () => {
    const { reloader, write, seen, hooks } = await reloaderOver(GOOD);
    let count = 0;
    hooks.whileWaiting = () => write(`${GOOD}#${(count += 1)}\n`);
    hooks.whileWaiting();
    expect(await reloader.request('files')).toMatchObject({
      problems: [{ message: expect.stringContaining('keep changing') as unknown }],
    });
    expect(seen).toMatchObject({ loads: 0, ends: [{ ok: false }] });
    hooks.whileWaiting = () => undefined;
    expect(await reloader.request('files')).toMatchObject({ ok: true });
  });

  it('that were refused are made by force, also when the files are the same', async () => {
    const { reloader, write, hooks } = await reloaderOver(GOOD);
    write(`${GOOD}dryRun: true\n`);
    hooks.apply = (config, force) => {
      if (force) return RELOADED;
      throw new ConfigError([], config);
    };
    expect(await reloader.request('files')).toMatchObject({ ok: false });
    expect(await reloader.request('api')).toMatchObject({ ok: false });
    expect(await reloader.request('api', true)).toMatchObject({ ok: true });
  });

  it('begin no more once it is closed', async () => {
    const { reloader, seen } = await reloaderOver(GOOD);
    await reloader.close();
    expect(await reloader.request('signal')).toMatchObject({ ok: false });
    expect(seen.loads).toBe(0);
  });
});
