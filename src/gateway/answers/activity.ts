import { SECOND, type EpochMs } from '../../core/time.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseBody, type Answer } from './answer.ts';
import { keysOf, valueAt } from './places.ts';

/** Before this, a number counts seconds since 1970, and from then on milliseconds: the year 5138, and 1973. */
const FIRST_MILLISECONDS = 1e11;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Reads when the answer to a probe says that something last flowed through the instance, on the wall; null: it does not say. */
export function compileActivity({ activityAt }: Pick<Profile, 'activityAt'>): (answer: Answer) => EpochMs | null {
  if (activityAt === null) return () => null;
  const keys = keysOf(activityAt);
  return (answer) => {
    const body = parseBody(answer);
    return body.json ? timeIn(valueAt(body.value, keys)) : null;
  };
}

function timeIn(value: unknown): EpochMs | null {
  const isTime = typeof value === 'string' && ISO_DATE.test(value);
  const number = isTime ? Date.parse(value) : typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return null;
  return isTime || number >= FIRST_MILLISECONDS ? number : number * SECOND;
}
