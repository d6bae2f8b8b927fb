import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { joinedPage, partsOf } from './joined.ts';
import { PeerError, type PeerAnswer, type Peers } from './peers.ts';

const JSON_ANSWER = { status: 200, contentType: 'application/json' };

/** Replicas of which each answers with this. */
function peersWith(answers: Readonly<Record<string, () => Promise<PeerAnswer>>>) {
  const calls: unknown[] = [];
  const peers: Pick<Peers, 'list' | 'call'> = {
    list: () => Object.keys(answers).map((replica) => ({ replica, advertise: 'http://x', sameConfig: true })),
    call: (peer, request) => {
      calls.push({ replica: peer.replica, ...request });
      return answers[peer.replica]?.() ?? Promise.reject(new PeerError('unknown', false));
    },
  };
  return { peers: peers as Peers, calls };
}

const answered =
  (body: string, status = 200) =>
  (): Promise<PeerAnswer> =>
    Promise.resolve({ ...JSON_ANSWER, status, body });

describe('the parts of other replicas', () => {
  it('are requested once each, with a deadline; what is no good is missing, and says why', async () => {
    const { peers, calls } = peersWith({
      good: answered('{"n":1}'),
      gone: () => Promise.reject(new PeerError('ECONNREFUSED at http://x', false)),
      sick: answered('{}', 500),
      odd: answered('{"n":"one"}'),
      broken: answered('<html>'),
    });
    const { parts, missing } = await partsOf(peers, '/path?a=b', z.object({ n: z.int() }));
    expect(parts).toEqual([{ n: 1 }]);
    expect(Object.fromEntries(missing.map(({ replica, reason }) => [replica, reason]))).toEqual({
      gone: 'ECONNREFUSED at http://x',
      sick: 'it answered HTTP 500',
      odd: 'its answer cannot be understood',
      broken: 'its answer cannot be understood',
    });
    expect(calls).toHaveLength(5);
    expect(calls[0]).toMatchObject({ method: 'GET', path: '/path?a=b', body: null, timeout: 5_000 });
  });
});

describe('a page of several replicas', () => {
  const page = (names: readonly string[], nextCursor: string | null = null) => ({
    instances: names.map((name) => ({ name })),
    total: names.length,
    nextCursor,
  });
  const placeOf = (name: string): number | null => (name === 'new' ? null : name.charCodeAt(0));

  it('is in the order of the config, with what only another one knows at the end', () => {
    const joined = joinedPage([page(['b', 'new']), page(['a', 'c'])], 10, placeOf);
    expect(joined).toEqual({ ...page(['a', 'b', 'c', 'new']), nextCursor: null });
  });

  it.each([
    { what: 'more than fit', pages: [page(['a', 'c']), page(['b'])], limit: 2, last: 'b' },
    { what: 'more at one of them', pages: [page(['a']), page(['b'], 'more')], limit: 2, last: 'b' },
    { what: 'no more', pages: [page(['a']), page(['b'])], limit: 2, last: null },
    { what: 'nothing', pages: [page([]), page([])], limit: 2, last: null },
  ])('leads on after the last one shown when there is $what', ({ pages, limit, last }) => {
    const { nextCursor } = joinedPage(pages, limit, placeOf);
    expect(nextCursor === null ? null : Buffer.from(nextCursor, 'base64url').toString()).toBe(last);
  });
});
