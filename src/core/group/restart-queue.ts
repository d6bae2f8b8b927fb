import type { EpochMs } from '../time.ts';
import { firstOf, sizeOf, valueOf, withEntry, withoutEntry, type SortedMap } from './sorted-map.ts';

/**
 * The instances of one group that would be restarted at once if there were capacity, the oldest outage first. The first
 * one is invited when capacity is free: it is probed again, and restarted only if it is still sick. An invitation
 * reserves its capacity until that probe has ended. One that does not end in a restart makes way for the next, so no
 * instance blocks the queue and none starves in it.
 */
export interface RestartQueue {
  /** Ranked by the beginning of the outage. */
  readonly waiting: SortedMap<null>;
  /** The rank of each waiting instance. */
  readonly ranks: SortedMap<EpochMs>;
  readonly invited: SortedMap<null>;
}

export const EMPTY_QUEUE: RestartQueue = { waiting: null, ranks: null, invited: null };

/** How many wait without an invitation. */
export function queueLength({ waiting }: RestartQueue): number {
  return sizeOf(waiting);
}

/** How many were invited and not probed since. */
export function invitations({ invited }: RestartQueue): number {
  return sizeOf(invited);
}

export function isInvited({ invited }: RestartQueue, key: string): boolean {
  return valueOf(invited, key) !== undefined;
}

/** The queue with an instance in it, ranked by the beginning of its outage; a waiting one keeps its place. */
export function queued(queue: RestartQueue, key: string, since: EpochMs): RestartQueue {
  const invited = withoutEntry(queue.invited, key);
  if (valueOf(queue.ranks, key) !== undefined) return { ...queue, invited };
  const waiting = withEntry(queue.waiting, key, null, since);
  return { invited, waiting, ranks: withEntry(queue.ranks, key, since) };
}

/** The queue without an instance, waiting or invited. */
export function unqueued(queue: RestartQueue, key: string): RestartQueue {
  const invited = withoutEntry(queue.invited, key);
  const rank = valueOf(queue.ranks, key);
  if (rank === undefined) return invited === queue.invited ? queue : { ...queue, invited };
  return { invited, waiting: withoutEntry(queue.waiting, key, rank), ranks: withoutEntry(queue.ranks, key) };
}

/** The queue after its first instance was invited, and that instance; null: none waits. */
export function invitedFirst(queue: RestartQueue): { readonly queue: RestartQueue; readonly key: string } | null {
  const first = firstOf(queue.waiting);
  if (first === null) return null;
  const { key } = first;
  const rest = unqueued(queue, key);
  return { key, queue: { ...rest, invited: withEntry(rest.invited, key, null) } };
}
