import { describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { waitingForRestart } from './restart-only-keys.ts';

/** The keys that need a restart, and one beside them that does not. */
function config(word: string): Config {
  return {
    heartbeat: word,
    listen: word,
    log: { format: word },
    state: { path: word, database: { password: word }, keepRemoved: word },
    cluster: { replica: word },
  } as unknown as Config;
}

describe('the keys that wait for a restart', () => {
  it('are each named once, however many of them have changed', () => {
    const waiting = waitingForRestart(config('old'), config('new'));
    expect(waiting.toSorted()).toEqual(['cluster', 'heartbeat', 'listen', 'log.format', 'state.path', 'state.url']);
  });

  it('are none when the config stays the same', () => {
    expect(waitingForRestart(config('old'), config('old'))).toEqual([]);
  });
});
