import { Counter, Histogram, type Registry } from 'prom-client';
import type { InstanceFleetEvent } from '../../core/event.ts';
import { HOLDS, OUTCOMES, type Phase } from '../../core/instance/instance.ts';
import { SECOND } from '../../core/time.ts';
import { InstanceCounter } from './instance-counter.ts';

/** From a gateway that only accepts the call, to three calls that each reach the default timeout of 30 s. */
const CALL_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
/** Around failureThreshold times retryEvery: 60 s with the defaults. */
const DETECTION_BUCKETS = [1, 2.5, 5, 10, 30, 60, 90, 120, 300, 600, 1800];
/** 5 s to 6 h: from a short interruption to a night without WhatsApp. */
const DOWNTIME_BUCKETS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600];

/** From these an instance becomes down by detection; from all others it only falls back. */
const BEFORE_DETECTION: ReadonlySet<Phase> = new Set<Phase>(['unknown', 'healthy', 'suspect', 'needs_human']);

/** Counts restarts, holds, healings and harm, and measures how long outages took to be found and to end. */
export class RestartMeters {
  private readonly restarts = new InstanceCounter(
    'watchdog_restarts_total',
    'Restart calls that ended, by trigger and outcome.',
  );
  private readonly heals = new InstanceCounter(
    'watchdog_heals_total',
    'Instances that probes saw healthy again after a restart.',
  );
  private readonly harmed = new InstanceCounter(
    'watchdog_restarts_harmed_total',
    'Restarts after which an instance needed a human, and did not before, by trigger.',
  );
  private readonly counters = [this.restarts, this.heals, this.harmed];
  private readonly calls: Histogram<'account' | 'outcome'>;
  private readonly held: Counter<'account' | 'hold'>;
  private readonly detection: Histogram;
  private readonly downtime: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.calls = new Histogram({
      name: 'watchdog_restart_duration_seconds',
      help: 'How long restart calls took, their repetitions included.',
      labelNames: ['account', 'outcome'],
      buckets: CALL_BUCKETS,
      registers,
    });
    this.held = new Counter({
      name: 'watchdog_restarts_held_total',
      help: 'Restarts that were due and held, once per due restart and hold.',
      labelNames: ['account', 'hold'],
      registers,
    });
    this.detection = new Histogram({
      name: 'watchdog_detection_seconds',
      help: 'Time from the first failing probe until the instance counted as down.',
      buckets: DETECTION_BUCKETS,
      registers,
    });
    this.downtime = new Histogram({
      name: 'watchdog_downtime_seconds',
      help: 'Time from the first failing probe until the instance was healed by a restart.',
      buckets: DOWNTIME_BUCKETS,
      registers,
    });
  }

  observe(event: InstanceFleetEvent): void {
    const { account } = event;
    switch (event.type) {
      case 'restart_finished': {
        const { intent, outcome, seconds } = event;
        this.restarts.add(event, `trigger="${intent.trigger}",outcome="${outcome}"`);
        if (seconds !== null) this.calls.observe({ account, outcome }, seconds);
        return;
      }
      case 'restart_held':
        this.held.inc({ account, hold: event.hold });
        return;
      case 'restart_harmed':
        this.harmed.add(event, `trigger="${event.trigger}"`);
        return;
      case 'healed':
        this.heals.add(event, '');
        if (event.downSeconds !== null) this.downtime.observe(event.downSeconds);
        return;
      case 'phase_changed': {
        const { from, to, failingSince, at } = event;
        if (to !== 'down' || !BEFORE_DETECTION.has(from) || failingSince === null) return;
        this.detection.observe((at - failingSince) / SECOND);
        return;
      }
      default:
        return;
    }
  }

  /** Removes the series of an instance that is no longer watched. */
  forget(name: string, account: string): void {
    for (const counter of this.counters) counter.forget(name, account);
  }

  /** The series of single instances; with `perInstance` false, those of accounts in their place. */
  *series(perInstance: boolean): Generator<string> {
    for (const counter of this.counters) yield* counter.series(perInstance);
  }

  /** Removes the series of an account that is no longer watched; its instances are forgotten one by one. */
  forgetAccount(account: string): void {
    for (const counter of this.counters) counter.forgetAccount(account);
    for (const outcome of OUTCOMES) this.calls.remove({ account, outcome });
    for (const hold of HOLDS) this.held.remove({ account, hold });
  }
}
