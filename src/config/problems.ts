import type { ConfigInputs } from './inputs.ts';

/** A place in a configuration, from its root: keys and list positions. */
export type ConfigPath = readonly (string | number)[];

/** One mistake of the user, and what to do about it. */
export interface Problem {
  /** As named on the command line, or as reached from there through `include`. */
  readonly file: string;
  /** Counted from 1; null when the file as a whole is meant. */
  readonly line: number | null;
  /** Counted from 1; null when the file as a whole is meant. */
  readonly column: number | null;
  /** E.g. `instances[3].probe.every`; empty for the root. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** Something that works, but probably is not what the user wants. */
export type Note = Problem;

/** The configuration is wrong: every problem of every file, in the order of the files. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];
  /** What was read, as in a good configuration: a change of it may mend the problems. */
  readonly inputs: ConfigInputs;

  constructor(problems: readonly Problem[], inputs: ConfigInputs) {
    super(formatProblems(problems));
    this.problems = problems;
    this.inputs = inputs;
  }
}

/** One line for each problem: `file:line:column path: message. remedy`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n');
}

function formatProblem({ file, line, column, path, message, remedy }: Problem): string {
  const place = line === null || column === null ? file : `${file}:${line}:${column}`;
  return `${place}${path === '' ? '' : ` ${path}`}: ${message}. ${remedy}`;
}

/** By line and column within each file; the files keep the order in which they were read. */
export function sortProblems(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  return [...problems].sort(
    (a, b) =>
      (rank.get(a.file) ?? files.length) - (rank.get(b.file) ?? files.length) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

/** `instances[3].labels["a b"]`: how a place is shown. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
