import type { z } from 'zod';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import { partsOf, type JoinedParts } from './joined.ts';
import type { Peer, Peers } from './peers.ts';

/** How long the answers of other replicas are shown again: badges and public pages are requested by many. */
const KEPT: DurationMs = 10 * SECOND;
/** Most requests whose answers are kept. */
const MOST_KEPT = 1_000;

/** What other replicas answered to requests that everybody may cause: each is sent at most once in ten seconds. */
export class KeptParts {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #peers: Peers;
  readonly #kept = new Map<string, { readonly at: EpochMs; readonly parts: Promise<unknown> }>();

  constructor(clock: Pick<Clock, 'now'>, peers: Peers) {
    this.#clock = clock;
    this.#peers = peers;
  }

  /** @param of those that are called; the same path must mean the same schema */
  parts<T>(path: string, schema: z.ZodType<T>, of = this.#peers.list()): Promise<JoinedParts<T>> {
    const now = this.#clock.now();
    const key = JSON.stringify([path, ...of.map(({ replica }: Peer) => replica)]);
    const known = this.#kept.get(key);
    if (known !== undefined && now - known.at < KEPT) return known.parts as Promise<JoinedParts<T>>;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    const parts = partsOf(this.#peers, path, schema, of);
    this.#kept.set(key, { at: now, parts });
    return parts;
  }
}
