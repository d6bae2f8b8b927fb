import type { z } from 'zod';
import type { SourceFile } from '../syntax/source-file.ts';
import { valueAt, type ConfigPath } from '../problems.ts';

export type Sections = Readonly<Record<string, unknown>>;

/** Sections whose entries are each of their own: a mistake in one leaves the others. */
const LISTS: ReadonlySet<string> = new Set(['accounts', 'gateways', 'instances', 'maintenance', 'notify']);

/** Whether the section holds entries that are each of their own. */
export function isListed(section: string | number | undefined): boolean {
  return typeof section === 'string' && LISTS.has(section);
}

/** The path of an issue in the words of this program. */
export function pathOf({ path }: Pick<z.core.$ZodIssue, 'path'>): ConfigPath {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

/**
 * The same data with values of variables as numbers and truth values where the schema wants those: a variable is always
 * text. Null: there is nothing of that kind among the issues.
 */
export function withTypedVariables(
  source: SourceFile,
  data: Sections,
  issues: readonly z.core.$ZodIssue[],
): Sections | null {
  const copy = new Copy(data);
  for (const issue of issues) {
    if (issue.code !== 'invalid_type') continue;
    const path = pathOf(issue);
    const text = valueAt(data, path);
    if (typeof text !== 'string' || source.written(path)?.includes('${') !== true) continue;
    const value = typed(text, issue.expected);
    if (value !== undefined) copy.set(path, value);
  }
  return copy.isChanged ? copy.data : null;
}

function typed(text: string, expected: string): number | boolean | undefined {
  if (expected === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (expected !== 'number' && expected !== 'int') return undefined;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * The same data without the wrong keys of its entries, so that the rest of these entries can be checked against each
 * other; and the paths of what was left out. What else is wrong stays.
 */
export function withoutWrongKeys(
  data: Sections,
  issues: readonly z.core.$ZodIssue[],
): { readonly data: Sections; readonly left: readonly ConfigPath[] } {
  const copy = new Copy(data);
  const wrong = issues.flatMap((issue) => {
    const path = pathOf(issue);
    return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
  });
  // Of a list within an entry no item can be left out, because those after it would move up.
  const keys = wrong.map((path) => path.slice(0, indexOfItem(path)));
  const left = keys.filter((path) => path.length > 2 && isListed(path[0]) && copy.remove(path));
  return { data: copy.data, left };
}

/** Where a path leads into a list within an entry; undefined: nowhere. */
function indexOfItem(path: ConfigPath): number | undefined {
  const index = path.findIndex((part, at) => at > 2 && typeof part === 'number');
  return index === -1 ? undefined : index;
}

type Parent = Record<string | number, unknown>;

/** Plain data that is copied as far as it is changed. Aliases of YAML make one object of several places. */
class Copy {
  data: Sections;
  isChanged = false;
  readonly #own = new Set<unknown>();

  constructor(data: Sections) {
    this.data = data;
  }

  set(path: ConfigPath, value: unknown): void {
    const key = path.at(-1);
    const parent = this.#parentOf(path);
    if (parent !== null && key !== undefined) parent[key] = value;
  }

  /** False: there is nothing that could be removed. */
  remove(path: ConfigPath): boolean {
    const key = path.at(-1);
    const parent = this.#parentOf(path);
    if (parent === null || key === undefined || Array.isArray(parent) || !Object.hasOwn(parent, key)) return false;
    return Reflect.deleteProperty(parent, key);
  }

  /** The object that holds the last part of a path, as a copy; null: there is none. */
  #parentOf(path: ConfigPath): Parent | null {
    const steps = path.slice(0, -1);
    const target = valueAt(this.data, steps);
    if (typeof target !== 'object' || target === null) return null;
    let parent = this.#owned(this.data);
    this.data = parent;
    for (const step of steps) {
      const child = this.#owned(parent[step] as Parent);
      parent[step] = child;
      parent = child;
    }
    this.isChanged = true;
    return parent;
  }

  #owned(value: Parent): Parent {
    if (this.#own.has(value)) return value;
    const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Parent;
    this.#own.add(copy);
    return copy;
  }
}
