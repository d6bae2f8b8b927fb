import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { configDigest } from './config-digest.ts';

const CONFIG = `
accounts:
  one: { username: acme, token: first-token, headers: { X-A: a, X-B: b }, limits: { concurrency: 5 }, probe: { every: 20s } }
  two: { username: acme, token: other-token, stateWords: { online: healthy, sleeping: unhealthy } }
guard: { startup: 1s, maxUnhealthy: 30% }
instances:
  - { account: one, phoneNumberId: "1", labels: { city: Recife, team: sales } }
  - { account: two, phoneNumberId: "2" }
`;

async function digestOf(text: string): Promise<string> {
  const file = join(temporaryFolder(), 'config.yaml');
  writeFileSync(file, text);
  return configDigest(await loadConfig(file, {}));
}

/** The same with something else in one place. */
async function digestWith(from: string | RegExp, to: string): Promise<string> {
  const text = CONFIG.replace(from, to);
  expect(text).not.toBe(CONFIG);
  return await digestOf(text);
}

describe('the digest of a config', () => {
  it.each([
    ['comments', 'guard:', '# Told.\nguard:'],
    ['the order of accounts', /( {2}one: .*\n)( {2}two: .*\n)/, '$2$1'],
    ['the order of the keys of an account', /(username: acme), (token: first-token)/, '$2, $1'],
    ['the order of headers', 'X-A: a, X-B: b', 'X-B: b, X-A: a'],
    ['the order of state words', 'online: healthy, sleeping: unhealthy', 'sleeping: unhealthy, online: healthy'],
    ['the order of labels', 'city: Recife, team: sales', 'team: sales, city: Recife'],
    ['the order of sections', /(guard: .*\n)([^]*)/, '$2$1'],
    ['where it listens', 'guard:', 'listen: 127.0.0.1:1\nguard:'],
  ])('does not depend on %s', async (_, from, to) => {
    expect(await digestWith(from, to)).toBe(await digestOf(CONFIG));
  });

  it.each([
    ['a token', 'first-token', 'later-token'],
    ['a header', 'X-B: b', 'X-B: c'],
    ['the headers that two values have', 'X-A: a, X-B: b', 'X-A: b, X-B: a'],
    ['an interval', 'every: 20s', 'every: 21s'],
    ['a label', 'team: sales', 'team: support'],
    ['a guard', 'maxUnhealthy: 30%', 'maxUnhealthy: 31%'],
    ['one instance less', /.*"2" }\n/, ''],
    ['the order in which instances are listed', /(.*"1".*\n)(.*"2".*\n)/, '$2$1'],
  ])('depends on %s', async (_, from, to) => {
    expect(await digestWith(from, to)).not.toBe(await digestOf(CONFIG));
  });
});
