/** Text that Prometheus reads; version 0.0.4 of its exposition format, which every scraper understands. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The lines above the series of a metric. */
export function metricHead(name: string, help: string, type: 'gauge' | 'counter' | 'histogram'): string {
  return `# HELP ${name} ${help.replace(/[\\\n]/g, escapeCharacter)}\n# TYPE ${name} ${type}\n`;
}

/** A metric's name with its labels, if it has any. */
export function sampleName(name: string, labels: string): string {
  return labels === '' ? name : `${name}{${labels}}`;
}

/** `key="value"`, escaped as the format requires. */
export function label(key: string, value: string): string {
  return `${key}="${/[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, escapeCharacter) : value}"`;
}

/** The labels that identify one instance. */
export function identity(account: string, name: string): string {
  return `${label('account', account)},${label('name', name)}`;
}

/** The name of a metric's label that shows a label of the config: `label_<key>`, with `_` for characters that are not allowed. */
export function labelNameOf(key: string): string {
  return `label_${key.replace(/[^A-Za-z0-9_]/g, '_')}`;
}

function escapeCharacter(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
