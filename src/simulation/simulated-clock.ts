import { DueQueue, type Due } from '../collections/due-queue.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from '../time/clock.ts';
import type { Chance } from './chance.ts';

/** The timers of one moment. They fire in the order in which they were set; null: it was cancelled. */
interface Moment extends Due {
  readonly timers: { callback: (() => void) | null }[];
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
  private readonly queue = new DueQueue<Moment>();
  private readonly moments = new Map<EpochMs, Moment>();
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
    const at = this.time + Math.max(0, Math.ceil(delay));
    const timer: Moment['timers'][number] = { callback };
    this.momentAt(at).timers.push(timer);
    return () => {
      timer.callback = null;
    };
  }

  /** Advances the time, firing timers in order. */
  async run(duration: DurationMs): Promise<void> {
    const end = this.time + duration;
    await turn();
    for (let moment = this.queue.peek(); moment !== undefined && moment.dueAt <= end; moment = this.queue.peek()) {
      const callback = this.takeFirst(moment);
      if (callback === null) continue;
      this.time = Math.max(this.time, moment.dueAt);
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

  private momentAt(at: EpochMs): Moment {
    const known = this.moments.get(at);
    if (known !== undefined) return known;
    const moment: Moment = { dueAt: at, queueIndex: -1, timers: [] };
    this.moments.set(at, moment);
    this.queue.put(moment, at);
    return moment;
  }

  private takeFirst(moment: Moment): (() => void) | null {
    const callback = moment.timers.shift()?.callback ?? null;
    if (moment.timers.length === 0) {
      this.queue.remove(moment);
      this.moments.delete(moment.dueAt);
    }
    return callback;
  }
}

/** A turn of the event loop: everything that waits only for promises has run after it, and some I/O may have. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * To settle where nothing waits for I/O: ticks come when no promise has anything left to do. A day has half a million
 * timers, so leaving out the turns of the event loop between them saves half of the time.
 */
export function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
