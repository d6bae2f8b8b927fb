import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DurationMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';

/** The shortest time of a timer: the loop looks at the network in between. */
const TURN: DurationMs = 1;

/**
 * Lets one request begin in each turn of the event loop, in the order in which they came. What a crowd of clients sends at
 * once then never delays probes and health checks by more than one of these requests.
 *
 * @returns runs `begin` now, or when its turn has come: a function of its own for each request, which returns whether it began.
 * Of a client that has left, it takes no turn
 */
export function inTurns(clock: Pick<Clock, 'after'>): (begin: () => boolean) => void {
  /** In their order. A list would move all of its entries for each that leaves, and a crowd is long. */
  const waiting = new Set<() => boolean>();
  let taken = false;
  const beginNext = (): void => {
    taken = false;
    for (const begin of waiting) {
      waiting.delete(begin);
      if (!begin()) continue;
      taken = true;
      clock.after(TURN, beginNext);
      return;
    }
  };
  return (begin) => {
    waiting.add(begin);
    if (!taken) beginNext();
  };
}

/**
 * Whether its client went away while it waited. A call that came whole is carried out; what came of a body would else be taken
 * for all of it, and nobody reads the answer to a question.
 */
export function isForNobody(
  { method, complete, destroyed }: Pick<IncomingMessage, 'method' | 'complete' | 'destroyed'>,
  response: Pick<ServerResponse, 'destroyed'>,
): boolean {
  if (!complete) return destroyed;
  return response.destroyed && (method === 'GET' || method === 'HEAD');
}
