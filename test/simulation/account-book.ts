import { MINUTE, type EpochMs } from '../../src/core/time.ts';
import { DECISION_TO_CALL } from './ledger.ts';

export interface AccountLimits {
  readonly concurrentRestarts: number;
  readonly restartsPerMinute: number;
}

/** What the world knows about the restarts of one account. */
export class AccountBook {
  private limits: AccountLimits;
  /** Those before, under which a call that comes now may have been decided upon. */
  private before: { readonly until: EpochMs; readonly limits: AccountLimits } | null = null;
  private calls: EpochMs[] = [];
  /** Those of the calls that were forced, lately. */
  private forced: EpochMs[] = [];
  private inFlight = 0;

  constructor(limits: AccountLimits) {
    this.limits = limits;
  }

  /** @returns what there is too much of with this call; empty where the limits are kept */
  called(now: EpochMs, forced: boolean): readonly (readonly ['concurrency' | 'rate', string])[] {
    this.inFlight += 1;
    this.calls = [...this.calls.filter((at) => at > now - MINUTE + DECISION_TO_CALL), now];
    this.forced = this.forced.filter((at) => at > now - DECISION_TO_CALL);
    if (forced) {
      this.forced.push(now);
      return [];
    }
    // One that was decided upon just before somebody forced another may reach the gateway after it.
    const inFlight = this.inFlight - this.forced.length;
    const lately = this.calls.length - this.forced.length;
    const { concurrentRestarts, restartsPerMinute } = this.limitsAt(now);
    const breaches: ['concurrency' | 'rate', string][] = [];
    if (inFlight > concurrentRestarts) breaches.push(['concurrency', `${inFlight} in flight`]);
    if (lately > restartsPerMinute) breaches.push(['rate', `${lately} within a minute`]);
    return breaches;
  }

  ended(): void {
    this.inFlight = Math.max(0, this.inFlight - 1);
  }

  processStarted(): void {
    Object.assign(this, { calls: [], forced: [], inFlight: 0 });
  }

  limited(limits: AccountLimits, now: EpochMs): void {
    this.before = { until: now + DECISION_TO_CALL, limits: this.limits };
    this.limits = limits;
  }

  private limitsAt(now: EpochMs): AccountLimits {
    const { limits, before } = this;
    if (before === null || now > before.until) return limits;
    return {
      concurrentRestarts: Math.max(limits.concurrentRestarts, before.limits.concurrentRestarts),
      restartsPerMinute: Math.max(limits.restartsPerMinute, before.limits.restartsPerMinute),
    };
  }
}
