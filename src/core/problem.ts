/** What is wrong, and what to do about it. */
export interface Mistake {
  readonly message: string;
  readonly remedy: string;
}

/** One mistake of the user, and its remedy. */
export interface Problem extends Mistake {
  /** As named on the command line, or as reached from there through `include`. */
  readonly file: string;
  /** Counted from 1; null: the file as a whole. */
  readonly line: number | null;
  /** Counted from 1; null: the file as a whole. */
  readonly column: number | null;
  /** E.g. `instances[3].probe.every`; empty for the root. */
  readonly path: string;
}

/** One line for each problem: `file:line:column path: message. remedy`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n');
}

function formatProblem({ file, line, column, path, message, remedy }: Problem): string {
  const place = line === null || column === null ? file : `${file}:${line}:${column}`;
  return `${place}${path === '' ? '' : ` ${path}`}: ${message}. ${remedy}`;
}
