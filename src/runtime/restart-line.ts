import type { EpochMs } from '../core/time.ts';
import { DueQueue, type Due } from './due-queue.ts';
import type { Watched } from './fleet.ts';

interface Ticket extends Due {
  readonly watched: Watched;
}

/**
 * The instances of one account that would be restarted at once if there were room, the oldest outage first. Whoever
 * is at the front when room appears is called: it is probed again, and restarted only if it is still sick. A call
 * keeps its place free until that probe has spoken, and one that does not answer with a restart makes way for the
 * next, so nobody blocks the line and nobody starves in it.
 */
export class RestartLine {
  private readonly line = new DueQueue<Ticket>();
  private readonly tickets = new Map<Watched, Ticket>();
  private readonly called = new Set<Watched>();

  /** How many wait and have not been called. */
  get waiting(): number {
    return this.line.size;
  }

  /** How many have been called and have not answered yet. */
  get expected(): number {
    return this.called.size;
  }

  isCalled(watched: Watched): boolean {
    return this.called.has(watched);
  }

  /** Puts an instance into the line at the age of its outage; one that stands in it already stays where it is. */
  join(watched: Watched, since: EpochMs): void {
    this.called.delete(watched);
    if (this.tickets.has(watched)) return;
    const ticket: Ticket = { watched, dueAt: since, queueIndex: -1 };
    this.tickets.set(watched, ticket);
    this.line.put(ticket, since);
  }

  /** Takes an instance out, wherever it stands. */
  leave(watched: Watched): void {
    this.called.delete(watched);
    const ticket = this.tickets.get(watched);
    if (ticket === undefined) return;
    this.tickets.delete(watched);
    this.line.remove(ticket);
  }

  /** Calls the one at the front; undefined: nobody waits. */
  call(): Watched | undefined {
    const first = this.line.peek();
    if (first === undefined) return undefined;
    this.leave(first.watched);
    this.called.add(first.watched);
    return first.watched;
  }
}
