import { HOUR, type DurationMs, type EpochMs } from '../../core/time.ts';
import { CLAIMS, type Claim } from './expectation.ts';
import { form, NotUnderstood, readBy } from './form.ts';
import { endOf, OCCURRENCES, RESTARTS, type Occurrence } from './happening.ts';
import { startTime } from './start-time.ts';
import { duration, moment, whole } from './words.ts';

/** A line of a scenario. */
export interface Sentence {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Something that happens `at` after the start, and since when it has been repeated. */
export type Happening = Sentence & { readonly at: DurationMs; readonly since: DurationMs } & Occurrence;

/** What must be true, `at` after the start; null: at the end. */
export type Expectation = Sentence & { readonly at: DurationMs | null } & Claim;

/** A story to try a policy on. */
export interface Scenario {
  readonly lasts: DurationMs;
  readonly seed: number;
  /** Null: the scenario does not say. */
  readonly startsAt: EpochMs | null;
  /** In the order of the lines. */
  readonly happenings: readonly Happening[];
  readonly expectations: readonly Expectation[];
}

export interface ScenarioProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** How long a scenario goes on after its last line when it does not say. */
const AFTERMATH: DurationMs = 2 * HOUR;
const MOST_REPEATS = 10_000;

interface Draft {
  lasts: DurationMs | null;
  seed: number;
  startsAt: EpochMs | null;
  readonly happenings: Happening[];
  readonly expectations: Expectation[];
}

/** What a whole line can be, besides what happens and what is expected. */
export const SENTENCES = [
  form<Partial<Draft>>('for DURATION', (lasts) => ({ lasts: duration(lasts) })),
  form<Partial<Draft>>('seed NUMBER', (number) => ({ seed: whole(number) })),
  form<Partial<Draft>>('start at TIME [on DATE] [in ZONE]', (time, date, zone) => ({
    startsAt: startTime(time, date, zone),
  })),
];

const OTHERS = ['at DURATION …', 'every DURATION from DURATION until DURATION …', 'restart …', 'expect …'];

/**
 * Reads a scenario: one sentence per line, without empty lines and what follows a `#`. Durations are those of the
 * config, causes are the words of the metrics. Reports all mistakes at once.
 */
export function parseScenario(text: string): Scenario | readonly ScenarioProblem[] {
  const draft: Draft = { lasts: null, seed: 1, startsAt: null, happenings: [], expectations: [] };
  const problems: ScenarioProblem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const sentence = { line: index + 1, text: raw.replace(/#.*/, '').trim().replaceAll(/\s+/g, ' ') };
    if (sentence.text === '') continue;
    try {
      read(sentence, draft);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      problems.push({ line: sentence.line, message: error.message });
    }
  }
  const { expectations, happenings } = draft;
  const ends = [...happenings.map((happening) => endOf(happening, happening.at)), ...expectations.map(timeOf)];
  const lasts = draft.lasts ?? Math.max(0, ...ends) + AFTERMATH;
  problems.push(...expectations.filter((expected) => timeOf(expected) > lasts).map(tooLate));
  if (problems.length > 0) return problems.sort((one, other) => one.line - other.line);
  return { ...draft, lasts };
}

/** Adds what a line says to the scenario that is being read. */
function read(sentence: Sentence, draft: Draft): void {
  const { text } = sentence;
  const [, every = '', from = '', until = '', repeated] = /^every (\S+) from (\S+) until (\S+) (.+)$/.exec(text) ?? [];
  const [, at = '', once] = /^at (\S+) (.+)$/.exec(text) ?? [];
  if (repeated !== undefined) {
    readAt(timesOf(duration(every), moment(from), duration(until)), repeated, sentence, draft);
  } else if (once !== undefined) readAt([moment(at)], once, sentence, draft);
  else if (text.startsWith('expect ')) draft.expectations.push({ ...sentence, at: null, ...readBy(CLAIMS, text) });
  else if (text.startsWith('restart ')) {
    draft.happenings.push({ ...sentence, at: 0, since: 0, ...readBy(RESTARTS, text) });
  } else Object.assign(draft, readBy(SENTENCES, text, OTHERS));
}

function readAt(times: readonly DurationMs[], rest: string, sentence: Sentence, draft: Draft): void {
  if (rest.startsWith('expect ')) {
    const claim = readBy(CLAIMS, rest);
    draft.expectations.push(...times.map((at) => ({ ...sentence, at, ...claim })));
    return;
  }
  const [since = 0] = times;
  const event = readBy(OCCURRENCES, rest);
  draft.happenings.push(...times.map((at) => ({ ...sentence, at, since, ...event })));
}

function timesOf(every: DurationMs, from: DurationMs, until: DurationMs): readonly DurationMs[] {
  const count = Math.floor((until - from) / every) + 1;
  if (count < 1) throw new NotUnderstood('This never happens: its end is before its beginning.');
  if (count <= MOST_REPEATS) return Array.from({ length: count }, (_, index) => from + index * every);
  throw new NotUnderstood(`This happens ${count} times, and ${MOST_REPEATS} at most. Write a longer interval.`);
}

function timeOf({ at }: Expectation): DurationMs {
  return at ?? 0;
}

function tooLate({ line }: Expectation): ScenarioProblem {
  return { line, message: 'This is expected after the end of the scenario. Write a longer `for DURATION`.' };
}
