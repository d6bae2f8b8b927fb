import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { formatProblems } from '../../core/problem.ts';
import { problemIn } from '../../language/problem-sentences.ts';
import { loadConfig } from '../load.ts';
import type { Warning } from '../problems.ts';

async function warnings(gateway: string, to: string, id = '5511999990001'): Promise<readonly Warning[]> {
  const file = join(temporaryFolder(), 'config.yaml');
  const lines = [
    'listen: localhost:9847',
    'accounts:',
    `  one: { gateway: ${gateway}, baseUrl: "http://localhost:8080", token: "\${TOKEN}" }`,
    'defaults: { activity: { silentAfter: 6h } }',
    'instances:',
    `  - { account: one, id: "${id}", name: first, activity: { echo: { every: 30m, to: "${to}" } } }`,
    '  - { account: one, id: "5511999990002", name: second }',
  ];
  writeFileSync(file, lines.join('\n'));
  const config = await loadConfig(file, { TOKEN: 't0ken-of-one' });
  return config.warnings.filter(({ message }) => message.includes('echo'));
}

describe('a message that would never come back', () => {
  it.each([
    ['evolution', 'self', 'no webhook of the gateway evolution shows a message to its own number'],
    ['evolution', '5511999990001', 'no webhook of the gateway evolution shows a message to its own number'],
    ['codechat', 'self', 'the gateway codechat has no "send"'],
  ])('is warned of: with %s to %s', async (gateway, to, why) => {
    const found = await warnings(gateway, to);
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
    expect(formatProblems(found.map((each) => problemIn('pt-BR', each)))).toContain('não envia nada');
  });

  it('is warned of where the number is not known', async () => {
    expect((await warnings('waha', 'self', 'default')).map(({ message }) => message)).toEqual([
      'activity.echo of first sends nothing: the number that is to get it is not known',
    ]);
  });

  it('is warned of where what the message needs is missing, and where all instances are found', async () => {
    const file = join(temporaryFolder(), 'config.yaml');
    const account = (gateway: string, more = ''): string => {
      const activity = 'activity: { silentAfter: 6h, echo: { every: 30m, to: "5511999990001" } }';
      return `{ gateway: ${gateway}, baseUrl: "http://localhost:8080", token: "\${TOKEN}", ${activity}${more} }`;
    };
    const lines = [
      'listen: localhost:9847',
      'gateways: { ours: { extends: waha, send: { post: "/send?key={sendKey}", body: { to: "{to}" } } } }',
      'accounts:',
      `  listed: ${account('codechat', ', discover: {}')}`,
      `  named: ${account('ours')}`,
      `  whole: ${account('ours', ', discover: {}, values: { sendKey: "${TOKEN}" }')}`,
      'instances: [{ account: named, id: default }]',
    ];
    writeFileSync(file, lines.join('\n'));
    const { warnings } = await loadConfig(file, { TOKEN: 't0ken-of-one' });
    const found = warnings.filter(({ message }) => message.includes('echo'));
    expect(found.map(({ path, message }) => [path, message])).toEqual([
      ['accounts.listed.gateway', 'activity.echo sends nothing here: the gateway codechat has no "send"'],
      ['accounts.named.values.sendKey', 'activity.echo sends nothing here: the gateway ours needs it to send'],
    ]);
    const inPortuguese = formatProblems(found.map((each) => problemIn('pt-BR', each)));
    expect(inPortuguese.match(/não envia nada/g)).toHaveLength(2);
  });

  it('is warned of for the account of its sender, and where the receiver is of another account', async () => {
    const file = join(temporaryFolder(), 'config.yaml');
    const lines = [
      'listen: localhost:9847',
      'accounts:',
      '  one: { gateway: evolution, baseUrl: "http://localhost:8080", token: "${TOKEN}" }',
      '  two: { gateway: codechat, baseUrl: "http://localhost:8081", token: "${TOKEN}" }',
      'defaults: { activity: { silentAfter: 6h } }',
      'instances:',
      '  - { account: one, id: a, name: first, activity: { echo: { every: 30m, to: second } } }',
      '  - { account: two, id: "5511999990002", name: second }',
    ];
    writeFileSync(file, lines.join('\n'));
    const { warnings } = await loadConfig(file, { TOKEN: 't0ken-of-one' });
    expect(warnings.filter(({ message }) => message.includes('echo'))).toMatchObject([
      {
        path: 'accounts.one',
        message: expect.stringContaining('the number that is to get it is not known') as unknown,
      },
    ]);
  });

  it.each([
    [60, null],
    [61, 'activity.echo of 61 instances comes less often than it says: at most 12 messages a minute are sent'],
  ])('is warned of where there is not time enough for all: %i every five minutes', async (count, message) => {
    const file = join(temporaryFolder(), 'config.yaml');
    const instances = Array.from({ length: count }, (_, index) => ({
      account: 'one',
      id: `55119999${10_000 + index}`,
    }));
    const account = { gateway: 'waha', baseUrl: 'http://localhost:8080', token: 't0ken-of-one' };
    const activity = { silentAfter: '6h', echo: { every: '5m', to: 'self' } };
    writeFileSync(file, JSON.stringify({ accounts: { one: account }, defaults: { activity }, instances }));
    const { warnings } = await loadConfig(file, {});
    const found = warnings.filter((each) => each.message.includes('echo'));
    expect(found.map((each) => each.message)).toEqual(message === null ? [] : [message]);
  });

  it.each([
    ['evolution', 'second'],
    ['evolution', '5511999990003'],
    ['wwebjs-api', 'self'],
  ])('is none with %s to %s', async (gateway, to) => {
    expect(await warnings(gateway, to)).toEqual([]);
  });
});
