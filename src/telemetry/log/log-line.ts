export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log line of one event: fields for machines, and a message that says what happened, why, and what to do. */
export interface EventLine {
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly msg: string;
}

/** The fields that have a value; a log line does not list the others. */
export function given(fields: Readonly<Record<string, string | number | null>>): Record<string, string | number> {
  const present = Object.entries(fields).filter((field): field is [string, string | number] => field[1] !== null);
  return Object.fromEntries(present);
}
