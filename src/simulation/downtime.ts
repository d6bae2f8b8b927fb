import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Clock } from '../time/clock.ts';

/** For how long each of several things was down. */
export class Downtime {
  private readonly clock: Clock;
  private readonly ended = new Map<string, DurationMs>();
  private readonly since = new Map<string, EpochMs>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  note(name: string, isDown: boolean): void {
    const since = this.since.get(name);
    if (isDown && since === undefined) this.since.set(name, this.clock.now());
    if (isDown || since === undefined) return;
    this.ended.set(name, this.of(name));
    this.since.delete(name);
  }

  /** In all, until now. */
  of(name: string): DurationMs {
    const since = this.since.get(name);
    return (this.ended.get(name) ?? 0) + (since === undefined ? 0 : this.clock.now() - since);
  }
}
