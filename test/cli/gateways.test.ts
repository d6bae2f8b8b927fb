import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLine } from './command-line.ts';

const OWN = `gateways:
  ours:
    extends: evolution # like theirs
    headers: { X-Tenant: "\${TENANT}" }
accounts:
  acme: { gateway: ours, baseUrl: "http://x", token: abcdefgh }
instances:
  - { account: acme, id: a }
`;

function configOf(text: string): string {
  const file = join(temporaryFolder(), 'config.yaml');
  writeFileSync(file, text);
  return file;
}

describe('gateways', () => {
  it('lists those of the config beside the built-in ones', async () => {
    const { exit, output } = await commandLine(['gateways', '-c', configOf(OWN)], { TENANT: 'value-of-a-variable' });
    expect([exit, output]).toEqual([0, expect.stringMatching(/^ours +your own/m)]);
    expect(output).toMatch(/^evolution +proven/m);
  });

  it('speaks the language of the environment', async () => {
    const { output } = await commandLine(['gateways', '-c', configOf(OWN)], { TENANT: 't', LANG: 'pt_BR.UTF-8' });
    expect(output).toMatch(/^GATEWAY +CONHECIDO +VERSÕES +REINÍCIO$/m);
    expect(output).toMatch(/^waha +comprovado: .*\n(?:.*\n)*ours +seu /m);
    expect(output).not.toMatch(/proven|your own/);
  });

  it('shows one of the config as it stands there, without what variables hold', async () => {
    const args = ['gateways', '-c', configOf(OWN), 'ours'];
    const { exit, output } = await commandLine(args, { TENANT: 'value-of-a-variable' });
    expect([exit, output]).toEqual([0, expect.stringContaining('extends: evolution # like theirs')]);
    expect(output).toContain('X-Tenant: "${TENANT}"');
    expect(output).not.toContain('value-of-a-variable');
  });

  it('shows built-in ones without a config, and with a config that is wrong elsewhere', async () => {
    expect((await commandLine(['gateways', 'waha'])).output).toContain('X-Api-Key');
    const elsewhere = configOf(OWN.replace('token: abcdefgh', 'tokn: abcdefgh'));
    expect((await commandLine(['gateways', '-c', elsewhere], { TENANT: 't' })).output).toMatch(/^ours/m);
  });

  it('reports what is wrong in a gateway of a config that is named', async () => {
    const wrong = configOf(OWN.replace('extends: evolution', 'extends: evolutoin'));
    const { exit, output } = await commandLine(['gateways', '-c', wrong], { TENANT: 't' });
    expect([exit, output]).toEqual([
      2,
      expect.stringMatching(/gateways\.ours\.extends: .*evolutoin.*Did you mean "evolution"/),
    ]);
    expect((await commandLine(['gateways', '-c', join(temporaryFolder(), 'none.yaml')])).exit).toBe(2);
  });
});
