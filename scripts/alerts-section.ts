import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const BEGIN = '<!-- alerts:begin -->';
const END = '<!-- alerts:end -->';
const RULES = join(import.meta.dirname, '..', 'deploy', 'prometheus', 'rules', 'watchdog-alerts.yml');

interface Rule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly description: string };
}

/**
 * `page` with a heading for each alert between its markers, in place of what was there: the `runbook_url` of the alert leads to it.
 *
 * @throws Error when a marker is missing
 */
export function withAlerts(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`put ${BEGIN} and ${END} where the alerts belong`);
  const { groups } = parse(readFileSync(RULES, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  const sections = groups.flatMap(({ rules }) => rules).map(sectionOf);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${sections.join('\n\n')}\n\n${page.slice(end)}`;
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
