import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../src/config/json-schema.ts';

const HEAD = join(import.meta.dirname, 'configuration-head.md');
const TABLE_HEAD = ['| key | values | default | meaning |', '|---|---|---|---|'];

/** What is read of a JSON Schema here. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** The page docs/configuration.md: its head, and a section with a table for each key at the top. */
export function configurationPage(): string {
  const schema: Schema = configJsonSchema();
  const inherited = schema.properties?.['defaults']?.properties ?? {};
  const keys = Object.entries(schema.properties ?? {});
  const sections = keys.map(([key, child]) => {
    const rows = rowsOf({ properties: { [key]: child } }, '', inherited);
    return [`## \`${key}\``, '', ...TABLE_HEAD, ...rows, ''].join('\n');
  });
  const index = keys.map(([key]) => `[\`${key}\`](#${key.toLowerCase()})`).join(' · ');
  return [readFileSync(HEAD, 'utf8'), `${index}\n`, ...sections].join('\n');
}

/** @param inherited objects that accounts and instances repeat, by key: they are listed once, under `defaults` */
function rowsOf(schema: Schema, prefix: string, inherited: Readonly<Record<string, Schema>>): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const path = prefix + key;
    const original = prefix === 'defaults.' ? undefined : inherited[key];
    if (original !== undefined && JSON.stringify(original.properties) === JSON.stringify(child.properties)) {
      return [row(path, `keys of \`defaults.${key}\``, '', child)];
    }
    const isRequired = schema.required?.includes(key) === true;
    const below = childOf(child);
    const own = row(path, valuesOf(child), isRequired ? 'required' : defaultOf(child), child);
    return below === null ? [own] : [own, ...rowsOf(below.schema, path + below.joint, inherited)];
  });
}

/** The object with keys of its own under a key: the value itself, each item of a list, or whatever has a name. */
function childOf(schema: Schema): { readonly schema: Schema; readonly joint: string } | null {
  // A value that may be null is a choice between null and what has the keys.
  const choice = schema.anyOf?.map(childOf).find((child) => child !== null);
  if (choice !== undefined) return choice;
  if (schema.properties !== undefined) return { schema, joint: '.' };
  if (schema.items?.properties !== undefined) return { schema: schema.items, joint: '[].' };
  const { additionalProperties } = schema;
  const below = typeof additionalProperties === 'object' ? childOf(additionalProperties) : null;
  return below === null ? null : { ...below, joint: `.<name>${below.joint}` };
}

function row(path: string, values: string, fallback: string, { description = '' }: Schema): string {
  return `| ${[`\`${path}\``, values, fallback, description].map(escaped).join(' | ')} |`;
}

function valuesOf(schema: Schema): string {
  const { type, anyOf, enum: words, properties, items, additionalProperties } = schema;
  if (words !== undefined) return words.map(code).join(', ');
  if (anyOf !== undefined) return anyOf.map((each) => valuesOf(each) || 'the keys below').join(' or ');
  if (typeof type === 'object') return type.map((each) => valuesOf({ ...schema, type: each })).join(' or ');
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return `whole number${rangeOf(schema)}`;
    case 'number':
      return `number${rangeOf(schema)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'null':
      return '`null`';
    case 'array':
      return items?.properties === undefined ? 'list of texts' : 'list';
    case 'object':
      if (properties !== undefined) return '';
      return typeof additionalProperties === 'object' && additionalProperties.properties === undefined
        ? 'texts by name'
        : 'by name';
    default:
      return 'anything';
  }
}

function textOf({ pattern, examples }: Schema): string {
  // Of all patterns, only that of durations knows milliseconds.
  if (pattern?.includes(String.raw`(\d+ms)?`) === true) return 'duration';
  return examples === undefined ? 'text' : `text (such as ${code(examples[0])})`;
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const from = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  if (from === undefined) return '';
  if (maximum === undefined) return `, ${from} or more`;
  return `, ${from} to ${maximum}`;
}

/** Objects whose keys follow have no default of their own, but what may also be null is there by default, or is not. */
function defaultOf({ default: value, properties, anyOf = [] }: Schema): string {
  if (properties !== undefined) return '';
  if (value !== undefined) return code(value);
  return anyOf.some((choice) => choice.properties !== undefined && choice.default !== undefined)
    ? 'the keys below'
    : 'none';
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function escaped(cell: string): string {
  return cell.replaceAll('|', String.raw`\|`);
}
