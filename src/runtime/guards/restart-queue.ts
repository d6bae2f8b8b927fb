import type { EpochMs } from '../../core/time.ts';
import { DueQueue, type Due } from '../../collections/due-queue.ts';
import type { Instance } from '../fleet/fleet.ts';

interface Ticket extends Due {
  readonly instance: Instance;
}

/**
 * The instances of one account that would be restarted at once if there were room, the oldest outage first. Whoever
 * is at the front when room appears is called: it is probed again, and restarted only if it is still sick. A call
 * keeps its place free until that probe has spoken, and one that does not answer with a restart makes way for the
 * next, so nobody blocks the line and nobody starves in it.
 */
export class RestartQueue {
  private readonly line = new DueQueue<Ticket>();
  private readonly tickets = new Map<Instance, Ticket>();
  private readonly called = new Set<Instance>();

  /** How many wait and have not been called. */
  get waiting(): number {
    return this.line.size;
  }

  /** How many have been called and have not answered yet. */
  get expected(): number {
    return this.called.size;
  }

  isCalled(instance: Instance): boolean {
    return this.called.has(instance);
  }

  /** Puts an instance into the line at the age of its outage; one that stands in it already stays where it is. */
  join(instance: Instance, since: EpochMs): void {
    this.called.delete(instance);
    if (this.tickets.has(instance)) return;
    const ticket: Ticket = { instance: instance, dueAt: since, queueIndex: -1 };
    this.tickets.set(instance, ticket);
    this.line.put(ticket, since);
  }

  /** Takes an instance out, wherever it stands. */
  leave(instance: Instance): void {
    this.called.delete(instance);
    const ticket = this.tickets.get(instance);
    if (ticket === undefined) return;
    this.tickets.delete(instance);
    this.line.remove(ticket);
  }

  /** Calls the one at the front; undefined: nobody waits. */
  call(): Instance | undefined {
    const first = this.line.peek();
    if (first === undefined) return undefined;
    this.leave(first.instance);
    this.called.add(first.instance);
    return first.instance;
  }
}
