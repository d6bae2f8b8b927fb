import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { documents, filesIn, ROOT } from './tools.ts';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export const RULE_FILES = filesIn('prometheus/rules', '.yml');

/** All rules of a file. */
export function rulesOf(file: string): readonly Rule[] {
  const [content] = documents(file) as RuleFile[];
  return content?.groups.flatMap(({ rules }) => rules) ?? [];
}

/** What src/telemetry exposes, and what prom-client adds. */
const EXPOSED = exposed();

function exposed(): ReadonlySet<string> {
  const folder = join(ROOT, 'src/telemetry');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const own = sources.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\bwatchdog_[a-z_]+/g) ?? []);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that are named like counters are left out (src/telemetry/metrics/metrics.ts).
  const misnamed = (metric: object): boolean => metric instanceof Gauge;
  const usual = registry
    .getMetricsAsArray()
    .filter((metric) => !(metric.name.endsWith('_total') && misnamed(metric)))
    .map(({ name }) => name);
  // `up` and ALERTS are Prometheus' own.
  return new Set([...own, ...usual, 'up', 'ALERTS']);
}

/**
 * Names of metrics in an expression that nobody has: neither the daemon nor a recording rule. What stands in quotes or
 * in brackets, and label names, are no metrics.
 */
export function unknownMetrics(expression: string): string[] {
  const recorded = new Set(RULE_FILES.flatMap((file) => rulesOf(file).flatMap(({ record }) => record ?? [])));
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/\{[^}]*\}|\[[^\]]*\]/g, ' ');
  const names = bare.match(/\b[A-Za-z_][\w:]*\b/g) ?? [];
  return names
    .filter((name) => /^(watchdog|process|nodejs)_|:|^ALERTS$|^up$/.test(name))
    .filter(
      (name) => !recorded.has(name) && !EXPOSED.has(name.replace(/_(bucket|sum|count)$/, '')) && !EXPOSED.has(name),
    );
}
