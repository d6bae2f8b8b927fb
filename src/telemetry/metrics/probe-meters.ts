import type { AboutAccount, AboutInstance, ListFinished, ProbeFinished } from '../../core/event.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import { label, metricHead, sampleName } from './exposition.ts';
import { Histogram } from './histogram.ts';

/** Dense around what a gateway usually takes, and up to beyond the usual timeout of 10 s. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From one tick of the clock, over delays of a loaded process, to those of one that cannot keep up. */
const LATENESS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface AccountMeters {
  readonly seconds: Histogram;
  readonly probes: Map<Cause, number>;
}

/**
 * Counts probes and measures how long and how late they were. Only probes come by the thousand per second, so these metrics are kept as plain numbers, and become text at a scrape.
 */
export class ProbeMeters {
  private readonly lateness = new Histogram(LATENESS_BUCKETS);
  private readonly accounts = new Map<string, AccountMeters>();

  observe({ account, cause, seconds, latenessSeconds }: AboutInstance & ProbeFinished): void {
    const meters = this.ofAccount(account);
    meters.probes.set(cause, (meters.probes.get(cause) ?? 0) + 1);
    meters.seconds.observe(seconds);
    this.lateness.observe(latenessSeconds);
  }

  /** Each instance that a list confirms counts as probed; the request itself is one. */
  observeList({ account, causes, seconds, latenessSeconds }: AboutAccount & ListFinished): void {
    const meters = this.ofAccount(account);
    for (const cause of causes) meters.probes.set(cause, (meters.probes.get(cause) ?? 0) + 1);
    meters.seconds.observe(seconds);
    this.lateness.observe(latenessSeconds);
  }

  /** Removes the series of an account that is no longer watched. */
  forgetAccount(account: string): void {
    this.accounts.delete(account);
  }

  /** The exposition of all of them. */
  render(): string {
    const counter = 'watchdog_probes_total';
    const duration = 'watchdog_probe_duration_seconds';
    const lateness = 'watchdog_probe_lateness_seconds';
    let probes = metricHead(counter, 'Probes by what they found out.', 'counter');
    let durations = metricHead(duration, 'How long probes took.', 'histogram');
    for (const [name, meters] of this.accounts) {
      const account = label('account', name);
      for (const [cause, count] of meters.probes) {
        probes += `${sampleName(counter, `${account},verdict="${verdictOf(cause)}",cause="${cause}"`)} ${count}\n`;
      }
      durations += meters.seconds.lines(duration, account);
    }
    const help = 'How long after its due time a probe began, waiting for the rate limit of its account included.';
    return probes + durations + metricHead(lateness, help, 'histogram') + this.lateness.lines(lateness, '');
  }

  private ofAccount(account: string): AccountMeters {
    let meters = this.accounts.get(account);
    if (meters === undefined) {
      meters = { seconds: new Histogram(DURATION_BUCKETS), probes: new Map() };
      this.accounts.set(account, meters);
    }
    return meters;
  }
}
