import type { z } from 'zod';
import type { Problem } from '../../core/problem.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { ConfigPath } from '../problems.ts';
import { IGNORED_KEY } from '../json-schema.ts';
import { isListed, pathOf, withoutWrongKeys, withTypedVariables, type Sections } from './salvage.ts';
import { schemaProblems } from './schema-problems.ts';

/** A file, checked by its schema. What is wrong is left out of `input`, so that the rest can be checked too. */
export interface CheckedFile<T> {
  readonly source: SourceFile;
  readonly input: T;
  readonly problems: readonly Problem[];
  /** The position in the file of the entry at `index` of a list in `input`. */
  readonly positionOf: (section: string, index: number) => number;
  /** Parts that were left out: `defaults`, `accounts.acme`, `instances.3`; the empty text for the whole file. */
  readonly broken: ReadonlySet<string>;
  /** Keys that were left out of entries that are in `input`, by entry: `accounts.acme` has `probe`. */
  readonly incomplete: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Of a file from which nothing was left out. */
const WHOLE = { positionOf: (_: string, index: number) => index, broken: new Set<string>(), incomplete: new Map() };

/** Checks a file; `schema` must accept `{}`. */
export function checkFile<S extends z.ZodType>(source: SourceFile, schema: S): CheckedFile<z.output<S>> {
  const written = sectionsOf(source.data);
  if (written === null) {
    const problems = source.problems.length > 0 ? source.problems : [noMapping(source)];
    return { source, input: schema.parse({}), problems, ...WHOLE, broken: new Set(['']) };
  }
  const { data, result } = parsed(source, schema, written);
  if (result.success) return { source, input: result.data, problems: source.problems, ...WHOLE };
  const { issues } = result.error;
  const problems = [...source.problems, ...schemaProblems(source, schema, issues)];
  const rest = withoutWrongKeys(data, issues);
  const left = schema.safeParse(rest.data);
  const broken = new Set(left.success ? [] : left.error.issues.flatMap((issue) => partsOf(issue)));
  const incomplete = new Map<string, Set<string>>();
  for (const path of rest.left) {
    const entry = partOf(path);
    incomplete.set(entry, (incomplete.get(entry) ?? new Set()).add(String(path[2])));
  }
  return {
    source,
    input: left.success ? left.data : schema.parse(without(rest.data, broken)),
    problems,
    positionOf: positionsIn(rest.data, broken),
    broken,
    incomplete,
  };
}

/** Parses once more where variables stand for numbers and truth values. */
function parsed<S extends z.ZodType>(source: SourceFile, schema: S, data: Sections) {
  const result = schema.safeParse(data);
  const filled = result.success ? null : withTypedVariables(source, data, result.error.issues);
  return filled === null ? { data, result } : { data: filled, result: schema.safeParse(filled) };
}

function noMapping(source: SourceFile): Problem {
  const remedy = 'Write "accounts:" and "instances:" with what belongs below them.';
  return source.problemAt([], source.data === null ? 'the file is empty' : 'the file must hold a mapping', remedy);
}

/** What stands at the top of a file, without keys that hold only anchors. */
function sectionsOf(data: unknown): Sections | null {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return null;
  const entries = Object.entries(data);
  if (!entries.some(([key]) => IGNORED_KEY.test(key))) return data as Sections;
  return Object.fromEntries(entries.filter(([key]) => !IGNORED_KEY.test(key)));
}

/** The smallest parts of the file without which the issue is gone. */
function partsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) return [...issue.keys];
  return [partOf(pathOf(issue))];
}

function partOf([section, entry]: ConfigPath): string {
  return isListed(section) && entry !== undefined ? `${section}.${entry}` : String(section);
}

function without(all: Sections, broken: ReadonlySet<string>): Sections {
  const rest: Record<string, unknown> = {};
  for (const [section, value] of Object.entries(all)) {
    if (broken.has(section)) continue;
    if (Array.isArray(value) && isListed(section)) {
      rest[section] = value.filter((_, index) => !broken.has(`${section}.${index}`));
    } else if (isListed(section)) {
      const entries = Object.entries(value as Sections).filter(([name]) => !broken.has(`${section}.${name}`));
      rest[section] = Object.fromEntries(entries);
    } else {
      rest[section] = value;
    }
  }
  return rest;
}

function positionsIn(all: Sections, broken: ReadonlySet<string>): CheckedFile<unknown>['positionOf'] {
  const known = new Map<string, readonly number[]>();
  return (section, index) => {
    const list = all[section];
    if (!Array.isArray(list)) return index;
    const positions = known.get(section) ?? [...list.keys()].filter((each) => !broken.has(`${section}.${each}`));
    known.set(section, positions);
    return positions[index] ?? index;
  };
}
