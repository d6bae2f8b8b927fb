import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../time.ts';

const GRAMMAR = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNITS = [
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
] as const;

/** A hundred years of 365 days: long enough to mean "never", short enough to be added to a time without loss. */
export const LONGEST_DURATION: DurationMs = 36_500 * DAY;

/**
 * `500ms`, `30s`, `5m`, `1h30m`, `7d` in milliseconds: whole numbers with the units d, h, m, s, ms, each at most once
 * and in this order, without blanks or sign. Null for anything else and for more than LONGEST_DURATION; zero (`0s`)
 * is a duration, so a caller that needs a positive one must check.
 */
export function parseDuration(text: string): DurationMs | null {
  const match = text === '' ? null : GRAMMAR.exec(text);
  if (match === null) return null;
  const total = UNITS.reduce((sum, [, length], index) => sum + Number(match[index + 1] ?? 0) * length, 0);
  return total <= LONGEST_DURATION ? total : null;
}

/** The shortest text that parseDuration reads back as `duration`, which is rounded to whole milliseconds, 0 or more. */
export function formatDuration(duration: DurationMs): string {
  let rest = Math.max(0, Math.round(duration));
  let text = '';
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
