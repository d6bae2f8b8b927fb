import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { Chance } from './chance.ts';

interface Timer {
  readonly at: EpochMs;
  /** Timers that are due at the same time fire in the order in which they were set. */
  readonly order: number;
  callback: (() => void) | null;
}

/** 2026-01-01T00:00:00Z: a round number of days, so that grids and schedules begin at zero. */
const START: EpochMs = 1_767_225_600_000;

/**
 * A clock that moves only by `advance` and lets everything that waits on promises run between two timers. Waiting costs
 * nothing; the length of a simulated day depends on its events.
 */
export class SimulatedClock implements Clock {
  /** Added to the wall clock only: a step. */
  step: DurationMs = 0;
  private time: EpochMs;
  /** A binary heap by time and order. Cancelled timers stay in it, without a callback, until their time. */
  private readonly heap: Timer[] = [];
  private order = 0;
  private readonly chance: Chance | null;
  private readonly settle: () => Promise<void>;

  /**
   * @param chance the source of `random()`; null: it is always one half
   * @param settle lets everything run that waits only for promises, between two timers
   */
  constructor(start: EpochMs = START, chance: Chance | null = null, settle = turn) {
    this.time = start;
    this.chance = chance;
    this.settle = settle;
  }

  now(): EpochMs {
    return this.time;
  }

  wall(): EpochMs {
    return this.time + this.step;
  }

  random(): number {
    return this.chance?.next() ?? 0.5;
  }

  after(delay: DurationMs, callback: () => void): Cancel {
    const timer: Timer = { at: this.time + Math.max(0, Math.ceil(delay)), order: this.order, callback };
    this.order += 1;
    this.push(timer);
    return () => {
      timer.callback = null;
    };
  }

  /** Advances the time, firing timers in order. */
  async run(duration: DurationMs): Promise<void> {
    const end = this.time + duration;
    await turn();
    for (let timer = this.takeDue(end); timer !== undefined; timer = this.takeDue(end)) {
      const { callback } = timer;
      if (callback === null) continue;
      timer.callback = null;
      this.time = Math.max(this.time, timer.at);
      callback();
      await this.settle();
    }
    this.time = end;
  }

  /** The process stands still: time passes, but no timer fires before it is over. */
  async stall(duration: DurationMs): Promise<void> {
    this.time += duration;
    await this.run(0);
  }

  private takeDue(end: EpochMs): Timer | undefined {
    const first = this.heap[0];
    if (first === undefined || first.at > end) return undefined;
    const last = this.heap.pop();
    if (last !== undefined && last !== first) this.sinkFromTop(last);
    return first;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = timer;
  }

  private sinkFromTop(timer: Timer): void {
    const { heap } = this;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const goRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = goRight ? right : left;
      if (child === undefined || isBefore(timer, child)) break;
      heap[index] = child;
      index = 2 * index + (goRight ? 2 : 1);
    }
    heap[index] = timer;
  }
}

/** A turn of the event loop: everything that waits only for promises has run after it, and some I/O may have. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
