export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log line of one event: fields for machines, and a message that says what happened, why, and what to do. */
export interface EventLine {
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly msg: string;
}

export function info(msg: string, fields: EventLine['fields'] = {}): EventLine {
  return { level: 'info', fields, msg };
}

export function warn(msg: string, fields: EventLine['fields'] = {}): EventLine {
  return { level: 'warn', fields, msg };
}

export function error(msg: string, fields: EventLine['fields'] = {}): EventLine {
  return { level: 'error', fields, msg };
}
