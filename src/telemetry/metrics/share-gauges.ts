import { Counter, Gauge, type Registry } from 'prom-client';
import type { Shares } from '../../core/shares.ts';
import { SECOND } from '../../core/time.ts';

/** The metrics of a replica, read at each scrape. */
export function shareGauges(shares: () => Shares, registers: Registry[]): void {
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
