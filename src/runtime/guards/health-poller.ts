import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { GatewayHealth, HealthRoute } from '../../gateway/gateway.ts';
import type { Cancel, Clock } from '../../time/clock.ts';

const EVERY: DurationMs = 30 * SECOND;
/** After a first failure the route is asked again soon, so that one lost packet is not an outage. */
const AGAIN: DurationMs = 5 * SECOND;
const TIMEOUT: DurationMs = 10 * SECOND;
const FAILURES = 2;

export interface HealthPollerParts {
  readonly clock: Clock;
  readonly route: () => HealthRoute | undefined;
  /** Whether a failure of a call that began at `since` may say something about the gateway, and not about us. */
  readonly mayBlame: (since: EpochMs) => Promise<boolean>;
  readonly onChange: () => void;
}

/**
 * Asks a gateway's own health route. It is believed only once it has been seen to answer well: whether a gateway has
 * such a route is often a guess, and a guess must not hold restarts.
 */
export class HealthPoller {
  private readonly parts: HealthPollerParts;
  private readonly controller = new AbortController();
  private cancelTimer: Cancel | null = null;
  private known: HealthRoute | undefined;
  private seenUp = false;
  private failures = 0;

  constructor(parts: HealthPollerParts) {
    this.parts = parts;
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
    const { clock, route, mayBlame, onChange } = this.parts;
    const before = this.down;
    const since = clock.now();
    this.know(route());
    const health = (await this.known?.health(TIMEOUT, this.controller.signal)) ?? 'unknown';
    const counts = health !== 'down' || (await mayBlame(since));
    if (this.controller.signal.aborted) return;
    this.hear(counts ? health : 'unknown');
    if (this.down !== before) onChange();
    const wait = this.failures > 0 && this.failures < FAILURES ? AGAIN : EVERY;
    this.cancelTimer = clock.after(wait, () => {
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
