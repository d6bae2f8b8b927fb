import type { Problem } from '../../core/problem.ts';
import type { ConfigPath } from '../problems.ts';

/** A file of the configuration (YAML, JSON or CSV) as plain data that remembers where everything stands. */
export interface SourceFile {
  readonly file: string;
  /** Undefined when the file cannot be parsed; `problems` says why. */
  readonly data: unknown;
  /** What is wrong with the file as YAML, JSON or CSV, or with its variables. */
  readonly problems: readonly Problem[];
  /** A problem at `path`, or at the nearest place above it that exists. */
  problemAt(path: ConfigPath, message: string, remedy: string): Problem;
  /** The same about the key itself. */
  problemAtKey(path: ConfigPath, message: string, remedy: string): Problem;
  /** The text of a single value as written, before variables are filled in; null for anything else. */
  written(path: ConfigPath): string | null;
  /** Whether the value at `path` names a variable that could not be filled in; checking it makes no sense then. */
  isUnresolved(path: ConfigPath): boolean;
}
