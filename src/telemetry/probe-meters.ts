import { Counter, Histogram, type Registry } from 'prom-client';
import type { AboutInstance, ProbeFinished } from '../core/event.ts';
import { CAUSES, VERDICTS, verdictOf, type Cause } from '../core/verdict.ts';

/** Dense around what a gateway usually takes, and up to beyond the usual timeout of 10 s. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From one tick of the clock, over what a loaded process shows, to what means that it cannot keep up. */
const LATENESS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The series of one account, looked up once: probes are the only events that come by the thousand per second. */
interface AccountMeters {
  readonly seconds: Histogram.Internal<'account'>;
  readonly probes: Map<Cause, Counter.Internal>;
}

/** Counts probes and measures how long and how late they were. */
export class ProbeMeters {
  private readonly probes: Counter<'account' | 'verdict' | 'cause'>;
  private readonly seconds: Histogram<'account'>;
  private readonly lateness: Histogram;
  private readonly accounts = new Map<string, AccountMeters>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.probes = new Counter({
      name: 'watchdog_probes_total',
      help: 'Probes by what they found out.',
      labelNames: ['account', 'verdict', 'cause'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'watchdog_probe_duration_seconds',
      help: 'How long probes took.',
      labelNames: ['account'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.lateness = new Histogram({
      name: 'watchdog_probe_lateness_seconds',
      help: 'How long after its due time a probe began, waiting for the rate limit of its account included.',
      buckets: LATENESS_BUCKETS,
      registers,
    });
  }

  observe({ account, cause, seconds, latenessSeconds }: AboutInstance & ProbeFinished): void {
    const meters = this.ofAccount(account);
    let probes = meters.probes.get(cause);
    if (probes === undefined) {
      probes = this.probes.labels({ account, verdict: verdictOf(cause), cause });
      meters.probes.set(cause, probes);
    }
    probes.inc();
    meters.seconds.observe(seconds);
    this.lateness.observe(latenessSeconds);
  }

  /** Removes the series of an account that is watched no more. */
  forgetAccount(account: string): void {
    this.accounts.delete(account);
    this.seconds.remove({ account });
    for (const verdict of VERDICTS) {
      for (const cause of CAUSES[verdict]) this.probes.remove({ account, verdict, cause });
    }
  }

  private ofAccount(account: string): AccountMeters {
    let meters = this.accounts.get(account);
    if (meters === undefined) {
      meters = { seconds: this.seconds.labels({ account }), probes: new Map() };
      this.accounts.set(account, meters);
    }
    return meters;
  }
}
