import { parseDuration } from '../core/schedule/duration.ts';
import { HOUR, type DurationMs } from '../core/time.ts';
import { isCause, type Cause } from '../core/verdict.ts';
import type { Cure } from './scenario-instance.ts';

/** What something happens to: all instances, a share of them (0 to 1), any single one, or one by name. */
export type Subject =
  | { readonly type: 'all' }
  | { readonly type: 'any' }
  | { readonly type: 'share'; readonly share: number }
  | { readonly type: 'one'; readonly name: string };

/** Something that happens in a scenario, `at` after its start. */
export type Happening = { readonly at: DurationMs; readonly line: number } & (
  | {
      readonly type: 'become';
      readonly who: Subject;
      readonly cause: Cause;
      /** Then it is connected again, restarted or not; null: it stays so until something changes it. */
      readonly lasts: DurationMs | null;
    }
  | { readonly type: 'flap'; readonly who: Subject; readonly period: DurationMs; readonly until: DurationMs }
  | { readonly type: 'gateway'; readonly cause: Cause; readonly lasts: DurationMs }
  | { readonly type: 'network'; readonly lasts: DurationMs }
);

/** A story to try a policy on. */
export interface Scenario {
  readonly lasts: DurationMs;
  readonly seed: number;
  /** What a restart does. */
  readonly cure: Cure;
  /** In the order of the lines. */
  readonly happenings: readonly Happening[];
}

export interface ScenarioProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** How long a scenario goes on after its last line when it does not say. */
const AFTERMATH: DurationMs = 2 * HOUR;

const FORMS = [
  'for DURATION',
  'seed NUMBER',
  'restart heals after DURATION [with chance 0..1]',
  'at DURATION WHO CAUSE [for DURATION]',
  'at DURATION WHO flaps every DURATION until DURATION',
  'at DURATION gateway CAUSE for DURATION',
  'at DURATION network down for DURATION',
];

interface Draft {
  lasts: DurationMs | null;
  seed: number;
  cure: Cure;
  readonly happenings: Happening[];
}

/**
 * Reads a scenario: one sentence per line, without empty lines and what follows a `#`. Durations are those of the
 * config, causes are the words of the metrics. Reports all mistakes at once.
 */
export function parseScenario(text: string): Scenario | readonly ScenarioProblem[] {
  const draft: Draft = { lasts: null, seed: 1, cure: { after: 20_000, chance: 1 }, happenings: [] };
  const problems: ScenarioProblem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const words = raw.replace(/#.*/, '').trim().split(/\s+/);
    if (words[0] === '') continue;
    const message = readSentence(words, index + 1, draft);
    if (message !== null) problems.push({ line: index + 1, message });
  }
  if (problems.length > 0) return problems;
  const { lasts, seed, cure, happenings } = draft;
  const last = Math.max(0, ...happenings.map(endOf));
  return { lasts: lasts ?? last + AFTERMATH, seed, cure, happenings };
}

/** Null: understood; otherwise the mistake and its remedy. */
function readSentence(words: readonly string[], line: number, draft: Draft): string | null {
  const sentence = words.join(' ');
  try {
    switch (words[0]) {
      case 'for':
        draft.lasts = duration(only(sentence, /^for (\S+)$/)[0]);
        return null;
      case 'seed':
        draft.seed = Number(only(sentence, /^seed (\d{1,9})$/)[0]);
        return null;
      case 'restart':
        draft.cure = readCure(sentence);
        return null;
      case 'at':
        draft.happenings.push(readHappening(sentence, line));
        return null;
      default:
        throw new NotUnderstood();
    }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return error.message;
  }
}

class NotUnderstood extends Error {
  constructor(message = `This is not understood. Write one of: ${FORMS.join(' | ')}`) {
    super(message);
  }
}

function readCure(sentence: string): Cure {
  const [after, chance = '1'] = only(sentence, /^restart heals after (\S+)(?: with chance (\d(?:\.\d+)?))?$/);
  if (Number(chance) > 1) throw new NotUnderstood(`A chance is a number from 0 to 1, not ${chance}.`);
  return { after: duration(after), chance: Number(chance) };
}

function readHappening(sentence: string, line: number): Happening {
  const [start, subject = '', rest = ''] = only(sentence, /^at (\S+) (\S+) (.+)$/);
  const at = start === '0' ? 0 : duration(start);
  if (subject === 'network') return { type: 'network', at, line, lasts: duration(only(rest, /^down for (\S+)$/)[0]) };
  if (subject === 'gateway') {
    const [word, lasts] = only(rest, /^(\S+) for (\S+)$/);
    return { type: 'gateway', at, line, cause: word === 'down' ? 'refused' : cause(word), lasts: duration(lasts) };
  }
  const who = readSubject(subject);
  const flapping = /^flaps every (\S+) until (\S+)$/.exec(rest);
  if (flapping !== null) {
    return { type: 'flap', at, line, who, period: duration(flapping[1]), until: duration(flapping[2]) };
  }
  const [word, lasts] = only(rest, /^(\S+)(?: for (\S+))?$/);
  return { type: 'become', at, line, who, cause: cause(word), lasts: lasts === undefined ? null : duration(lasts) };
}

function readSubject(word: string): Subject {
  if (word === 'all' || word === 'any') return { type: word };
  const share = /^(\d{1,3})%$/.exec(word)?.[1];
  return share === undefined ? { type: 'one', name: word } : { type: 'share', share: Math.min(1, Number(share) / 100) };
}

function only(text: string, form: RegExp): readonly (string | undefined)[] {
  const match = form.exec(text);
  if (match === null) throw new NotUnderstood();
  return match.slice(1);
}

function duration(text = ''): DurationMs {
  const length = parseDuration(text);
  if (length === null || length === 0)
    throw new NotUnderstood(`${text} is no duration. Write it like 90s, 5m or 1h30m.`);
  return length;
}

/** Some causes come from the watchdog alone; a gateway cannot give them. */
function cause(text = ''): Cause {
  const ours = text === 'stuck_connecting' || text === 'own_network' || text === 'stalled' || text === 'aborted';
  if (!isCause(text) || ours) {
    const known = 'connected, disconnected, connecting, timeout, refused, server_error, unauthorized, pairing_required';
    throw new NotUnderstood(`${text} is no cause that a gateway can give. Some that are: ${known}.`);
  }
  return text;
}

function endOf(happening: Happening): DurationMs {
  switch (happening.type) {
    case 'flap':
      return happening.until;
    case 'become':
    case 'gateway':
    case 'network':
      return happening.at + (happening.lasts ?? 0);
  }
}
