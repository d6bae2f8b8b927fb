import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const RULES = join(import.meta.dirname, '..', 'deploy', 'prometheus', 'rules', 'watchdog-alerts.yml');

interface Rule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly description: string };
}

/** A heading for each alert, to which its `runbook_url` leads, and what it says. */
export function alertSections(): string {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups
    .flatMap(({ rules }) => rules)
    .map(sectionOf)
    .join('\n\n');
}

function sectionOf({ alert, labels: { severity }, annotations: { description } }: Rule): string {
  const text = description
    .replaceAll(/\{\{-? *\$labels\.(\w+) *\}\}/g, (_, label: string) => label.toUpperCase())
    .replaceAll('/instances/NAME', '/instances/{name}')
    .replaceAll(/[^.]*\{\{ range[\s\S]*?\{\{ end \}\}\./g, '')
    .replaceAll(/\s*\{\{[^}]*\}\}/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<![`\w])((?:GET|POST) \/\S*[\w}])/g, '`$1`')
    .trim();
  return `### ${alert}\n\nSeverity: ${severity}. ${text}`;
}
