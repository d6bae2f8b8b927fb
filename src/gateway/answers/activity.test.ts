import { expect, it } from 'vitest';
import { compileActivity } from './activity.ts';
import type { Answer } from './answer.ts';

const answerOf = (body: unknown): Answer =>
  ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }) as unknown as Answer;

it.each<[unknown, number | null]>([
  [1_700_000_000, 1_700_000_000_000],
  [1_700_000_000_500, 1_700_000_000_500],
  ['1700000000', 1_700_000_000_000],
  ['2026-11-29T10:00:00Z', Date.parse('2026-11-29T10:00:00Z')],
  ...['', 'never', '2026', 0, -5, null, true, {}, [1], Number.MAX_VALUE * 2].map((value): [unknown, number | null] => [
    value,
    value === '2026' ? 2_026_000 : null,
  ]),
])('what an answer says of the last message, %j, is %s', (value, at) => {
  const lastIn = compileActivity({ activityAt: 'data.last' });
  expect(lastIn(answerOf({ data: { last: value } }))).toBe(at);
  expect(compileActivity({ activityAt: null })(answerOf({ data: { last: value } }))).toBeNull();
});
