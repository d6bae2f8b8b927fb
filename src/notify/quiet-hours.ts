import type { QuietHours } from '../core/notification.ts';
import { DAY, MINUTE, type DurationMs, type EpochMs } from '../core/time.ts';

/** Minutes after midnight in a zone. */
function minuteOfDay(wall: EpochMs, timezone: string | null): number {
  const zone = timezone === null ? {} : { timeZone: timezone };
  const format = new Intl.DateTimeFormat('en', { ...zone, hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });
  const parts = new Map(format.formatToParts(wall).map(({ type, value }) => [type, Number(value)]));
  return (parts.get('hour') ?? 0) * 60 + (parts.get('minute') ?? 0);
}

/**
 * How long the quiet hours still last when the wall clock shows `wall`; null: it is none. On a day on which clocks are
 * changed it may be an hour off, so look again when it is over.
 */
export function quietFor({ from, to }: QuietHours, timezone: string | null, wall: EpochMs): DurationMs | null {
  const minute = minuteOfDay(wall, timezone);
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return null;
  return ((to - minute) * MINUTE - (wall % MINUTE) + DAY) % DAY || DAY;
}
