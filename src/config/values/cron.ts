import { validateDetailed, type CronFieldError } from 'node-cron';
import { canFire, type ParsedCron } from '../../core/schedule/cron.ts';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../../core/time.ts';
import { looksSecret } from '../../redaction/looks-secret.ts';

/** Either the expression, parsed, or why it is none and what to do about it. */
export type CronReading = { readonly cron: ParsedCron } | { readonly mistake: string; readonly remedy: string };

/** The fields of a six-field expression, each with the number of its values. */
const FIELDS = Object.entries({ second: 60, minute: 60, hour: 24, 'day of month': 31, month: 12, 'day of week': 7 });

const SYNTAX_REMEDY = 'Write five or six fields, such as "*/30 * * * * *" (every 30 seconds) or "0 3 * * 1-5".';
const NEVER_FIRES: CronReading = { mistake: 'never fires: no year has such a day', remedy: 'Name days that exist.' };

/**
 * Parses a cron expression of five fields, six (seconds first), or a nickname such as `@hourly`, in the grammar of
 * node-cron 4.6. Besides what node-cron refuses, this refuses a step larger than its field, which node-cron takes for
 * the field's first value (`*` + `/90` seconds would fire once a minute), days counted back from the end of the month
 * (`L-3`), and an expression that never fires. `timezone` must have passed isTimezone.
 */
export function parseCron(expression: string, timezone: string): CronReading {
  const text = expression.trim();
  const tooLarge = oversizedStep(text);
  if (tooLarge !== null) return { mistake: tooLarge, remedy: 'Use "every" with a duration for such a step.' };
  if (/\bL-\d/i.test(text)) {
    return { mistake: 'days counted back from the end of a month are not supported', remedy: 'Use L or a number.' };
  }
  const { fields, errors } = validateDetailed(text);
  if (fields === undefined) return readingOf(errors[0]);
  const cron: ParsedCron = {
    expression: text,
    timezone,
    seconds: ascending(fields.second),
    minutes: ascending(fields.minute),
    hours: ascending(fields.hour),
    daysOfMonth: ascending(fields.dayOfMonth),
    months: ascending(fields.month),
    daysOfWeek: ascending(fields.dayOfWeek),
  };
  return canFire(cron) ? { cron } : NEVER_FIRES;
}

function readingOf(error: CronFieldError | undefined): CronReading {
  if (error === undefined) return { mistake: 'is not a cron expression', remedy: SYNTAX_REMEDY };
  // node-cron refuses a day that exists in some months, but in none of those named, as an error of the day.
  const day = error.field === 'dayOfMonth' ? Number(error.value) : Number.NaN;
  if (Number.isInteger(day) && day >= 1 && day <= 31) return NEVER_FIRES;
  const reason = error.message.replace('a invalid', 'an invalid');
  const mistake = 'is not a cron expression';
  // The reason repeats a field, which may be a token at the wrong key.
  return { mistake: looksSecret(reason) ? mistake : `${mistake}: ${reason}`, remedy: SYNTAX_REMEDY };
}

function oversizedStep(text: string): string | null {
  const fields = text.split(/\s+/);
  const offset = FIELDS.length - fields.length;
  for (const [index, field] of fields.entries()) {
    const [name = '', size = Infinity] = FIELDS[index + offset] ?? [];
    for (const part of field.split(',')) {
      const step = /\/(\d+)$/.exec(part)?.[1];
      if (step !== undefined && Number(step) > size)
        return `has the step /${step}, larger than its field, ${name} (${size})`;
    }
  }
  return null;
}

function ascending<T extends number | string>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0));
}

/** Whether this machine knows the IANA time zone, e.g. `UTC` or `America/Sao_Paulo`. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The shortest time between two firings, as if every day were a firing day; it is never longer than the true one. Clock
 * changes are ignored.
 */
export function shortestGap(cron: ParsedCron): DurationMs {
  const wheels: readonly (readonly [values: readonly number[], unit: DurationMs])[] = [
    [cron.seconds, SECOND],
    [cron.minutes, MINUTE],
    [cron.hours, HOUR],
    [[0, 1], DAY],
  ];
  let gap = Number.POSITIVE_INFINITY;
  let span = 0;
  for (const [values, unit] of wheels) {
    gap = Math.min(gap, closest(values) * unit - span);
    span += ((values.at(-1) ?? 0) - (values[0] ?? 0)) * unit;
  }
  return gap;
}

/** The least difference between neighbours of an ascending list; infinite for a single value. */
function closest(values: readonly number[]): number {
  const gaps = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  return Math.min(...gaps);
}
