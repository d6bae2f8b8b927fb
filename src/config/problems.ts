import { formatProblems, type Problem } from '../core/problem.ts';
import { Masks } from '../redaction/masks.ts';
import type { ReadInputs } from './inputs.ts';
import { shownKey } from './syntax/quoted.ts';

/** A place in a configuration: keys and list positions, from the root. */
export type ConfigPath = readonly (string | number)[];

/** Something that works, but is probably not what the user wants. */
export type Warning = Problem;

/** The configuration is wrong: every problem of every file, in the order of the files. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];
  /** What was read, as in a valid configuration: changing it may solve the problems. */
  readonly inputs: ReadInputs;

  constructor(problems: readonly Problem[], inputs: ReadInputs) {
    super(formatProblems(problems));
    this.problems = problems;
    this.inputs = inputs;
  }
}

/** The error of these problems. None of them should repeat a secret; masks are for one that forgot it. */
export function configError(problems: readonly Problem[], secrets: readonly string[], inputs: ReadInputs): ConfigError {
  const masks = new Masks(() => secrets);
  const shown = problems.map((problem) => masks.data(problem));
  return new ConfigError(sortProblems(shown, inputs.files), inputs);
}

/** Sorted by file, in the order in which they were read, then by line and column. */
export function sortProblems(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  return [...problems].sort(
    (a, b) =>
      (rank.get(a.file) ?? files.length) - (rank.get(b.file) ?? files.length) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

/** The text of a place, such as `instances[3].labels["a b"]`. A key that may be a secret is `***`. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = shownKey(part);
    if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** What plain data holds at `path`; undefined: nothing. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    data,
  );
}
