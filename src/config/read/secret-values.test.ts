import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../load.ts';
import { secretsIn } from './secret-values.ts';

const CONFIG = `
api: { token: "api-token", hookToken: "\${HOOK}", readTokenFile: read }
accounts:
  acme: { username: u, token: "account-token" }
  other: { username: u, tokenFile: other }
instances: [{ account: acme, phoneNumberId: "1" }]
heartbeat: { url: "https://hc.example/abc" }
notify:
  - { name: a, url: "https://a.example/url", secret: "whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==" }
  - { name: b, urlFile: url }
`;

describe('the secrets of a config', () => {
  it('are all that stand in it, in its variables and in the files that it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
    await writeFile(join(folder, 'config.yaml'), CONFIG);
    await writeFile(join(folder, 'read'), 'read-token\n');
    await writeFile(join(folder, 'other'), 'other-token\n');
    await writeFile(join(folder, 'url'), 'https://b.example/url\n');
    const { secrets } = await loadConfig(join(folder, 'config.yaml'), { HOOK: 'hook-token' });
    expect(new Set(secrets)).toEqual(
      new Set([
        ...['api-token', 'hook-token', 'read-token', 'account-token', 'other-token', 'https://hc.example/abc'],
        ...['https://a.example/url', 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==', 'https://b.example/url'],
      ]),
    );
  });

  const schema = z.strictObject({
    list: z.array(z.strictObject({ key: z.string().nullable().default(null).meta({ secret: true }) })),
    headers: z.record(z.string(), z.string()).optional(),
    newToken: z.string().nullable(),
    newTokenFile: z.string(),
    plain: z.string(),
  });

  it.each([
    ['declared as secret', { list: [{ key: 'a' }, { key: null }] }, ['a']],
    ['called a token', { newToken: 'a', newTokenFile: 'file', plain: 'b' }, ['a']],
    ['in headers', { headers: { one: 'a', two: 'b' } }, ['a', 'b']],
    ['of the wrong kind', { newToken: ['a', { b: 12 }], headers: 'c' }, ['a', '12', 'c']],
  ])('are those that are %s', (_what, data, secrets) => {
    expect(secretsIn(data, schema)).toEqual(secrets);
  });
});
