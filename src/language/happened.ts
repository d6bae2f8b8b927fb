import type { InstanceFleetEvent } from '../core/event.ts';
import type { Words } from './words.ts';

/** What can happen to an instance, as its timeline shows it. */
export type Happening = Exclude<InstanceFleetEvent['type'], 'probe_finished'>;

/** The parts of an event in words; empty: it has no such part. */
export interface HappenedParts {
  readonly phase: string;
  /** With what the gateway said, in brackets. */
  readonly cause: string;
  readonly hold: string;
  readonly trigger: string;
  /** With the HTTP status and what the gateway said. */
  readonly outcome: string;
  /** Why a restart was not made. */
  readonly skip: string;
  readonly attempt: string;
  readonly attempts: string;
  readonly by: string;
  readonly reason: string;
  /** Local times. */
  readonly until: string;
  readonly since: string;
  /** Lengths of time. */
  readonly toHeal: string;
  readonly down: string;
}

/** What an event of an instance says in its timeline, without its name. */
export type Happened = Readonly<Record<Happening, (parts: HappenedParts) => string>>;

/** An event of the API: a type, what the log says of it in English, and the fields of its line. Any may be missing. */
export interface ToldEvent {
  readonly type: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** How parts of events are written in a language. */
export interface Telling {
  readonly words: Words;
  readonly number: (value: number) => string;
  /** Seconds. */
  readonly length: (seconds: number) => string;
  /** An ISO time. */
  readonly time: (iso: string) => string;
  /** The detail of a probe or a call. */
  readonly detail: (detail: string) => string;
}

/** What happened to an instance, as a sentence without its name; null: nothing is known of such an event. */
export function happenedIn(happened: Happened, event: ToldEvent, telling: Telling): string | null {
  return isKey(happened, event.type) ? happened[event.type](partsOf(event, telling)) : null;
}

/** Whether a table says something of this word. */
export function isKey<Key extends string>(table: Readonly<Record<Key, unknown>>, word: string): word is Key {
  return Object.hasOwn(table, word);
}

/** The fields of an event in words; any may be missing, or come from a newer watchdog. */
function partsOf(event: ToldEvent, telling: Telling): HappenedParts {
  const { words } = telling;
  const text = (key: string): string => (typeof event[key] === 'string' ? event[key] : '');
  const number = (key: string): string => (typeof event[key] === 'number' ? telling.number(event[key]) : '');
  const length = (key: string): string => (typeof event[key] === 'number' ? telling.length(event[key]) : '');
  const time = (key: string): string => (Number.isNaN(Date.parse(text(key))) ? '' : telling.time(text(key)));
  const word = (key: string, among: Readonly<Record<string, string>>): string =>
    Object.hasOwn(among, text(key)) ? (among[text(key)] ?? '') : text(key);
  const phases = Object.fromEntries(Object.entries(words.phases).map(([phase, { label }]) => [phase, label]));
  const detail = text('detail') === '' ? '' : telling.detail(text('detail'));
  const { httpStatus } = event;
  const inBrackets = [typeof httpStatus === 'number' && !detail.includes('HTTP') ? `HTTP ${httpStatus}` : '', detail]
    .filter((part) => part !== '')
    .join(', ');
  const withDetail = (said: string, more: string): string => (more === '' ? said : `${said} (${more})`);
  return {
    phase: word(event.type === 'phase_changed' ? 'to' : 'phase', phases),
    cause: withDetail(word('cause', words.causes), detail),
    hold: word('hold', words.holds),
    trigger: word('trigger', words.triggers),
    outcome: withDetail(word('outcome', words.outcomes), inBrackets),
    skip: word('why', words.skips),
    attempt: number('attempt'),
    attempts: number('attempts'),
    by: text('by') || text('requestedBy'),
    reason: text('reason'),
    until: time('until'),
    since: time('since'),
    toHeal: length('secondsToHeal'),
    down: length('downSeconds'),
  };
}
