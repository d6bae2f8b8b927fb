import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fakePeers, jsonAnswer, peerOf } from '../../../test/http/fake-peers.ts';
import { PHASES } from '../../core/instance/instance.ts';
import type { StatusView } from '../views/schemas.ts';
import { changingOwner, joinedPage, joinedStatus, partsOf } from './joined.ts';
import { PeerError, type PeerAnswer } from './peers.ts';

/** Replicas of which each answers with this. */
function peersWith(answers: Readonly<Record<string, () => Promise<PeerAnswer>>>) {
  const calls: unknown[] = [];
  const peers = fakePeers({
    list: () => Object.keys(answers).map((replica) => peerOf(replica)),
    call: (peer, request) => {
      calls.push({ replica: peer.replica, ...request });
      return answers[peer.replica]?.() ?? Promise.reject(new PeerError('unknown', false));
    },
  });
  return { peers, calls };
}

const answered =
  (body: string, status = 200) =>
  (): Promise<PeerAnswer> =>
    jsonAnswer(body, status);

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

  it('counts what two of them watch for a while only once', () => {
    const one = { ...page(['a', 'b']), accounts: { x: 1, y: 1 } };
    const two = { ...page(['b', 'c']), accounts: { y: 1, z: 1 } };
    expect(joinedPage([one, two], 10, placeOf)).toEqual({ ...page(['a', 'b', 'c']), nextCursor: null });
  });

  it('counts what an older version does not count by account', () => {
    const { total } = joinedPage([{ ...page(['a']), accounts: { x: 1 } }, page(['b', 'c'])], 10, placeOf);
    expect(total).toBe(3);
  });
});

describe('accounts whose owner is changing', () => {
  const owners: Readonly<Record<string, string | null>> = { x: 'self', y: 'two', z: null };
  const peers = fakePeers({
    accounts: () => Object.keys(owners),
    ownerOf(account) {
      const owner = owners[account] ?? null;
      return owner === null || owner === 'self' ? owner : peerOf(owner);
    },
  });
  const changing = (parts: readonly (readonly string[] | undefined)[], silent: readonly string[] = []) =>
    changingOwner(
      peers,
      parts,
      silent.map((replica) => ({ replica, reason: 'no answer' })),
    );

  it('are those that nobody watches', () => {
    expect(changing([['x'], ['y', 'z']])).toEqual([]);
    expect(changing([['x'], ['y']])).toEqual(['z']);
  });

  it('are also those that their owner does not watch yet', () => {
    expect(changing([[], ['z']])).toEqual(['x', 'y']);
  });

  it('are not those of a replica that gives no answer: that says so', () => {
    expect(changing([['x', 'z']], ['two'])).toEqual([]);
  });

  it('are not known where an older version does not say what it watches', () => {
    expect(changing([['x'], undefined])).toEqual([]);
  });
});

describe('the status of several replicas', () => {
  const healthy = (count: number) => ({
    ...Object.fromEntries(PHASES.map((phase) => [phase, 0])),
    healthy: count,
  });
  /** Of a replica that watches these accounts, each with two instances. */
  const status = (...accounts: string[]): StatusView => {
    const count = 2 * accounts.length;
    const part: Partial<Record<keyof StatusView, unknown>> = {
      instances: { total: count, disabled: 0, byPhase: healthy(count) },
      accounts: accounts.map((name) => ({ name, instances: 2, byPhase: healthy(2) })),
      ...{ ownNetwork: { up: true }, remedyTexts: {}, troubles: [], stateTrouble: null, durable: true, unsaved: 0 },
    };
    return part as StatusView;
  };
  const peers = fakePeers({ accounts: () => ['x', 'y', 'z'] });

  it('counts what two of them watch for a while only once, and names what none of them does', () => {
    const { instances, accounts, changing } = joinedStatus(status('x', 'y'), [status('y')], [], peers);
    expect(instances).toEqual({ total: 4, disabled: 0, byPhase: healthy(4) });
    expect(accounts.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(changing).toEqual(['z']);
  });
});
