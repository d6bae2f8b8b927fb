import type { RequestLimits } from '../../core/settings.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Cancel, Clock } from '../../time/clock.ts';

/** Share of a second that may go out at once; the gateway's own limiter answers a larger burst with 429. */
const BURST_SECONDS = 0.1;

type Go = (item: unknown) => void;

/**
 * Calls that wait, first come, first served. Two lists, because an object for each of tens of thousands that wait would
 * grow old before it is collected.
 */
class Line {
  private goes: Go[] = [];
  private items: unknown[] = [];
  private next = 0;

  get length(): number {
    return this.goes.length - this.next;
  }

  push(go: Go, item: unknown): void {
    this.goes.push(go);
    this.items.push(item);
  }

  /** Lets the first one go. There is one. */
  advance(): void {
    const { goes, items, next } = this;
    const item = items[next];
    this.next += 1;
    // Cutting the front off only when it is half of the list keeps taking from it O(1).
    if (this.next * 2 > goes.length) {
      this.goes = goes.slice(this.next);
      this.items = items.slice(this.next);
      this.next = 0;
    }
    goes[next]?.(item);
  }
}

/**
 * Limits the calls of one account: at most `concurrency` in flight and `requestsPerSecond` begun per second. A call
 * that cannot go at once is queued, first come, first served; restarts go before probes. Each instance is queued at
 * most once for either, which bounds the queue.
 */
export class RequestLimiter {
  private readonly clock: Clock;
  private limits: RequestLimits;
  private urgent = new Line();
  private waiting = new Line();
  private inFlight = 0;
  private tokens: number;
  private refilledAt: EpochMs;
  private cancelTimer: Cancel | null = null;

  constructor(clock: Clock, limits: RequestLimits) {
    this.clock = clock;
    this.limits = limits;
    this.tokens = this.capacity;
    this.refilledAt = clock.now();
  }

  get queued(): number {
    return this.urgent.length + this.waiting.length;
  }

  /** How many calls go at once after a rest. */
  get atOnce(): number {
    return Math.floor(Math.min(this.capacity, this.limits.concurrency));
  }

  /** Calls `go` when there is capacity, perhaps before returning. The caller must `leave` afterwards. */
  enter(go: () => void, urgent = false): void {
    (urgent ? this.urgent : this.waiting).push(go, undefined);
    this.advance();
  }

  /** The same for very many: `go` is one function for all of them, and gets which of them goes. */
  enterAs<Item>(item: Item, go: (item: Item) => void): void {
    this.waiting.push(go as Go, item);
    this.advance();
  }

  /** Adopts the limits of `other`; queued calls and calls in flight stay. */
  adoptLimits(other: RequestLimiter): void {
    this.limits = other.limits;
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.advance();
  }

  /** @param further requests that the call took beyond its own; they are made up for before the next call begins */
  leave(further = 0): void {
    this.inFlight -= 1;
    this.tokens -= further;
    this.advance();
  }

  /** Drops every queued call; calls in flight still `leave`. */
  close(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.urgent = new Line();
    this.waiting = new Line();
  }

  private get capacity(): number {
    return Math.max(1, this.limits.requestsPerSecond * BURST_SECONDS);
  }

  private advance(): void {
    while (this.queued > 0 && this.inFlight < this.limits.concurrency) {
      const delay = this.delayOfNext();
      if (delay > 0) {
        this.cancelTimer ??= this.clock.after(delay, () => {
          this.cancelTimer = null;
          this.advance();
        });
        return;
      }
      this.tokens -= 1;
      this.inFlight += 1;
      (this.urgent.length > 0 ? this.urgent : this.waiting).advance();
    }
  }

  /** Milliseconds until one more call may begin, rounded up. */
  private delayOfNext(): DurationMs {
    const now = this.clock.now();
    const earned = ((now - this.refilledAt) / SECOND) * this.limits.requestsPerSecond;
    this.tokens = Math.min(this.capacity, this.tokens + earned);
    this.refilledAt = now;
    return this.tokens >= 1 ? 0 : Math.ceil(((1 - this.tokens) / this.limits.requestsPerSecond) * SECOND);
  }
}
