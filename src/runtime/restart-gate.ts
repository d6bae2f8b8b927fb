import { MINUTE, type EpochMs } from '../core/time.ts';
import type { Clock } from './clock.ts';

export interface RestartLimits {
  readonly concurrentRestarts: number;
  readonly restartsPerMinute: number;
}

/** How many restarts one account may have in flight, and begin within any minute. */
export class RestartGate {
  private readonly clock: Clock;
  private readonly limits: RestartLimits;
  private inFlight = 0;
  private begun: EpochMs[] = [];

  constructor(clock: Clock, limits: RestartLimits) {
    this.clock = clock;
    this.limits = limits;
  }

  /** Whether another restart would exceed a limit now. */
  get full(): boolean {
    const from = this.clock.now() - MINUTE;
    this.begun = this.begun.filter((at) => at > from);
    return this.inFlight >= this.limits.concurrentRestarts || this.begun.length >= this.limits.restartsPerMinute;
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
