import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { loadInBackground, loadInThread } from './load-in-background.ts';
import { stepBehind } from './load-worker.ts';
import { loadConfig } from '../load.ts';
import { ConfigError } from '../problems.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';

const NEVER = new AbortController().signal;

function writeFiles(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, 'config.yaml');
}

const MAIN = `
accounts:
  acme: { username: acme, token: "\${TOKEN}", stateWords: { warm: healthy/connected }, restart: { schedule: 0 4 * * * } }
  other: { username: other, token: "\${TOKEN}" }
maintenance: [{ name: nightly, cron: 0 4 * * *, duration: 1h }]
instances:
  - { account: other, phoneNumberId: "7", enabled: false, probe: { every: 10s } }
include: [list.csv]
`;
const lines = Array.from(
  { length: 1_200 },
  (_, index) => `00${index},${index % 2 ? `n${index}` : ''},acme,t${index % 3}`,
);
const LIST = ['phoneNumberId,name,account,team', ...lines].join('\n');

const env = { TOKEN: 'secret' };
let read: Promise<Config> | null = null;
/** What a thread made of the file. Two tests look at it, because a thread takes seconds to start. */
const fromThread = (file: string): Promise<Config> => (read ??= loadInThread(file, env, NEVER));

it('a thread of its own loads the same config', async () => {
  const file = writeFiles({ 'config.yaml': MAIN, 'list.csv': LIST });
  expect(await fromThread(file)).toEqual(await loadConfig(file, env));
});

it('what many instances share is one object for all of them after a thread sent it, too', async () => {
  const { instances, maintenance } = await fromThread(writeFiles({ 'config.yaml': MAIN, 'list.csv': LIST }));
  expect(new Set(instances.map(({ policy }) => policy)).size).toBe(2);
  expect(new Set(instances.map(({ labels }) => labels)).size).toBe(4);
  expect(instances.at(-1)?.policy.restart.schedule?.expression).toBe(maintenance[0]?.cron.expression);
});

it('a thread hands over every problem, with what was read', async () => {
  const file = writeFiles({ 'config.yaml': MAIN, 'list.csv': `${LIST}\n000,again,acme,\n1,"b d",acme,` });
  const errorOf = async (loading: Promise<unknown>): Promise<ConfigError> => {
    const error: unknown = await loading.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  };
  const here = await errorOf(loadConfig(file, {}));
  const there = await errorOf(loadInThread(file, {}, NEVER));
  expect(here.problems.length).toBeGreaterThan(2);
  expect(there.problems).toEqual(here.problems);
  expect(there.message).toBe(here.message);
  expect([...there.inputs.files]).toEqual([...here.inputs.files]);
});

it('loading in a thread stops when it is no longer needed', async () => {
  const file = writeFiles({ 'config.yaml': MAIN, 'list.csv': LIST });
  await expect(loadInThread(file, {}, AbortSignal.abort())).rejects.toThrow('was stopped');
});

it('a small config takes no thread, and one that is large through its parts does', async () => {
  const small = writeFiles({ 'config.yaml': MAIN, 'list.csv': LIST.slice(0, LIST.indexOf('\n')) });
  // A thread that is no longer wanted stops, so this can only have been read here.
  expect((await loadInBackground(small, { TOKEN: 'secret' }, AbortSignal.abort())).instances).toHaveLength(1);
  const large = writeFiles({ 'config.yaml': MAIN, 'list.csv': LIST + '\n'.repeat(40_000) });
  await expect(loadInBackground(large, { TOKEN: 'secret' }, AbortSignal.abort())).rejects.toThrow('was stopped');
  expect((await loadInBackground(large, { TOKEN: 'secret' }, NEVER)).instances).toHaveLength(1_201);
});

it('a thread that may not lower its priority, as under the shipped unit, loads all the same', () => {
  const asked: number[] = [];
  const refuse = (priority: number): never => {
    asked.push(priority);
    throw new Error('EPERM');
  };
  for (const platform of ['linux', 'darwin'] as const) expect(() => stepBehind(platform, refuse)).not.toThrow();
  expect(asked).toHaveLength(1);
});
