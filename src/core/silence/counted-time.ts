import type { ParsedCron } from '../schedule/cron.ts';
import { HOUR, type DurationMs, type EpochMs } from '../time.ts';

/** A time that opens whenever a cron expression fires, and stays open for `duration`. */
export interface Opening {
  readonly cron: ParsedCron;
  readonly duration: DurationMs;
}

/** When a cron expression fires next after a time; null: never. */
export type NextFire = (cron: ParsedCron, after: EpochMs) => EpochMs | null;

/** Which time counts. */
export interface CountedHours {
  /** Each time at which it fires opens one hour that counts; null: all time counts. */
  readonly during: ParsedCron | null;
  /** While one of these is open, no time counts. */
  readonly except: readonly Opening[];
}

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Longer looks are cut off: an expression that fires each second would be followed for hours. */
const MOST_OPENINGS = 2_000;

/** How much of the time between two times on the wall counts. Where there is doubt, it does not count. */
export function countedTime(span: Span, { during, except }: CountedHours, nextFire: NextFire): DurationMs {
  const hours = during === null ? [span] : openSpans(span, { cron: during, duration: HOUR }, nextFire).spans;
  let counting: readonly Span[] = hours;
  for (const opening of except) {
    const { spans, seenTo } = openSpans(span, opening, nextFire);
    counting = without(counting, seenTo < span.to ? [...spans, { from: seenTo, to: span.to }] : spans);
  }
  return counting.reduce((sum, { from, to }) => sum + (to - from), 0);
}

/** The spans of time in which it is open, ascending and apart, and up to when that is known. */
function openSpans(
  { from, to }: Span,
  { cron, duration }: Opening,
  nextFire: NextFire,
): { readonly spans: readonly Span[]; readonly seenTo: EpochMs } {
  const spans: Span[] = [];
  let after = from - duration;
  for (let count = 0; count < MOST_OPENINGS; count += 1) {
    const fire = nextFire(cron, after);
    if (fire === null || fire >= to) return { spans, seenTo: to };
    const last = spans.at(-1);
    const end = Math.min(fire + duration, to);
    if (last !== undefined && fire <= last.to) spans.splice(-1, 1, { from: last.from, to: end });
    else spans.push({ from: Math.max(fire, from), to: end });
    after = fire;
  }
  return { spans, seenTo: Math.max(from, after) };
}

function without(spans: readonly Span[], taken: readonly Span[]): readonly Span[] {
  return taken.reduce<readonly Span[]>(
    (left, { from, to }) =>
      left.flatMap((span) =>
        [
          { from: span.from, to: Math.min(span.to, from) },
          { from: Math.max(span.from, to), to: span.to },
        ].filter((part) => part.from < part.to),
      ),
    spans,
  );
}
