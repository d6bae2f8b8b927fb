export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log line of one event: fields for machines, and a message that says what happened, why, and what to do. */
export interface EventLine {
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly msg: string;
}
