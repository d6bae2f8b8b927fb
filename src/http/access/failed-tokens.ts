import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';

/** Up to this many wrong tokens per minute are a mistake; more are guessing. */
const TOLERATED = 20;
const WINDOW: DurationMs = MINUTE;
/** At most this many addresses are remembered; an attacker with more is not stopped by counting addresses. */
const MOST_ADDRESSES = 10_000;

/** Counts wrong tokens by the address they come from, in windows of a minute. */
export class FailedTokens {
  private readonly now: () => EpochMs;
  private readonly failures = new Map<string, { count: number; readonly until: EpochMs }>();

  constructor(now: () => EpochMs) {
    this.now = now;
  }

  /** How long this address is blocked; 0: it is not. */
  blockedFor(address: string): DurationMs {
    const found = this.failures.get(address);
    if (found === undefined || found.count < TOLERATED) return 0;
    return Math.max(0, found.until - this.now());
  }

  add(address: string): void {
    const now = this.now();
    const found = this.failures.get(address);
    if (found !== undefined && now < found.until) {
      found.count += 1;
      return;
    }
    // Deleted and set again, so that the map stays in the order of the windows, oldest first.
    this.failures.delete(address);
    this.failures.set(address, { count: 1, until: now + WINDOW });
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_ADDRESSES && oldest !== undefined) this.failures.delete(oldest);
  }
}
