import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { stringify } from 'yaml';
import { RULE_FILES, rulesOf, unknownMetrics, type Rule, type RuleFile } from './metric-names.ts';
import { DEPLOY, documents, filesIn, have, PATIENCE, read, run } from './tools.ts';

vi.setConfig({ testTimeout: PATIENCE });

const OUTSIDE = 'prometheus/restart-on-outside-condition.yml';
const ALL_RULES = [...RULE_FILES, OUTSIDE];
const TESTS = filesIn('prometheus/tests', '.test.yml');

interface RuleTest {
  rule_files: string[];
  tests: {
    name: string;
    interval: string;
    input_series: object[];
    promql_expr_test: { expr: string; exp_samples: object[] }[];
  }[];
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The file of unit tests in which a file of rules is tested. */
function testOf(ruleFile: string): string {
  const name = ruleFile.replace(/^.*\//, '');
  return `prometheus/tests/${name.replace(/\.yml$/, '.test.yml')}`;
}

/** Runs the unit tests of one alert against another version of its file. The tests of an alert have its name. */
function testsAgainst(ruleFile: string, changed: RuleFile, alert: string): ReturnType<typeof run> {
  const folder = scratch();
  writeFileSync(join(folder, 'changed.yml'), stringify(changed));
  const [content] = documents(testOf(ruleFile)) as RuleTest[];
  const others = RULE_FILES.filter((file) => file !== ruleFile && content!.rule_files.some((f) => file.endsWith(f)));
  const rule_files = ['changed.yml', ...others.map((file) => join(DEPLOY, file))];
  const tests = content!.tests.filter(({ name }) => name === alert);
  writeFileSync(join(folder, 'tests.yml'), stringify({ ...content, rule_files, tests }));
  return run('promtool', ['test', 'rules', 'tests.yml'], { cwd: folder });
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
      ['check', 'config', '--lint=all', '--lint-fatal', 'prometheus/prometheus.yml'],
    ]) {
      expect(run('promtool', args, { cwd: DEPLOY })).toMatchObject({ status: 0 });
    }
  });

  it.runIf(have('promtool')).each(TESTS)('pass the unit tests of %s', (file) => {
    const { status, output } = run('promtool', ['test', 'rules', join(DEPLOY, file)]);
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
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

  it
    .runIf(have('promtool'))
    .each(ALL_RULES.flatMap((file) => rulesOf(file).flatMap((rule) => MUTATIONS.flatMap((m) => m(rule, file)))))(
    'the unit tests notice when $name $change',
    ({ name, file, mutant }) => {
      const [content] = documents(file) as RuleFile[];
      const groups = content!.groups
        .map((group) => ({
          ...group,
          rules: group.rules.flatMap((rule) => (rule.alert === name ? mutant : rule)),
        }))
        .filter(({ rules }) => rules.length > 0);
      const { status, output } = testsAgainst(file, { groups }, name);
      expect(output).toContain('FAILED');
      expect(status).toBe(1);
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
    'tells people what an alert means: $alert',
    ({ labels, annotations }) => {
      expect(['critical', 'warning']).toContain(labels?.['severity']);
      expect(annotations?.['summary']?.length).toBeGreaterThan(20);
      expect(annotations?.['description']?.length).toBeGreaterThan(100);
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
    const folder = scratch();
    const [content] = documents('prometheus/tests/watchdog-alerts.test.yml') as RuleTest[];
    // Nothing is expected, so what promtool gets is printed whole.
    const tests = content!.tests.map(({ name, interval, input_series }) => ({
      interval,
      input_series,
      alert_rule_test: ['12m', '15m', '20m', '25m', '26m', '30m', '32m', '1h', '100m'].map((eval_time) => ({
        eval_time,
        alertname: name,
        exp_alerts: [],
      })),
    }));
    const rule_files = RULE_FILES.map((file) => join(DEPLOY, file));
    writeFileSync(join(folder, 'tests.yml'), stringify({ rule_files, evaluation_interval: '1m', tests }));
    const { output } = run('promtool', ['test', 'rules', 'tests.yml'], { cwd: folder });
    const alerts = RULE_FILES.flatMap((file) => rulesOf(file).flatMap(({ alert }) => alert ?? []));
    for (const alert of alerts) expect(output).toContain(`alertname: ${alert}`);
    expect(output).not.toMatch(/error expanding|no value|\{\{/);
    expect(output).toContain('replace token or the contents of tokenFile');
    expect(output).toContain('within two hours: maintenance.');
  });
});
