import { isLabelName } from '../schema/scalars.ts';
import { closestWord } from './spelling.ts';

/** What a column sets, as a path within an instance: `['name']`, `['labels', 'team']`. */
export type ColumnPath = readonly [key: string] | readonly [key: string, label: string];

/** What is wrong with one name in the header, or with the whole header (`column` is 0 then). */
export interface HeaderMistake {
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

const NEEDED = ['phoneNumberId', 'account'] as const;
const KEYS: readonly string[] = [...NEEDED, 'name', 'enabled'];
/** Keys of an instance that do not fit into a cell. As labels they would seem to have an effect. */
const NOT_IN_A_CELL: readonly string[] = ['labels', 'probe', 'restart'];

export function columnPath(name: string): ColumnPath {
  return KEYS.includes(name) ? [name] : ['labels', name];
}

/** Everything that is wrong with the first line of a list of instances; empty when nothing is. */
export function headerMistakes(names: readonly string[]): HeaderMistake[] {
  const found = names.flatMap((name, column) => {
    const mistake = nameMistake(name, names.indexOf(name) < column);
    return mistake === null ? [] : [{ column, ...mistake }];
  });
  const missing = NEEDED.filter((name) => !names.includes(name)).map((name) => ({
    column: 0,
    message: `the first line has no column ${name}`,
    remedy: missingRemedy(name, names),
  }));
  return [...found, ...missing];
}

function nameMistake(name: string, isTwice: boolean): Omit<HeaderMistake, 'column'> | null {
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  if (isTwice) return { message: `the column ${shown} is there twice`, remedy: 'Remove or rename one of them.' };
  if (KEYS.includes(name)) return null;
  const meant = KEYS.find((key) => key.toLowerCase() === name.trim().toLowerCase());
  if (meant !== undefined) return { message: `unknown column ${shown}`, remedy: `Did you mean "${meant}"?` };
  if (isLabelName(name) && !NOT_IN_A_CELL.includes(name)) return null;
  const remedy = `Known are ${KEYS.join(', ')}; any other column is a label of at most 63 letters, digits and "_".`;
  return { message: `unknown column ${shown}`, remedy };
}

function missingRemedy(name: string, names: readonly string[]): string {
  if (names.length === 1 && names[0]?.includes(';') === true) return 'Separate columns by commas, not by semicolons.';
  const guess = closestWord(
    name,
    names.filter((other) => !KEYS.includes(other)),
  );
  return guess === null
    ? 'Begin the file with a line such as phoneNumberId,name,account.'
    : `Rename the column ${JSON.stringify(guess)}, if it holds that.`;
}
