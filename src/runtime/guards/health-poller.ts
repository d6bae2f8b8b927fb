import { SECOND, type DurationMs } from '../../core/time.ts';
import type { GatewayHealth, HealthRoute } from '../../gateway/gateway.ts';

const EVERY: DurationMs = 30 * SECOND;
/** After a first failure the route is called again soon, so that one lost packet is not an outage. */
const AGAIN: DurationMs = 5 * SECOND;
const TIMEOUT: DurationMs = 10 * SECOND;
const FAILURES = 2;

/**
 * Calls a gateway's own health route. A failure counts only after a good answer: often the route is a guess, and a
 * guess must not hold restarts.
 */
export class HealthPoller {
  private known: HealthRoute | undefined;
  private seenUp = false;
  private failures = 0;

  /** Whether the route, which used to answer well, reports that the gateway is down. */
  get down(): boolean {
    return this.seenUp && this.failures >= FAILURES;
  }

  /** How long to wait before the next call. */
  get wait(): DurationMs {
    return this.failures > 0 && this.failures < FAILURES ? AGAIN : EVERY;
  }

  /** Calls the route once. Another route, after a reload, counts only after a good answer of its own. */
  async poll(route: HealthRoute | undefined, signal: AbortSignal): Promise<GatewayHealth> {
    if (route !== this.known) {
      this.known = route;
      this.seenUp = false;
      this.failures = 0;
    }
    return (await route?.health(TIMEOUT, signal)) ?? 'unknown';
  }

  record(health: GatewayHealth): void {
    if (health === 'up') this.seenUp = true;
    this.failures = health === 'down' ? this.failures + 1 : 0;
  }
}
