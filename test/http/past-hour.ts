import { SECOND } from '../../src/core/time.ts';
import { EMPTY, type Bucket } from '../../src/history/bucket.ts';
import { NO_HISTORY, record, type InstanceHistory } from '../../src/history/instance-history.ts';

export const START = Date.parse('2026-11-29T10:00:00Z');

/** The hour before START, in which the instance was this. */
export function pastHour(seen: Partial<Bucket>): InstanceHistory {
  const to = START / SECOND;
  return record(NO_HISTORY, { ...EMPTY, ...seen }, { from: to - 3_600, to, left: false });
}

/** No incidents. */
export async function* never(): AsyncGenerator<never> {
  yield* await Promise.resolve([]);
}
