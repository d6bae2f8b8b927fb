import { describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { waitingForRestart } from './restart-only-keys.ts';

/** The keys that need a restart, and some beside them that do not. */
function config(word: string): Config {
  return {
    heartbeat: word,
    listen: word,
    log: { format: word },
    state: { path: word, database: { password: word }, keepRemoved: word },
    cluster: { replica: word, leaseFor: word, token: word, advertise: word },
  } as unknown as Config;
}

describe('the keys that wait for a restart', () => {
  it('are each named once, however many of them have changed', () => {
    const waiting = waitingForRestart(config('old'), config('new'));
    const ofCluster = ['cluster.leaseFor', 'cluster.replica'];
    const others = ['heartbeat', 'listen', 'log.format', 'state.path', 'state.url'];
    expect(waiting.toSorted()).toEqual([...ofCluster, ...others]);
  });

  it('are none when the config stays the same', () => {
    expect(waitingForRestart(config('old'), config('old'))).toEqual([]);
  });
});
