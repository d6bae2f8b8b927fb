import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config.ts';

/** Keys that a reload does not change: what was made of them is in use until the process ends. */
const FIXED_KEYS: readonly { readonly key: string; readonly of: (config: Config) => unknown }[] = [
  { key: 'listen', of: ({ listen }) => listen },
  { key: 'log.format', of: ({ log }) => log.format },
  { key: 'state.path', of: ({ state }) => state.path },
  { key: 'state.url', of: ({ state }) => state.database },
  { key: 'cluster.replica', of: ({ cluster }) => cluster.replica },
  { key: 'cluster.leaseFor', of: ({ cluster }) => cluster.leaseFor },
  { key: 'heartbeat', of: ({ heartbeat }) => heartbeat },
];

/** The keys that have another value in `next` than in the running process: they wait for its restart. */
export function waitingForRestart(running: Config, next: Config): readonly string[] {
  return FIXED_KEYS.filter(({ of }) => !isDeepStrictEqual(of(running), of(next))).map(({ key }) => key);
}
