import Table from 'cli-table3';
import pc from 'picocolors';
import { cleanText, shortened } from '../redaction/clean-text.ts';
import type { Environment } from '../config/syntax/environment.ts';
import type { Clock } from '../time/clock.ts';

/** Colours and styles; where nobody looks at the output, each returns its text as it is. */
export type Paint = ReturnType<typeof pc.createColors>;

/** Everything that a command uses of the world. */
export interface Terminal {
  readonly clock: Clock;
  readonly env: Environment;
  /** Aborts when the user or the system stops the program. */
  readonly stop: AbortSignal;
  /** Calls `listener` from now on at each request of the system to read the config again (SIGHUP). */
  readonly onHangup: (listener: () => void) => void;
  /** Whether the output is a terminal that may be drawn over. */
  readonly interactive: boolean;
  readonly paint: Paint;
  /** Whether errors and progress are shown on such a terminal. */
  readonly progress: boolean;
  /** How large the terminal of the output is now; null: it is none. */
  readonly size: () => { readonly rows: number; readonly columns: number } | null;
  /**
   * Asks the person at the terminal for a line, and resolves with it; null: the person has ended the input. `hidden`: what is
   * typed does not appear. Null where nobody can be asked.
   */
  readonly ask: ((question: string, hidden: boolean) => Promise<string | null>) | null;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** 0: good; 1: the work failed or an instance is not healthy; 2: wrong usage or bad config. */
export type ExitCode = 0 | 1 | 2;

/** The user wants something impossible; the message has the remedy. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The work could not be done; the message has reason and remedy. Ends with exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * Colours for a terminal, and for what asks for them by `FORCE_COLOR`; `NO_COLOR` (no-color.org) refuses them. That a program
 * of CI reads the output is no reason to colour it, as picocolors would by itself: what reads it may look for words.
 */
export function paintFor(env: Environment, isTerminal: boolean): Paint {
  const { NO_COLOR: refused = '', FORCE_COLOR: forced = '', TERM: kind = '' } = env;
  return pc.createColors(refused === '' && (forced !== '' ? forced !== '0' : isTerminal && kind !== 'dumb'));
}

/** Nothing is drawn between cells; only a gap is left between columns. */
const PARTS =
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid';
const NO_LINES = { ...Object.fromEntries(PARTS.split(' ').map((part) => [part, ''])), middle: '  ' };

/** A plain table, one line per row, columns as wide as they must be. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: [...head],
  });
  table.push(...rows.map((row) => row.map(cleanText)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .concat('\n');
}

/** What takes two columns: signs of East Asia, and pictures. */
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u{3000}-\u{303e}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}]/u;
const SEEN_ALONE = /\P{Mark}/u;
const graphemes = new Intl.Segmenter();

/** The first `columns` of a line that is clean; the last one shows whether something is missing. */
export function withinColumns(line: string, columns: number): string {
  if (/^[\x20-\x7e]*$/.test(line)) return shortened(line, columns);
  let [taken, width, fits] = ['', 0, ''];
  for (const { segment } of graphemes.segment(line)) {
    width += WIDE.test(segment) ? 2 : SEEN_ALONE.test(segment) ? 1 : 0;
    if (width > columns) return columns <= 0 ? '' : `${fits}…`;
    taken += segment;
    if (width < columns) fits = taken;
  }
  return taken;
}

/** A value as JSON that no terminal takes for anything else: what cannot be seen stands there as an escape. */
export function printableJson(value: unknown, indent?: number): string {
  const hidden = /[\u{7f}-\u{9f}\p{Cf}\p{Default_Ignorable_Code_Point}\u{2028}\u{2029}]/gu;
  return JSON.stringify(value, null, indent).replace(hidden, (character) =>
    Array.from({ length: character.length }, (_, at) => escapeOf(character.charCodeAt(at))).join(''),
  );
}

function escapeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
