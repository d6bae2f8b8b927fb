import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { RULE_FILES, rulesOf, unknownMetrics, type Rule, type RuleFile } from './metric-names.ts';
import { DEPLOY, documents, filesIn, have, PATIENCE, read, run } from './tools.ts';
import { temporaryFolder } from '../temporary-folder.ts';

vi.setConfig({ testTimeout: PATIENCE });

const OUTSIDE = 'prometheus/restart-on-outside-condition.yml';
const ALL_RULES = [...RULE_FILES, OUTSIDE];
const TESTS = filesIn('prometheus/tests', '.test.yml');

interface RuleTest {
  rule_files: string[];
  tests: {
    name: string;
    promql_expr_test: { expr: string; eval_time: string; exp_samples: object[] }[];
  }[];
}

/** The file of unit tests in which a file of rules is tested. */
function testOf(ruleFile: string): string {
  const name = ruleFile.replace(/^.*\//, '');
  return `prometheus/tests/${name.replace(/\.yml$/, '.test.yml')}`;
}

/** Runs files of unit tests in a folder, all at once: starting promtool takes longer than most. Resolves which passed. */
function passing(folder: string, files: readonly string[]): ReadonlySet<string> {
  const { stdout } = spawnSync('promtool', ['test', 'rules', ...files], { cwd: folder, encoding: 'utf8' });
  const parts = stdout.split(/^Unit Testing: +/m).slice(1);
  expect(parts).toHaveLength(files.length);
  return new Set(files.filter((_, index) => parts[index]?.includes('SUCCESS')));
}

/** Writes the unit tests of one alert against another version of its file. The tests of an alert have its name. */
function writeTests(folder: string, number: number, { file: ruleFile, name: alert, mutant }: Mutation): string {
  const [rules] = documents(ruleFile) as RuleFile[];
  // Other alerts take time, and the tests of this one do not look at them.
  const left = (rule: Rule) => (rule.alert === alert ? mutant : rule.alert === undefined ? rule : []);
  const groups = rules!.groups
    .map((group) => ({ ...group, rules: group.rules.flatMap(left) }))
    .filter(({ rules }) => rules.length > 0);
  writeFileSync(join(folder, `changed-${number}.yml`), stringify({ groups }));
  const [content] = documents(testOf(ruleFile)) as RuleTest[];
  const others = RULE_FILES.filter((file) => file !== ruleFile && content!.rule_files.some((f) => file.endsWith(f)));
  const rule_files = [`changed-${number}.yml`, ...others.map((file) => join(DEPLOY, file))];
  const tests = content!.tests.filter(({ name }) => name === alert);
  writeFileSync(join(folder, `tests-${number}.yml`), stringify({ ...content, rule_files, tests }));
  return `tests-${number}.yml`;
}

interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly change: string;
  readonly mutant: readonly Rule[];
}

/** What can be wrong with a rule, and must be seen. */
const MUTATIONS: readonly ((rule: Rule, file: string) => readonly Mutation[])[] = [
  ({ alert }, file) => (alert === undefined ? [] : [{ name: alert, file, change: 'is gone', mutant: [] }]),
  (rule, file) => {
    if (rule.alert === undefined) return [];
    // The first comparison is the limit of the alert. absent() has none.
    const loosened = rule.expr.replace(/(?:==|>=|>|<) ?[\d.]+|^absent\(.*/, (limit) =>
      limit.startsWith('absent') ? 'vector(1)' : '>= 0',
    );
    expect(loosened, 'nothing to loosen').not.toBe(rule.expr);
    return [{ name: rule.alert, file, change: 'has no limit', mutant: [{ ...rule, expr: loosened }] }];
  },
  (rule, file) => {
    if (rule.alert === undefined || rule.for === undefined || rule.for === '1m') return [];
    return [{ name: rule.alert, file, change: 'fires at once', mutant: [{ ...rule, for: '0s' }] }];
  },
];

describe('rules and config of Prometheus', () => {
  it.runIf(have('promtool'))('are what promtool takes', () => {
    for (const args of [
      ['check', 'rules', '--lint=all', '--lint-fatal', ...ALL_RULES],
      // The token that it names is there only where it runs.
      ['check', 'config', '--syntax-only', '--lint=all', '--lint-fatal', 'prometheus/prometheus.yml'],
    ]) {
      expect(run('promtool', args, { cwd: DEPLOY })).toMatchObject({ status: 0 });
    }
  });

  it.runIf(have('promtool'))('pass their unit tests', () => {
    expect([...passing(DEPLOY, TESTS)]).toEqual(TESTS);
  });

  it.each(ALL_RULES.flatMap((file) => rulesOf(file).map((rule) => [rule.record ?? rule.alert, rule.expr] as const)))(
    '%s asks only for metrics that there are',
    (_, expr) => expect(unknownMetrics(expr)).toEqual([]),
  );

  it('knows a metric that there is not', () => {
    expect(unknownMetrics('sum by (le) (rate(watchdog_probes_totl{account="watchdog_y"}[5m]))')).toEqual([
      'watchdog_probes_totl',
    ]);
  });

  it.runIf(have('promtool'))(
    'are tested: no unit test of an alert passes without it, without its limit, or at once',
    () => {
      const folder = temporaryFolder();
      const mutants = ALL_RULES.flatMap((file) =>
        rulesOf(file).flatMap((rule) => MUTATIONS.flatMap((m) => m(rule, file))),
      );
      const passed = passing(
        folder,
        mutants.map((mutant, index) => writeTests(folder, index, mutant)),
      );
      const unnoticed = mutants.filter((_, index) => passed.has(`tests-${index}.yml`));
      expect(unnoticed.map(({ name, change }) => `${name} ${change}`)).toEqual([]);
    },
  );

  it.each(RULE_FILES.flatMap((file) => rulesOf(file).flatMap(({ record }) => (record === undefined ? [] : [record]))))(
    'the unit tests expect a value of %s',
    (record) => {
      const tests = TESTS.flatMap((file) => documents(file) as RuleTest[]).flatMap((content) => content.tests);
      const asked = tests.flatMap((test) => test.promql_expr_test).filter(({ expr }) => expr.includes(record));
      expect(asked.filter(({ exp_samples }) => exp_samples.length > 0)).not.toEqual([]);
    },
  );

  it.each(ALL_RULES.flatMap((file) => rulesOf(file).flatMap((rule) => (rule.alert === undefined ? [] : [[rule]]))))(
    'says what an alert means: $alert',
    ({ alert, labels, annotations }) => {
      expect(['critical', 'warning']).toContain(labels?.['severity']);
      expect(annotations?.['summary']?.length).toBeGreaterThan(20);
      expect(annotations?.['description']?.length).toBeGreaterThan(100);
      // The example is one to make one's own.
      if (labels?.['restart'] === 'true') return;
      const anchor = annotations?.['runbook_url']?.split('docs/troubleshooting.md#')[1];
      expect(anchor).toBe(alert?.toLowerCase());
      expect(read('../docs/troubleshooting.md')).toContain(`### ${alert ?? ''}\n`);
      expect(annotations?.['page']).toMatch(/^\{\{ \$externalLabels\.status_page \}\}\//);
    },
  );

  it('lets only the example ask for restarts', () => {
    const asking = ALL_RULES.filter((file) => rulesOf(file).some(({ labels }) => labels?.['restart'] !== undefined));
    expect(asking).toEqual([OUTSIDE]);
    expect(rulesOf(OUTSIDE)[0]?.labels).toMatchObject({ restart: 'true' });
    expect(read('prometheus/prometheus.yml')).toMatch(/# - restart-on-outside-condition\.yml/);
  });
});

describe('texts of alerts', () => {
  it.runIf(have('promtool'))('can all be made', () => {
    const folder = temporaryFolder();
    const [content] = documents('prometheus/tests/watchdog-alerts.test.yml') as RuleTest[];
    // Nothing is expected, so what promtool gets is printed whole.
    const tests = content!.tests.map(({ promql_expr_test, ...test }) => ({
      ...test,
      alert_rule_test: promql_expr_test.map(({ eval_time }) => ({ eval_time, alertname: test.name, exp_alerts: [] })),
    }));
    const rule_files = RULE_FILES.map((file) => join(DEPLOY, file));
    writeFileSync(join(folder, 'tests.yml'), stringify({ rule_files, evaluation_interval: '1m', tests }));
    const { output } = run('promtool', ['test', 'rules', 'tests.yml'], { cwd: folder });
    const alerts = RULE_FILES.flatMap((file) => rulesOf(file).flatMap(({ alert }) => alert ?? []));
    for (const alert of alerts) expect(output).toContain(`alertname: ${alert}`);
    expect(output).not.toMatch(/error expanding|no value|\{\{/);
    expect(output).toContain('replace token or the contents of tokenFile');
    expect(output).toContain('within two hours: maintenance.');
    expect(output).toContain('within 15 minutes: not_the_gateway.');
  });
});
