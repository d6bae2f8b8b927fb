import { expect, it } from 'vitest';
import { fakePeers, peerOf } from '../../../test/http/fake-peers.ts';
import { PeerFeeds } from './peer-feeds.ts';

/** Streams of other replicas whose text the test writes. */
function world(...names: readonly string[]) {
  const open = new Map<string, { write: (text: string) => void; end: () => void; path: string; signal: AbortSignal }>();
  const alive = new Set(names);
  const peers = fakePeers({
    list: () => [...alive].map((replica) => peerOf(replica)),
    stream: (peer, path, signal, write) =>
      new Promise<void>((end) => open.set(peer.replica, { write, end, path, signal })),
  });
  const passed: [string, boolean][] = [];
  let [changes, renewals] = [0, 0];
  const feeds = new PeerFeeds(peers, null, {
    pass: (text, isProbe) => void passed.push([text, isProbe]),
    statusChanged: () => void (changes += 1),
    partRenewed: () => void (renewals += 1),
  });
  return { open, alive, feeds, passed, changes: () => changes, renewals: () => renewals };
}

it('streams of other replicas are read once each, and end when their replica is gone', () => {
  const { open, alive, feeds } = world('a', 'b');
  feeds.follow();
  const { signal = null } = open.get('a') ?? {};
  feeds.follow();
  expect([...open.keys()]).toEqual(['a', 'b']);
  expect(open.get('a')?.path).toBe('/api/v1/events?probes=true');
  alive.delete('a');
  feeds.follow();
  expect([signal?.aborted, open.get('b')?.signal.aborted]).toEqual([true, false]);
  feeds.stop();
  expect(open.get('b')?.signal.aborted).toBe(true);
});

it('messages are passed on whole, without their ids, and hellos are not', () => {
  const { open, feeds, passed } = world('a');
  feeds.follow();
  const { write } = open.get('a')!;
  write('event: hello\ndata: {}\n\nid: 7\nevent: event\nda');
  expect(passed).toEqual([]);
  write('ta: {"x":1}\n\nevent: probes\ndata: {"probes":[]}\n\n');
  expect(passed).toEqual([
    ['event: event\ndata: {"x":1}\n\n', false],
    ['event: probes\ndata: {"probes":[]}\n\n', true],
  ]);
});

it('each hello renews the part of its replica', () => {
  const { open, feeds, renewals } = world('a', 'b');
  feeds.follow();
  open.get('a')!.write('event: hello\ndata: {"generation":"a-1"}\n\nevent: probes\ndata: {}\n\n');
  open.get('b')!.write('event: hello\ndata: {"generation":"b-1"}\n\nevent: hello\ndata: {"generation":"b-2"}\n\n');
  expect(renewals()).toBe(3);
});

it('a replica without a good status is missing', () => {
  const { open, feeds, changes } = world('a');
  feeds.follow();
  open.get('a')!.write('event: status\ndata: {"version":1}\n\nevent: status\ndata: no JSON\n\n');
  expect([feeds.missing, feeds.statuses, changes()]).toEqual([['a'], [], 0]);
});

it('a message without an end is given up', () => {
  const { open, feeds } = world('a');
  feeds.follow();
  const { write, signal } = open.get('a')!;
  for (let parts = 0; parts < 9; parts += 1) write('x'.repeat(1024 * 1024));
  expect(signal.aborted).toBe(true);
});
