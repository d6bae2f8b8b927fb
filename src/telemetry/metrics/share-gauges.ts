import { Counter, Gauge, type Registry } from 'prom-client';
import { SECOND, type DurationMs } from '../../core/time.ts';

/** What this process owns of the accounts that it shares with others. */
export interface SharesShown {
  readonly owned: readonly string[];
  /** How many replicas live. */
  readonly replicas: number;
  /** How long the first of the owned accounts stays its own, at least; null: it owns none. */
  readonly leftFor: DurationMs | null;
  /** How many accounts it took over from replicas that were no longer heard of. */
  readonly takeovers: number;
}

/** The metrics of a replica, read at each scrape. */
export function shareGauges(shares: () => SharesShown, registers: Registry[]): void {
  new Gauge({
    name: 'watchdog_account_owner',
    help: 'Accounts that this replica owns, so that it alone restarts their instances; always 1.',
    labelNames: ['account'],
    registers,
    collect() {
      this.reset();
      for (const account of shares().owned) this.set({ account }, 1);
    },
  });
  new Gauge({
    name: 'watchdog_replicas',
    help: 'Replicas that share the accounts and live, this one included.',
    registers,
    collect() {
      this.set(shares().replicas);
    },
  });
  new Gauge({
    name: 'watchdog_lease_seconds_left',
    help: 'How long the accounts of this replica stay its own if it cannot renew; no restart call is made near the end.',
    registers,
    collect() {
      const { leftFor } = shares();
      if (leftFor === null) this.remove();
      else this.set(Math.max(0, leftFor) / SECOND);
    },
  });
  let counted = 0;
  new Counter({
    name: 'watchdog_takeovers_total',
    help: 'Accounts that this replica took over from others that were no longer heard of.',
    registers,
    collect() {
      const { takeovers } = shares();
      this.inc(takeovers - counted);
      counted = takeovers;
    },
  });
}
