import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cancel, Clock } from './clock.ts';

const BEAT: DurationMs = 200;
/** Work does not delay a timer by more than this; only a standstill of the process does. */
const TOLERANCE: DurationMs = 1_000;

/**
 * Notices that this process stood still: stopped, suspended, or busy with something else for seconds. A probe that
 * spans such a gap says more about us than about the gateway. A step of the wall clock against the monotonic one looks
 * like a suspended machine and is treated as one: it costs a round of probes, not a wrong restart.
 */
export class StallDetector {
  private readonly clock: Clock;
  private lastBeat: EpochMs;
  private drift: DurationMs;
  private lastStallAt: EpochMs = Number.NEGATIVE_INFINITY;
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
    this.cancelTimer = null;
  }

  /** Whether the process stood still at any time since `at`. */
  stalledSince(at: EpochMs): boolean {
    this.look();
    return this.lastStallAt >= at;
  }

  /** Called at each query too: after a stall, an overdue deadline may run before our own timer. */
  look(): void {
    const now = this.clock.now();
    const drift = this.clock.wall() - now;
    const stood = now - this.lastBeat > BEAT + TOLERANCE;
    if (stood || Math.abs(drift - this.drift) > TOLERANCE) this.lastStallAt = now;
    if (stood) this.lastBeat = now;
    this.drift = drift;
  }
}
