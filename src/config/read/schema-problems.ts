import type { z } from 'zod';
import type { Mistake, Problem } from '../../core/problem.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import { valueAt, type ConfigPath } from '../problems.ts';
import { isSecret, keysOf, childOf, metaOf, schemaAt } from '../schema/schema-tree.ts';
import { quoted } from '../syntax/quoted.ts';
import { knownRemedy } from '../syntax/spelling.ts';

/** What a schema finds wrong, in the user's words: each issue with its place and a remedy. */
export function schemaProblems(file: SourceFile, schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (file.isUnresolved(path)) return [];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(file, schema, path, key));
    const { message, remedy } = explain(file, schema, path, issue);
    if (issue.code === 'invalid_key') return [file.problemAtKey(path, message, remedy)];
    const shown = message.replace('{value}', () => quote(file, schema, path));
    return [file.problemAt(path, shown, remedy)];
  });
}

function explain(file: SourceFile, schema: z.ZodType, path: ConfigPath, issue: z.core.$ZodIssue): Mistake {
  switch (issue.code) {
    case 'invalid_type':
      if (file.written(path)?.includes('${') === true && issue.expected in EXPECTED) {
        const [name] = EXPECTED[issue.expected] ?? [issue.expected];
        return { message: `must be ${name}, but the value of its variable is none`, remedy: `Set it to ${name}.` };
      }
      return wrongType(issue.expected, valueAt(file.data, path), schemaAt(schema, path));
    case 'invalid_value':
      return oneOf(file, path, issue.values.map(String));
    case 'too_small': {
      const least = issue.inclusive === false ? 'more than' : 'at least';
      return { message: bounded(issue, `${least} ${issue.minimum}`), remedy: rangeRemedy(schemaAt(schema, path)) };
    }
    case 'too_big':
      return { message: bounded(issue, `at most ${issue.maximum}`), remedy: rangeRemedy(schemaAt(schema, path)) };
    case 'invalid_key':
      return {
        message: `the key ${issue.issues[0]?.message ?? 'is not allowed here'}`.replace('key {value} ', 'key '),
        remedy: remedyOf(issue.issues[0]),
      };
    default:
      return { message: issue.message, remedy: remedyOf(issue) };
  }
}

function bounded({ origin }: { readonly origin: string }, bound: string): string {
  if (origin === 'string') return `must be ${bound} characters long`;
  return origin === 'array' ? `must have ${bound} item${bound.endsWith(' 1') ? '' : 's'}` : `must be ${bound}`;
}

function rangeRemedy(schema: z.ZodType | null): string {
  const description = descriptionOf(schema);
  return description === null ? 'Choose another value.' : `Choose another value. ${description}`;
}

/** The remedy that a refinement carries; zod passes it through. */
function remedyOf(issue: z.core.$ZodIssue | undefined): string {
  const remedy: unknown = issue?.code === 'custom' ? issue.params?.['remedy'] : undefined;
  return typeof remedy === 'string' ? remedy : 'Correct the value.';
}

const EXPECTED: Readonly<Record<string, readonly [name: string, remedy: string]>> = {
  string: ['a string', 'Put the value into quotes.'],
  number: ['a number', 'Write a number, without quotes.'],
  int: ['a whole number', 'Write a whole number, without quotes.'],
  boolean: ['true or false', 'Write true or false, without quotes.'],
  object: ['a mapping', 'Write "key: value" lines below it.'],
  record: ['a mapping', 'Write "key: value" lines below it.'],
  array: ['a list', 'Write "- item" lines below it, or [first, second].'],
};

function wrongType(expected: string, value: unknown, schema: z.ZodType | null): Mistake {
  if (value === undefined) return { message: 'is missing', remedy: `Add it. ${descriptionOf(schema) ?? ''}`.trim() };
  const [name, remedy] = EXPECTED[expected] ?? [expected, 'Correct the value.'];
  if (value === null) {
    return { message: `must be ${name}, but is empty`, remedy: 'Give it a value, or remove the key.' };
  }
  const message = `must be ${name}, not ${kindOf(value)}`;
  if (expected === 'string' && typeof value === 'object') return { message, remedy: 'Write a single value.' };
  return { message, remedy: exampleRemedy(schema) ?? remedy };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction';
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}

function oneOf(file: SourceFile, path: ConfigPath, values: readonly string[]): Mistake {
  const remedy = knownRemedy(file.written(path) ?? '', values, `Write one of ${values.join(', ')}.`);
  return { message: '{value} is not allowed here', remedy };
}

function unknownKey(file: SourceFile, schema: z.ZodType, path: ConfigPath, key: string): Problem {
  const parent = schemaAt(schema, path);
  const known = keysOf(parent);
  // A key one level too high is as common a mistake as a misspelt one.
  const below = known.filter((name) => keysOf(childOf(parent, name)).includes(key));
  const [only, ...more] = below;
  const remedy =
    only !== undefined && more.length === 0
      ? `Did you mean "${only}.${key}"?`
      : knownRemedy(key, known, `Known here: ${known.join(', ')}.`);
  return file.problemAtKey([...path, key], 'unknown key', remedy);
}

/** A value as the user wrote it, variables not filled in, shortened; never one that is a secret, or may be. */
function quote(file: SourceFile, schema: z.ZodType, path: ConfigPath): string {
  const text = isSecret(schemaAt(schema, path), path.at(-1)) ? null : file.written(path);
  return (text === null ? null : quoted(text)) ?? 'this';
}

/** Quotes alone would not make a duration out of a number. */
function exampleRemedy(schema: z.ZodType | null): string | null {
  const examples = metaOf(schema)?.['examples'];
  return Array.isArray(examples) ? `Write for example ${examples.map((each) => String(each)).join(' or ')}.` : null;
}

function descriptionOf(schema: z.ZodType | null): string | null {
  return metaOf(schema)?.description ?? null;
}
