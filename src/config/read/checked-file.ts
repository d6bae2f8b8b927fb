import type { z } from 'zod';
import type { Problem } from '../../core/problem.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { ConfigPath } from '../problems.ts';
import { schemaProblems } from './schema-problems.ts';

/** A file, checked by its schema. What is wrong is left out of `input`, so that the rest can be checked too. */
export interface CheckedFile<T> {
  readonly source: SourceFile;
  readonly input: T;
  readonly problems: readonly Problem[];
  /** Positions in the file of the instances in `input`. */
  readonly positions: readonly number[];
  /** Parts that were left out: `defaults`, `accounts.acme`, `instances.3`; the empty text for the whole file. */
  readonly broken: ReadonlySet<string>;
}

type Sections = Record<string, unknown>;

/** Checks a file; `schema` must accept `{}`. */
export function checkFile<S extends z.ZodType>(source: SourceFile, schema: S): CheckedFile<z.output<S>> {
  const all = sectionsOf(source.data);
  if (all === null) {
    const problems = source.problems.length > 0 ? source.problems : [noMapping(source)];
    return { source, input: schema.parse({}), problems, positions: [], broken: new Set(['']) };
  }
  const result = schema.safeParse(all);
  if (result.success) {
    return {
      source,
      input: result.data,
      problems: source.problems,
      positions: positionsIn(all, new Set()),
      broken: new Set(),
    };
  }
  const { issues } = result.error;
  const broken = new Set(issues.flatMap((issue) => partsOf(issue)));
  return {
    source,
    input: schema.parse(without(all, broken)),
    problems: [...source.problems, ...schemaProblems(source, schema, issues)],
    positions: positionsIn(all, broken),
    broken,
  };
}

function noMapping(source: SourceFile): Problem {
  const remedy = 'Write "accounts:" and "instances:" with what belongs below them.';
  return source.problemAt([], source.data === null ? 'the file is empty' : 'the file must hold a mapping', remedy);
}

function sectionsOf(data: unknown): Sections | null {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Sections) : null;
}

/** The smallest parts of the file without which the issue is gone. */
function partsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) return [...issue.keys];
  return [partOf(issue.path.map((part) => (typeof part === 'number' ? part : String(part))))];
}

function partOf([section, entry]: ConfigPath): string {
  const isList = section === 'accounts' || section === 'instances';
  return isList && entry !== undefined ? `${section}.${entry}` : String(section);
}

function without(all: Sections, broken: ReadonlySet<string>): Sections {
  const rest: Sections = {};
  for (const [section, value] of Object.entries(all)) {
    if (broken.has(section)) continue;
    if (section === 'instances' && Array.isArray(value)) {
      rest[section] = value.filter((_, index) => !broken.has(`instances.${index}`));
    } else if (section === 'accounts') {
      const entries = Object.entries(value as Sections).filter(([name]) => !broken.has(`accounts.${name}`));
      rest[section] = Object.fromEntries(entries);
    } else {
      rest[section] = value;
    }
  }
  return rest;
}

function positionsIn(all: Sections, broken: ReadonlySet<string>): number[] {
  const instances = all['instances'];
  if (!Array.isArray(instances)) return [];
  return [...instances.keys()].filter((index) => !broken.has(`instances.${index}`));
}
