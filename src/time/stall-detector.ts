import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from './clock.ts';

const BEAT: DurationMs = 200;
/** Work does not delay a timer by more than this; only a standstill of the process does. */
const TOLERANCE: DurationMs = 1_000;
/** The share of its deadline that a probe can lose without its verdict becoming a statement about this process. */
const SHARE_OF_DEADLINE = 0.5;
/** Shorter delays are no standstills for any deadline. */
const SHORTEST: DurationMs = 20;
/** Delays that are remembered. */
const MOST_REMEMBERED = 32;

interface Stall {
  readonly at: EpochMs;
  /** How late the beat was. */
  readonly late: DurationMs;
}

/**
 * Notices that this process stood still: stopped, suspended, or busy with something else for seconds. A probe that
 * spans such a gap says more about us than about the gateway. A step of the wall clock against the monotonic one looks
 * like a suspended machine and is treated as one: it costs a round of probes, not a wrong restart.
 */
export class StallDetector {
  private readonly clock: Clock;
  private lastBeat: EpochMs;
  private drift: DurationMs;
  /** Oldest first. One that was longer replaces those before it, so each is shorter than the one before. */
  private stalls: readonly Stall[] = [];
  private cancelTimer: Cancel | null = null;
  private readonly onBeat: (late: DurationMs) => void;

  /** @param onBeat gets, several times per second, how late the event loop ran its timer */
  constructor(clock: Clock, onBeat: (late: DurationMs) => void = () => undefined) {
    this.clock = clock;
    this.onBeat = onBeat;
    this.lastBeat = clock.now();
    this.drift = clock.wall() - clock.now();
  }

  start(): void {
    const beganAt = this.clock.now();
    this.lastBeat = beganAt;
    this.cancelTimer = this.clock.after(BEAT, () => {
      this.onBeat(Math.max(0, this.clock.now() - beganAt - BEAT));
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.cancelTimer?.();
  }

  /**
   * Whether the process stood still at any time since `at`, for longer than a call with this deadline can bear: a second, or
   * half of the deadline if that is less.
   */
  stalledSince(at: EpochMs, deadline: DurationMs = Number.POSITIVE_INFINITY): boolean {
    this.look();
    if (this.stalls.length === 0) return false;
    const tolerance = Math.min(TOLERANCE, deadline * SHARE_OF_DEADLINE);
    return this.stalls.some((stall) => stall.at >= at && stall.late > tolerance);
  }

  /** Called at each query too: after a stall, an overdue deadline may run before our own timer. */
  look(): void {
    const now = this.clock.now();
    const drift = this.clock.wall() - now;
    const late = now - this.lastBeat - BEAT;
    const drifted = Math.abs(drift - this.drift) > TOLERANCE;
    if (drifted || late >= SHORTEST) this.remember({ at: now, late: drifted ? Number.POSITIVE_INFINITY : late });
    // A shorter delay may still be going on, and is then seen again, longer.
    if (late > TOLERANCE) this.lastBeat = now;
    this.drift = drift;
  }

  private remember(stall: Stall): void {
    const longer = this.stalls.filter(({ late }) => late > stall.late);
    this.stalls = [...longer.slice(1 - MOST_REMEMBERED), stall];
  }
}
