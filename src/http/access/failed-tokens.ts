import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';

/** Up to this many wrong tokens per minute are a mistake; more are guessing. */
const TOLERATED = 20;
const WINDOW: DurationMs = MINUTE;
/** At most this many are remembered; an attacker with more addresses is not stopped by counting them. */
const MOST_REMEMBERED = 10_000;

/** Counts wrong tokens by what they were shown for and where they come from, in windows of a minute. */
export class FailedTokens {
  private readonly now: () => EpochMs;
  private readonly failures = new Map<string, { count: number; readonly until: EpochMs }>();

  constructor(now: () => EpochMs) {
    this.now = now;
  }

  /** How long further ones are not looked at; 0: they are. */
  blockedFor(key: string): DurationMs {
    const found = this.failures.get(key);
    if (found === undefined || found.count < TOLERATED) return 0;
    return Math.max(0, found.until - this.now());
  }

  /** @returns how many there were in this window */
  add(key: string): number {
    const now = this.now();
    const found = this.failures.get(key);
    if (found !== undefined && now < found.until) {
      found.count += 1;
      return found.count;
    }
    // Deleted and set again, so that the map stays in the order of the windows, oldest first.
    this.failures.delete(key);
    this.failures.set(key, { count: 1, until: now + WINDOW });
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_REMEMBERED && oldest !== undefined) this.failures.delete(oldest);
    return 1;
  }
}
