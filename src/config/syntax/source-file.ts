import { LineCounter } from 'yaml';
import type { Problem } from '../../core/problem.ts';
import { formatPath, type ConfigPath } from '../problems.ts';

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

/** Where a reader would look for a value, and for its key, as offsets in the text. */
export interface Place {
  /** For a mapping or list below a key, that of the key. */
  readonly offset: number;
  readonly keyOffset: number;
}

/** A file whose values have places in a text. */
export abstract class PlacedSource implements SourceFile {
  readonly file: string;
  abstract readonly data: unknown;
  abstract readonly problems: readonly Problem[];
  protected readonly lineAt: ReturnType<typeof lineFinder>;

  constructor(file: string, text: string) {
    this.file = file;
    this.lineAt = lineFinder(text);
  }

  abstract written(path: ConfigPath): string | null;
  abstract isUnresolved(path: ConfigPath): boolean;
  /** The place of `path`, or of the nearest above it that exists. */
  protected abstract find(path: ConfigPath): Place;

  problemAt(path: ConfigPath, message: string, remedy: string): Problem {
    return this.problem(this.find(path).offset, path, message, remedy);
  }

  problemAtKey(path: ConfigPath, message: string, remedy: string): Problem {
    return this.problem(this.find(path).keyOffset, path, message, remedy);
  }

  protected problem(offset: number, path: ConfigPath, message: string, remedy: string): Problem {
    return { file: this.file, ...this.lineAt(offset), path: formatPath(path), message, remedy };
  }
}

/** Turns offsets in a text into lines and columns, both from 1. The text is searched at the first call. */
function lineFinder(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  let lines: LineCounter | null = null;
  return (offset) => {
    if (lines === null) {
      lines = new LineCounter();
      lines.addNewLine(0);
      for (const found of text.matchAll(/\r\n|\n|\r/g)) lines.addNewLine(found.index + found[0].length);
    }
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}
