import { SECOND, type DurationMs } from '../core/time.ts';
import type { GatewayHealth, HealthRoute } from '../gateway/gateway.ts';
import type { Cancel, Clock } from './clock.ts';

const EVERY: DurationMs = 30 * SECOND;
/** After a first failure the route is asked again soon, so that one lost packet is not an outage. */
const AGAIN: DurationMs = 5 * SECOND;
const TIMEOUT: DurationMs = 10 * SECOND;
const FAILURES = 2;

/**
 * Asks a gateway's own health route. It is believed only once it has been seen to answer well: whether a gateway has
 * such a route is often a guess, and a guess must not hold restarts.
 */
export class HealthWatch {
  private readonly clock: Clock;
  private readonly route: () => HealthRoute | undefined;
  private readonly onChange: () => void;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;
  private known: HealthRoute | undefined;
  private seenUp = false;
  private failures = 0;

  constructor(clock: Clock, route: () => HealthRoute | undefined, onChange: () => void) {
    this.clock = clock;
    this.route = route;
    this.onChange = onChange;
  }

  /** Whether the route, which used to answer well, says that the gateway is down. */
  get down(): boolean {
    return this.seenUp && this.failures >= FAILURES;
  }

  start(): void {
    void this.ask();
  }

  stop(): void {
    this.cancelTimer?.();
    this.controller.abort();
  }

  private async ask(): Promise<void> {
    const before = this.down;
    this.know(this.route());
    const health = (await this.known?.health(TIMEOUT, this.controller.signal)) ?? 'unknown';
    if (this.controller.signal.aborted) return;
    this.hear(health);
    if (this.down !== before) this.onChange();
    const wait = this.failures > 0 && this.failures < FAILURES ? AGAIN : EVERY;
    this.cancelTimer = this.clock.after(wait, () => {
      void this.ask();
    });
  }

  /** Another route, after a reload, must show anew that it can be believed. */
  private know(route: HealthRoute | undefined): void {
    if (route === this.known) return;
    this.known = route;
    this.seenUp = false;
    this.failures = 0;
  }

  private hear(health: GatewayHealth): void {
    if (health === 'up') this.seenUp = true;
    this.failures = health === 'down' ? this.failures + 1 : 0;
  }
}
