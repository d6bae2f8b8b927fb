import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { loadConfig } from './load.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

it('makes a receiver of each URL of escalations, once, which gets those alone and signs them', async () => {
  const file = join(temporaryFolder(), 'config.yaml');
  const own = `escalate: { after: 2, url: "https://docker.example/restart/secret-part", secret: "${SECRET}" }`;
  writeFileSync(
    file,
    `
defaults: { restart: { ${own} } }
accounts:
  acme: { username: acme, token: abcdefgh }
  beta: { username: beta, token: abcdefgh2, restart: { escalate: { url: "https://docker.example/beta" } } }
  gamma: { username: gamma, token: abcdefgh3, restart: { escalate: { notify: ops } } }
notify:
  - { name: ops, url: "https://ops.example" }
instances:
  - { account: acme, phoneNumberId: "1" }
  - { account: acme, phoneNumberId: "2", restart: { ${own} } }
  - { account: beta, phoneNumberId: "3" }
  - { account: gamma, phoneNumberId: "4" }
`,
  );
  const { notify, instances, secrets } = await loadConfig(file, {});
  expect(notify.map(({ name, url, secret, format, events }) => [name, url, secret, format, events])).toEqual([
    ['ops', 'https://ops.example', null, 'cloudevents', expect.arrayContaining(['down'])],
    [
      expect.stringMatching(/^escalate-[0-9a-f]{8}$/),
      'https://docker.example/restart/secret-part',
      SECRET,
      'standard',
      [],
    ],
    [expect.stringMatching(/^escalate-[0-9a-f]{8}$/), 'https://docker.example/beta', null, 'standard', []],
  ]);
  const [, one, two] = notify;
  expect(instances.map(({ policy }) => policy.restart.escalate)).toEqual([
    { after: 2, notify: one?.name },
    { after: 2, notify: one?.name },
    { after: 3, notify: two?.name },
    { after: 3, notify: 'ops' },
  ]);
  expect(secrets).toEqual(expect.arrayContaining([SECRET, 'https://docker.example/restart/secret-part']));
});
