import type { DurationMs } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';

/** The shortest time of a timer: the loop looks at the network in between. */
const TURN: DurationMs = 1;

/**
 * Lets one request begin in each turn of the event loop, in the order in which they came. What a crowd of clients sends at
 * once then never delays probes and health checks by more than one of these requests.
 */
export class Turns {
  private readonly clock: Pick<Clock, 'after'>;
  private readonly waiting: (() => void)[] = [];
  private taken = false;

  constructor(clock: Pick<Clock, 'after'>) {
    this.clock = clock;
  }

  /** Runs `begin` now, or when its turn has come. */
  run(begin: () => void): void {
    if (this.taken) {
      this.waiting.push(begin);
      return;
    }
    this.taken = true;
    this.clock.after(TURN, this.release);
    begin();
  }

  private readonly release = (): void => {
    const next = this.waiting.shift();
    this.taken = next !== undefined;
    if (next === undefined) return;
    this.clock.after(TURN, this.release);
    next();
  };
}
