import { CsvError, parse, type Info } from 'csv-parse/sync';
import type { Mistake, Problem } from '../../core/problem.ts';
import { expandVariables, type Environment } from './environment.ts';
import type { ConfigPath } from '../problems.ts';
import { LABEL_NAME } from '../values/scalars.ts';
import { quoted } from './quoted.ts';
import { PlacedSource, type Place, type SourceFile } from './source-file.ts';
import { closestWord } from './spelling.ts';

/**
 * Reads a list of instances as CSV (RFC 4180). Its header line names the columns phoneNumberId (or id), account, name,
 * displayName, enabled, token and tokenFile in any order, and one for each label. An empty cell sets nothing. Variables are filled into cells as into the
 * strings of a YAML file. Everything that is wrong becomes a problem with its place; nothing is thrown.
 */
export function parseCsv(file: string, text: string, env: Environment): SourceFile {
  return new ParsedCsv(file, text.replace(/^\uFEFF/, ''), env);
}

const QUOTE_REMEDY = 'Put the whole value into quotes, and write each quote in it as "".';

const MISTAKES: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  CSV_QUOTE_NOT_CLOSED: ['a quote opens here and is never closed', 'Close it; write a quote within quotes as "".'],
  CSV_INVALID_CLOSING_QUOTE: ['text follows a closing quote', QUOTE_REMEDY],
  INVALID_OPENING_QUOTE: ['a value that is not in quotes contains a quote', QUOTE_REMEDY],
};

/** What a column sets, as a path within an instance: `['name']`, `['labels', 'team']`. */
type ColumnPath = readonly [key: string] | readonly [key: string, label: string];

/** What is wrong with one name in the header, or with the whole header (`column` is 0 then). */
interface HeaderMistake extends Mistake {
  readonly column: number;
}

const NEEDED = ['phoneNumberId', 'account'] as const;
const KEYS: readonly string[] = [...NEEDED, 'name', 'displayName', 'enabled', 'id', 'token', 'tokenFile'];
/** Keys of an instance that do not fit into a cell. As labels they would seem to have an effect. */
const NOT_IN_A_CELL: readonly string[] = ['labels', 'probe', 'restart', 'activity'];

class ParsedCsv extends PlacedSource {
  readonly data: unknown;
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #env: Environment;
  /** The header first. */
  readonly #rows: string[][] = [];
  /** Where each row ends, in bytes. */
  readonly #ends: number[] = [];
  #columns: readonly ColumnPath[] = [];
  /** Cells `row column` whose variables could not be filled in, and rows `row` that do not fit the header. */
  readonly #broken = new Set<string>();
  #starts: readonly number[] | null = null;

  constructor(file: string, text: string, env: Environment) {
    super(file, text);
    this.#text = text;
    this.#env = env;
    if (!this.#read() || !this.#readHeader()) return;
    this.data = { instances: this.#rows.slice(1).map((cells, index) => this.#instance(index + 1, cells)) };
  }

  written(path: ConfigPath): string | null {
    return this.#rows[this.#rowOf(path)]?.[this.#columnOf(path)] ?? null;
  }

  isUnresolved(path: ConfigPath): boolean {
    if (this.#broken.size === 0) return false;
    const row = this.#rowOf(path);
    return this.#broken.has(`${row}`) || this.#broken.has(`${row} ${this.#columnOf(path)}`);
  }

  #read(): boolean {
    try {
      parse(this.#text, {
        relaxColumnCount: true,
        skipEmptyLines: true,
        onRecord: (row: string[], context) => {
          if (this.#rows.length === 0) this.#columns = row.map(columnPath);
          this.#rows.push(row);
          // The context of a record has the same counts as that of the end, but the types leave them out.
          this.#ends.push((context as unknown as Info).bytes);
          return null;
        },
      });
      return true;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      // Quotes stand where they should, if something else separates the columns.
      const [firstLine = ''] = this.#text.split(/\r?\n/, 1);
      if (otherSeparatorIn(this.#rows[0] ?? [firstLine]) !== null) {
        this.#rows.splice(0, Infinity, [firstLine]);
        this.#readHeader();
        return false;
      }
      const [message, remedy] = MISTAKES[error.code] ?? [`is not CSV: ${error.message}`, 'Correct the line.'];
      const { column } = error as { readonly column?: unknown };
      this.#problemInRow(this.#rows.length, typeof column === 'number' ? column : 0, message, remedy);
      return false;
    }
  }

  #readHeader(): boolean {
    const [header] = this.#rows;
    if (header === undefined) {
      this.#problemInRow(0, 0, 'the file is empty', 'Begin it with a line such as phoneNumberId,name,account.');
      return false;
    }
    for (const { column, message, remedy } of headerMistakes(header)) this.#problemInRow(0, column, message, remedy);
    return this.problems.length === 0;
  }

  #instance(row: number, cells: readonly string[]): Record<string, unknown> | null {
    if (cells.length !== this.#columns.length) {
      const message = `the line has ${cells.length} ${cells.length === 1 ? 'value' : 'values'}, but the first line names ${this.#columns.length} columns`;
      const remedy = 'Write one value for each column; put a value that contains a comma into quotes.';
      this.#problemInRow(row, null, message, remedy);
      this.#broken.add(`${row}`);
      return null;
    }
    const instance: Record<string, unknown> = {};
    let labels: Record<string, string> | null = null;
    for (const [column, [key, label]] of this.#columns.entries()) {
      const cell = cells[column] ?? '';
      if (cell === '') continue;
      const value = cell.includes('${') ? this.#expand(row, column, cell) : cell;
      if (label !== undefined) (labels ??= {})[label] = value;
      else instance[key] = key === 'enabled' ? truthOf(value) : value;
    }
    if (labels !== null) instance['labels'] = labels;
    return instance;
  }

  #expand(row: number, column: number, cell: string): string {
    const expansion = expandVariables(cell, this.#env);
    if ('value' in expansion) return expansion.value;
    this.#broken.add(`${row} ${column}`);
    for (const { message, remedy } of expansion.mistakes) this.#problemInRow(row, column, message, remedy);
    return cell;
  }

  #rowOf([section, index]: ConfigPath): number {
    return section === 'instances' && typeof index === 'number' ? index + 1 : 0;
  }

  #columnOf([, , key, label]: ConfigPath): number {
    return this.#columns.findIndex((column) => column[0] === key && column[1] === label);
  }

  /** @param column null: the row as a whole */
  #problemInRow(row: number, column: number | null, message: string, remedy: string): void {
    const names = this.#columns[column ?? -1] ?? [];
    const path = row === 0 ? [] : ['instances', row - 1, ...names];
    this.problems.push(this.problem(this.#offsetOf(row, column ?? 0), path, message, remedy));
  }

  protected find(path: ConfigPath): Place {
    const offset = this.#offsetOf(this.#rowOf(path), Math.max(this.#columnOf(path), 0));
    return { offset, keyOffset: offset };
  }

  /** Cells are searched for only when they have a problem. */
  #offsetOf(row: number, column: number): number {
    const starts = (this.#starts ??= startsOfRows(this.#text, this.#ends));
    return startOfCell(this.#text, starts[row] ?? 0, column);
  }
}

/** Where each row begins, as an offset in the text; `ends` counts bytes. */
function startsOfRows(text: string, ends: readonly number[]): number[] {
  const bytes = Buffer.from(text);
  const starts = [0];
  let offset = 0;
  for (const [row, end] of ends.entries()) {
    offset += bytes.toString('utf8', ends[row - 1] ?? 0, end).length;
    starts.push(offset);
  }
  return starts;
}

/** The offset of a cell of the first row at or after `from`; quotes before it must be closed. */
function startOfCell(text: string, from: number, column: number): number {
  let at = from;
  while (text[at] === '\n' || text[at] === '\r') at += 1;
  for (let left = column; left > 0; left -= 1) {
    if (text[at] === '"') {
      do at = text.indexOf('"', at + 1) + 1;
      while (text[at] === '"');
    }
    at = text.indexOf(',', at) + 1;
  }
  return at;
}

/** Spreadsheets write truth values in capitals. */
function truthOf(text: string): unknown {
  if (/^true$/i.test(text)) return true;
  return /^false$/i.test(text) ? false : text;
}

function columnPath(name: string): ColumnPath {
  return KEYS.includes(name) ? [name] : ['labels', name];
}

/** Everything that is wrong with the first line of a list of instances; empty when nothing is. */
function headerMistakes(names: readonly string[]): HeaderMistake[] {
  const found = names.flatMap((name, column) => {
    const mistake = nameMistake(name, names.indexOf(name) < column);
    return mistake === null ? [] : [{ column, ...mistake }];
  });
  const isThere = (name: string): boolean => names.includes(name) || (name === 'phoneNumberId' && names.includes('id'));
  const missing = NEEDED.filter((name) => !isThere(name)).map((name) => ({
    column: 0,
    message: `the first line has no column ${name}`,
    remedy: missingRemedy(name, names),
  }));
  return [...found, ...missing];
}

function nameMistake(name: string, isTwice: boolean): Mistake | null {
  const shown = quoted(name);
  const column = shown === null ? 'column' : `column ${shown}`;
  if (isTwice) return { message: `the ${column} is there twice`, remedy: 'Remove or rename one of them.' };
  if (KEYS.includes(name)) return null;
  const meant = KEYS.find((key) => key.toLowerCase() === name.trim().toLowerCase());
  if (meant !== undefined) return { message: `unknown ${column}`, remedy: `Did you mean "${meant}"?` };
  // An object has no member of the name __proto__: its values would be lost.
  if (LABEL_NAME.test(name) && !NOT_IN_A_CELL.includes(name) && name !== '__proto__') return null;
  const remedy = `Known are ${KEYS.join(', ')}; any other column is a label of at most 63 letters, digits and "_".`;
  return { message: `unknown ${column}`, remedy };
}

/** What spreadsheets separate columns by, too: where a comma stands in numbers, and when a table is copied. */
const OTHER_SEPARATORS: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/** What separates the columns of a header in which no comma stands; null: nothing else does. */
function otherSeparatorIn(names: readonly string[]): string | null {
  const other = names.length === 1 ? /[;\t|]/.exec(names[0] ?? '')?.[0] : undefined;
  return other === undefined ? null : (OTHER_SEPARATORS[other] ?? null);
}

function missingRemedy(name: string, names: readonly string[]): string {
  const other = otherSeparatorIn(names);
  if (other !== null) return `Separate columns by commas, not by ${other}.`;
  const guess = closestWord(
    name,
    names.filter((other) => !KEYS.includes(other) && quoted(other) !== null),
  );
  return guess === null
    ? 'Begin the file with a line such as phoneNumberId,name,account.'
    : `Rename the column ${JSON.stringify(guess)}, if it holds that.`;
}
