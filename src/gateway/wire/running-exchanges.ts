import type { EpochMs } from '../../core/time.ts';
import type { Cancel, Clock } from '../../time/clock.ts';
import { IntrusiveSet, type Slotted } from '../../collections/intrusive-set.ts';

/** A call that can be ended from outside. Ending it again does nothing. */
interface Endable extends Slotted {
  /** When its time is up. */
  readonly deadline: EpochMs;
  abort(): void;
  timeOut(): void;
}

interface Group {
  readonly members: IntrusiveSet<Endable>;
  readonly onAbort: () => void;
}

/**
 * The calls in flight, and what ends them from outside: their deadlines and their signals. A call that ends by itself, as
 * nearly all do, costs no timer and no listener of its own. One timer is set for the first deadline of the calls in
 * flight when it was set, and calls with the same signal share one listener.
 */
export class RunningExchanges {
  readonly #clock: Clock;
  readonly #groups = new Map<AbortSignal, Group>();
  /** Has a listener although no call is in flight, because the next call probably comes with the same signal. */
  #idle: AbortSignal | null = null;
  #cancelTimer: Cancel | null = null;
  #timerAt: EpochMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(signal: AbortSignal, exchange: Endable): void {
    const group = this.#groups.get(signal) ?? this.#listenTo(signal);
    group.members.add(exchange);
    if (exchange.deadline < this.#timerAt) this.#setTimer(exchange.deadline);
  }

  delete(signal: AbortSignal, exchange: Endable): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.members.delete(exchange) || group.members.size > 0) return;
    // A signal that outlives its calls and this object must not retain each other, so at most one is kept.
    if (this.#idle !== signal) this.#leave(this.#idle);
    this.#idle = signal;
  }

  /** Ends every call, and releases clock and signals. */
  close(): void {
    for (const { onAbort } of [...this.#groups.values()]) onAbort();
    this.#leave(this.#idle);
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #listenTo(signal: AbortSignal): Group {
    const members = new IntrusiveSet<Endable>();
    const onAbort = (): void => {
      for (const exchange of members) exchange.abort();
    };
    const group = { members, onAbort };
    signal.addEventListener('abort', onAbort);
    this.#groups.set(signal, group);
    return group;
  }

  #leave(signal: AbortSignal | null): void {
    const group = signal === null ? undefined : this.#groups.get(signal);
    if (signal === null || group === undefined || group.members.size > 0) return;
    signal.removeEventListener('abort', group.onAbort);
    this.#groups.delete(signal);
  }

  #setTimer(at: EpochMs): void {
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#cancelTimer = null;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#timeOutThoseWhoAreLate();
    });
  }

  #timeOutThoseWhoAreLate(): void {
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const { members } of [...this.#groups.values()]) {
      for (const exchange of members) {
        if (exchange.deadline <= now) exchange.timeOut();
        else if (exchange.deadline < next) next = exchange.deadline;
      }
    }
    if (next < this.#timerAt) this.#setTimer(next);
  }
}
