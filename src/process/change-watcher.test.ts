import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { ChangeWatcher } from './change-watcher.ts';
import { systemClock, type Clock } from '../time/clock.ts';

const SECOND = 1000;
const LOOK_EVERY = 30 * SECOND;

/** A watcher over files that are one variable, without folders to hear from. */
async function watchVariable(known = 'first', accepts = true) {
  const clock = new SimulatedClock();
  const files = { content: 'first', looks: 0 };
  const changes: { content: string; at: number }[] = [];
  const watcher: ChangeWatcher = new ChangeWatcher({
    clock,
    fingerprint: () => {
      files.looks += 1;
      return Promise.resolve(files.content);
    },
    folders: () => Promise.resolve([]),
    onChange: () => {
      changes.push({ content: files.content, at: clock.now() });
      if (accepts) watcher.accept(files.content);
      return Promise.resolve();
    },
  });
  await watcher.start(known);
  return { clock, files, changes, watcher };
}

describe('files that change without a notification of the file system', () => {
  it('are noticed by looking, once', async () => {
    const { clock, files, changes } = await watchVariable();
    await clock.run(10 * LOOK_EVERY);
    expect(changes).toEqual([]);
    files.content = 'second';
    await clock.run(LOOK_EVERY + SECOND);
    expect(changes.map(({ content }) => content)).toEqual(['second']);
    await clock.run(10 * LOOK_EVERY);
    expect(changes).toHaveLength(1);
  });

  it('are noticed soon after the start if they changed before it', async () => {
    const { clock, changes } = await watchVariable('before');
    await clock.run(SECOND);
    expect(changes.map(({ content }) => content)).toEqual(['first']);
  });

  it('are looked at again and again until they are read', async () => {
    const { clock, files, changes } = await watchVariable('first', false);
    files.content = 'second';
    await clock.run(3 * LOOK_EVERY);
    expect(changes.length).toBeGreaterThan(1);
  });

  it('are no news once they have been read', async () => {
    const { clock, files, changes, watcher } = await watchVariable();
    files.content = 'second';
    watcher.accept('second');
    await clock.run(2 * LOOK_EVERY);
    expect(changes).toEqual([]);
  });

  it('are no longer checked after the stop', async () => {
    const { clock, files, changes, watcher } = await watchVariable();
    watcher.stop();
    const { looks } = files;
    files.content = 'second';
    await clock.run(10 * LOOK_EVERY);
    expect(files.looks).toBe(looks);
    expect(changes).toEqual([]);
  });
});

/** A clock on which the routine look never comes, so whatever is noticed was heard from the file system. */
function withoutRoutine(): Clock {
  const clock = systemClock();
  return Object.assign(Object.create(clock) as Clock, {
    after: (delay: number, callback: () => void) =>
      delay >= LOOK_EVERY ? () => undefined : clock.after(delay, callback),
  });
}

/** Until the end of the test, many times in the time that a file has for settling. */
function keepWriting(file: string): void {
  const noise = setInterval(() => writeFileSync(file, 'line', { flag: 'a' }), 20);
  onTestFinished(() => clearInterval(noise));
}

describe('a folder', () => {
  /** Watches a folder of its own; the answer resolves with the next change that is noticed. */
  async function watchFolder() {
    const parent = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-watch-'));
    const folder = join(parent, 'watched');
    mkdirSync(folder);
    const files = { content: 'first' };
    let report: () => void = () => undefined;
    const watcher: ChangeWatcher = new ChangeWatcher({
      clock: withoutRoutine(),
      fingerprint: () => Promise.resolve(files.content),
      folders: () => Promise.resolve([folder, join(folder, 'not-there')]),
      onChange: () => {
        watcher.accept(files.content);
        report();
        return Promise.resolve();
      },
    });
    onTestFinished(() => {
      watcher.stop();
      rmSync(parent, { recursive: true, force: true });
    });
    await watcher.start('first');
    const noticed = (): Promise<void> => new Promise((resolve) => (report = resolve));
    return { folder, files, noticed };
  }

  it('reports a file that is replaced, and the next one too', async () => {
    const { folder, files, noticed } = await watchFolder();
    for (const content of ['second', 'third']) {
      const change = noticed();
      files.content = content;
      writeFileSync(join(folder, 'new'), content);
      renameSync(join(folder, 'new'), join(folder, 'file'));
      await change;
    }
  });

  it('that is replaced as a whole is watched again under its name', async () => {
    const { folder, files, noticed } = await watchFolder();
    let change = noticed();
    files.content = 'second';
    renameSync(folder, `${folder}-before`);
    mkdirSync(folder);
    await change;
    change = noticed();
    files.content = 'third';
    keepWriting(join(folder, 'file'));
    await change;
  });

  it('in which something else moves all the time does not keep the news back', async () => {
    const { folder, files, noticed } = await watchFolder();
    const change = noticed();
    files.content = 'second';
    keepWriting(join(folder, 'log'));
    await change;
  });
});
