import { describe, expect, it } from 'vitest';
import { MOST_LISTED, type ListResult } from '../../gateway/gateway.ts';
import { wholeList } from './whole-list.ts';

type Listed = Extract<ListResult, { type: 'listed' }>;

function page(pages: number, ...ids: readonly string[]): Listed {
  return { type: 'listed', instances: ids.map((id) => ({ id, token: null, cause: 'connected' })), unusable: 0, pages };
}

const FAILED: ListResult = { type: 'failed', cause: 'timeout', detail: null, retryAfter: null };

/** What comes of these pages, and which were requested. */
async function turned(...answers: readonly (ListResult | null)[]) {
  const requested: number[] = [];
  const result = await wholeList((number) => {
    requested.push(number);
    return Promise.resolve(answers[number - 1] ?? null);
  });
  return { result, requested };
}

describe('the pages of a list', () => {
  it('are turned one after the other, and make one list', async () => {
    const { result, requested } = await turned(page(3, 'a', 'b'), page(3, 'c', 'd'), { ...page(3, 'e'), unusable: 2 });
    expect(requested).toEqual([1, 2, 3]);
    expect(result).toMatchObject({ type: 'listed', unusable: 2 });
    expect(result).not.toHaveProperty('pages');
    expect(result?.type === 'listed' && result.instances.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('are one where the list says nothing of pages', async () => {
    const { instances, unusable } = page(1, 'a');
    const { result, requested } = await turned({ type: 'listed', instances, unusable });
    expect([requested, result]).toEqual([[1], { type: 'listed', instances, unusable }]);
  });

  it('fail as a whole when one fails, because what is missing would look gone', async () => {
    const { result, requested } = await turned(page(3, 'a'), FAILED, page(3, 'c'));
    expect([requested, result]).toEqual([[1, 2], { ...FAILED, detail: 'page 2 of 3: failed' }]);
  });

  it('fail where the gateway shows the same again and again', async () => {
    const { result } = await turned(page(2, 'a', 'b'), page(2, 'a', 'b'));
    expect(result).toMatchObject({
      ...{ type: 'failed', cause: 'unknown_state' },
      detail: 'page 2 of 2 holds no instance that is not on one before it',
    });
  });

  it('go on past one of which no instance can be made', async () => {
    const { result } = await turned(page(3, 'a'), { ...page(3), unusable: 2 }, page(3, 'b'));
    expect(result).toMatchObject({ type: 'listed', instances: [{ id: 'a' }, { id: 'b' }], unusable: 2 });
  });

  it('bring at most as many instances as one list may have, and count the rest', async () => {
    const many = (from: number) => Array.from({ length: MOST_LISTED - 1 }, (_, index) => `n${from + index}`);
    const { result } = await turned(page(2, ...many(0)), page(2, ...many(MOST_LISTED - 1)));
    expect(result).toMatchObject({ instances: { length: MOST_LISTED }, unusable: MOST_LISTED - 2 });
  });

  it('say nothing of the state of an instance that moved from one to the next', async () => {
    const { result } = await turned(page(2, 'a', 'b'), page(2, 'b', 'c'));
    expect(result).toMatchObject({
      instances: [
        { id: 'a', cause: 'connected' },
        { id: 'b', cause: null },
        { id: 'c', cause: 'connected' },
      ],
    });
  });

  it('end when they are no longer wanted', async () => {
    expect(await turned(page(3, 'a'), null)).toEqual({ requested: [1, 2], result: null });
  });
});
