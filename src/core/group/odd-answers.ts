import type { Cause } from '../verdict.ts';
import { valueOf, withEntry, withoutEntry, type SortedMap } from './sorted-map.ts';

/** Answers that are about more than one instance, when several get them. */
const ODD = ['not_the_gateway', 'unauthorized', 'not_found'] as const;
type Odd = (typeof ODD)[number];

/** The instances whose last answer is odd. */
export interface OddAnswers {
  readonly last: SortedMap<Odd>;
  readonly count: Readonly<Record<Odd, number>>;
}

export const NOTHING_ODD: OddAnswers = { last: null, count: { not_the_gateway: 0, unauthorized: 0, not_found: 0 } };

/** The odd answers after one more answer; the same object when nothing has changed. Almost always nothing has. */
export function withAnswer(odd: OddAnswers, key: string, cause: Cause | null): OddAnswers {
  const answer = ODD.find((each) => each === cause);
  if (answer === undefined && odd.last === null) return odd;
  const before = valueOf(odd.last, key);
  if (before === answer) return odd;
  const count = { ...odd.count };
  if (before !== undefined) count[before] -= 1;
  if (answer === undefined) return { last: withoutEntry(odd.last, key), count };
  count[answer] += 1;
  return { last: withEntry(odd.last, key, answer), count };
}
