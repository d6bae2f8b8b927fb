import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { formatProblems } from '../../core/problem.ts';
import { problemIn } from '../../language/problem-sentences.ts';
import { loadConfig } from '../load.ts';
import type { Warning } from '../problems.ts';

const SAME = 'gateway: evolution, baseUrl: "http://evolution:8080", token: "${TOKEN}"';
const BY_A = 'account a, with the same gateway, address and token, watches';

/** Warnings of accounts `a` and `b`. */
async function warnings(a: string, b: string, instances: readonly string[] = []): Promise<readonly Warning[]> {
  const file = join(temporaryFolder(), 'config.yaml');
  const accounts = ['accounts:', `  a: { ${a} }`, `  b: { ${b} }`];
  writeFileSync(
    file,
    [
      ...accounts,
      'instances:',
      ...instances.map((each) => `  - { ${each} }`),
      '  []'.slice(instances.length === 0 ? 0 : 4),
    ].join('\n'),
  );
  const config = await loadConfig(file, { TOKEN: 't0ken-of-one', OTHER: 't0ken-of-two' });
  return config.warnings.filter(({ path }) => path === 'accounts.b');
}

describe('an instance that two accounts watch', () => {
  it.each<[string, string, string, readonly string[], string]>([
    ['are both named', SAME, SAME, ['account: a, id: x', 'account: b, id: x, name: y'], 'y as well'],
    [
      'are both named, several times',
      ...([SAME, SAME] as const),
      ['account: a, id: x', 'account: a, id: z', 'account: b, id: x, name: y', 'account: b, id: z, name: w'],
      'y and 1 more as well',
    ],
    ['is found by the first', `${SAME}, discover: { match: "x*" }`, SAME, ['account: b, id: x1'], 'x1 as well'],
    [
      'are both named, and one finds all',
      `${SAME}, discover: {}`,
      SAME,
      ['account: a, id: x', 'account: b, id: x, name: y'],
      'y as well',
    ],
    ['is found by the second', SAME, `${SAME}, discover: {}`, ['account: a, id: x1'], 'x1 as well'],
    [
      'have its own token',
      SAME,
      SAME.replace('TOKEN', 'OTHER'),
      ['account: a, id: x', 'account: b, id: x, name: y, token: "${TOKEN}"'],
      'y as well',
    ],
    ['both find all', `${SAME}, discover: {}`, `${SAME}, discover: { every: 1m }`, [], 'what it finds as well'],
  ])('is warned of where they %s', async (_, a, b, instances, whose) => {
    const found = await warnings(a, b, instances);
    expect(found.map(({ message }) => message)).toEqual([`${BY_A} ${whose}`]);
    expect(formatProblems(found.map((each) => problemIn('pt-BR', each)))).toContain('também vigia');
  });

  it.each<[string, string, string, string]>([
    ['patterns that may mean the same', 'match: "shop-*"', 'match: "*-test"', 'shop-test'],
    ['the same pattern, and one ignores some', 'match: "shop-*"', 'match: "shop-*", ignore: ["shop-"]', 'shop-1'],
  ])('is warned of where they find it by %s', async (_, a, b, id) => {
    const found = await warnings(`${SAME}, discover: { ${a} }`, `${SAME}, discover: { ${b} }`);
    const message = `account a, with the same gateway, address and token, also finds ids such as "${id}"`;
    expect(found.map((each) => each.message)).toEqual([message]);
    expect(formatProblems(found.map((each) => problemIn('pt-BR', each)))).toContain('também encontra ids como');
  });

  it.each<[string, string, string, readonly string[]]>([
    [
      'ignores what the other one finds',
      `${SAME}, discover: { match: "a-*" }`,
      `${SAME}, discover: { ignore: ["a-*"] }`,
      [],
    ],
    ['has another token', SAME, SAME.replace('TOKEN', 'OTHER'), ['account: a, id: x', 'account: b, id: x, name: y']],
    ['has another address', SAME, SAME.replace('8080', '8081'), ['account: a, id: x', 'account: b, id: x, name: y']],
    ['has another id', SAME, SAME, ['account: a, id: x', 'account: b, id: y']],
    ['is disabled', SAME, SAME, ['account: a, id: x', 'account: b, id: x, name: y, enabled: false']],
    ['is ignored', `${SAME}, discover: { ignore: [x] }`, SAME, ['account: b, id: x']],
    ['is not matched', `${SAME}, discover: { match: "a-*" }`, `${SAME}, discover: { match: "b-*" }`, []],
  ])('is another one where one %s', async (_, a, b, instances) => {
    expect(await warnings(a, b, instances)).toEqual([]);
  });
});
