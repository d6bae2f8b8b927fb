import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { formatProblems } from '../../core/problem.ts';
import { problemIn } from '../../language/problem-sentences.ts';
import { loadConfig } from '../load.ts';
import type { Warning } from '../problems.ts';

const WARNING = 'probe.bulk has no effect together with probe.cron: each instance is probed by itself';

async function warnings(defaults: string, instance: string): Promise<readonly Warning[]> {
  const file = join(temporaryFolder(), 'config.yaml');
  const lines = [
    'listen: localhost:9847',
    'accounts:',
    '  evo: { gateway: waha, baseUrl: "http://localhost:8080", token: "${TOKEN}" }',
    `defaults: { probe: ${defaults} }`,
    'instances:',
    `  - { account: evo, id: one, probe: ${instance} }`,
    '  - { account: evo, id: two }',
  ];
  writeFileSync(file, lines.join('\n'));
  const config = await loadConfig(file, { TOKEN: 't0ken-of-evo' });
  return config.warnings.filter(({ path }) => path.includes('probe'));
}

describe('a list in place of probes at times of their own', () => {
  it.each([
    ['{ bulk: true }', '{ cron: "*/5 * * * *" }', '6:45 instances[0].probe.cron'],
    ['{ cron: "*/5 * * * *" }', '{ bulk: true }', '6:45 instances[0].probe.bulk'],
    ['{ bulk: true, cron: "*/5 * * * *" }', '{}', '4:28 defaults.probe.bulk'],
  ])('is warned of with line and column, once: defaults %s, instance %s', async (defaults, instance, place) => {
    const found = await warnings(defaults, instance);
    expect(found.map(({ line, column, path }) => `${line}:${column} ${path}`)).toEqual([place]);
    expect(found[0]?.message).toBe(WARNING);
    const portuguese = formatProblems(found.map((each) => problemIn('pt-BR', each)));
    expect(portuguese).toContain('probe.bulk não tem efeito junto com probe.cron: cada instância');
    expect(portuguese).toContain('Escreva every no lugar de cron, ou remova bulk.');
  });

  it.each([
    ['{ bulk: true }', '{ every: 1m }'],
    ['{ cron: "*/5 * * * *" }', '{ every: 1m, bulk: true }'],
    ['{ bulk: true }', '{ cron: "*/5 * * * *", bulk: false }'],
  ])('is not warned of where it works, or is not wanted: defaults %s, instance %s', async (defaults, instance) => {
    expect(await warnings(defaults, instance)).toEqual([]);
  });
});
