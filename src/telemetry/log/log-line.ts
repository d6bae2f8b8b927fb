import type { EventOf, FleetEvent } from '../../core/event.ts';
import type { Cause } from '../../core/verdict.ts';

export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log line of one event: fields for machines, and a message that says what happened, why, and what to do. */
export interface EventLine {
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly msg: string;
}

/** What a person can do about a cause; null: nothing. */
export type RemedyOf = (cause: Cause | null, detail?: string | null) => string | null;

/** The line of each event, by its type. A field that is null is left out. */
export type Lines = {
  readonly [Type in FleetEvent['type']]: (event: EventOf<Type>, remedyOf: RemedyOf) => EventLine;
};

const lineOfLevel =
  (level: LineLevel) =>
  (msg: string, fields: EventLine['fields'] = {}): EventLine => ({ level, fields, msg });

export const info = lineOfLevel('info');
export const warn = lineOfLevel('warn');
export const error = lineOfLevel('error');
