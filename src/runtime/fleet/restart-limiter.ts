import type { RestartLimits } from '../../core/settings.ts';
import { MINUTE, type EpochMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';

/** How many restarts one account may have in flight, and begin within any minute. */
export class RestartLimiter {
  private readonly clock: Clock;
  private limits: RestartLimits;
  private inFlight = 0;
  private begun: EpochMs[] = [];

  constructor(clock: Clock, limits: RestartLimits) {
    this.clock = clock;
    this.limits = limits;
  }

  /** How many more restarts may begin now. */
  get free(): number {
    const from = this.clock.now() - MINUTE;
    const [oldest] = this.begun;
    if (oldest !== undefined && oldest <= from) this.begun = this.begun.filter((at) => at > from);
    const { concurrentRestarts, restartsPerMinute } = this.limits;
    return Math.max(0, Math.min(concurrentRestarts - this.inFlight, restartsPerMinute - this.begun.length));
  }

  /**
   * When the passing of the minute alone gives room for one more than `promised`; null: it already has, or something
   * else must happen first.
   */
  freesAt(promised: number): EpochMs | null {
    const blocking = this.begun[this.begun.length - (this.limits.restartsPerMinute - promised)];
    return blocking === undefined ? null : blocking + MINUTE;
  }

  /** From now on the limits of `other` hold; what was counted so far counts on. */
  adoptLimits(other: RestartLimiter): void {
    this.limits = other.limits;
  }

  /** Counts a restart that an earlier process began. */
  recall(at: EpochMs): void {
    this.begun.push(at);
    this.begun.sort((one, other) => one - other);
  }

  /** Counts a restart that was decided; forced ones count too, beyond the limits. */
  begin(): void {
    this.inFlight += 1;
    this.begun.push(this.clock.now());
  }

  end(): void {
    this.inFlight -= 1;
  }
}
