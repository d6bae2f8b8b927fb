import { SECOND } from '../../src/core/time.ts';
import { EMPTY, type Bucket } from '../../src/history/bucket.ts';
import { Calendar } from '../../src/history/calendar.ts';
import { NO_HISTORY, pastOf, record, type Past } from '../../src/history/instance-history.ts';

export const START = Date.parse('2026-11-29T10:00:00Z');

/** The hour before START, in which the instance was this. */
export function pastHour(seen: Partial<Bucket>): Past {
  const to = START / SECOND;
  const utc = new Calendar('UTC');
  return pastOf(record(NO_HISTORY, { ...EMPTY, ...seen }, { from: to - 3_600, to, left: false }, utc), utc);
}

/** No incidents. */
export async function* never(): AsyncGenerator<never> {
  yield* await Promise.resolve([]);
}
