import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DurationMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';

/** The shortest time of a timer: the loop looks at the network in between. */
const TURN: DurationMs = 1;

/**
 * Lets one request begin in each turn of the event loop, in the order in which they came. What a crowd of clients sends at
 * once then never delays probes and health checks by more than one of these requests.
 */
export class Turns {
  private readonly clock: Pick<Clock, 'after'>;
  /** In their order. A list would move all of its entries for each that leaves, and a crowd is long. */
  private readonly waiting = new Set<() => boolean>();
  private taken = false;

  constructor(clock: Pick<Clock, 'after'>) {
    this.clock = clock;
  }

  /**
   * Runs `begin` now, or when its turn has come.
   *
   * @param begin a function of its own for each request; returns whether it began: of a client that has left, it takes no turn
   */
  run(begin: () => boolean): void {
    this.waiting.add(begin);
    if (!this.taken) this.beginNext();
  }

  private readonly beginNext = (): void => {
    this.taken = false;
    for (const begin of this.waiting) {
      this.waiting.delete(begin);
      if (!begin()) continue;
      this.taken = true;
      this.clock.after(TURN, this.beginNext);
      return;
    }
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
