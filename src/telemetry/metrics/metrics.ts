import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Shares } from '../../core/shares.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { ECHO_OUTCOMES, type EchoOutcome } from '../../core/silence/echo.ts';
import { WEBHOOK_RESULTS, type WebhookResult } from '../../core/webhook.ts';
import type { Clock } from '../../time/clock.ts';
import type { Fleet } from '../../runtime/fleet/fleet.ts';
import type { EventBus } from '../event-bus.ts';
import { accountGauges } from './account-gauges.ts';
import { EXPOSITION_TYPE, metricHead } from './exposition.ts';
import { Histogram } from './histogram.ts';
import { instanceSeries } from './instance-series.ts';
import { inChunks } from './in-chunks.ts';
import { ProbeMeters } from './probe-meters.ts';
import { RestartMeters } from './restart-meters.ts';
import { shareGauges } from './share-gauges.ts';

/** Delays of one timer; those below a few of its ticks do not matter. */
const LOOP_DELAY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/**
 * Gauges of prom-client for the same: they count the resolution of its timer as delay, are reset by the first scraper,
 * and wake the process a hundred times per second, even where it watches one instance.
 */
const LOOP_LAG = ['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map(
  (which) => `nodejs_eventloop_lag${which}_seconds`,
);
/** Its timer cannot be omitted, only set to the longest time that a timer takes, in milliseconds. */
const NEVER = 2 ** 31 - 1;
/** Gauges of prom-client that are named like counters. The same gauges without `_total` exist by type; their sum is the total. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export interface MetricsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  /** Read at each scrape, and not before the first. */
  readonly fleet: () => Fleet;
  /** Version of the product. */
  readonly version: string;
  /** What the guards see; read at each scrape. */
  readonly guards: () => { readonly networkUp: boolean };
  /** Whether there are series of single instances; read at each scrape. */
  readonly perInstance: () => boolean;
  /** Read at each scrape; undefined: this process shares nothing with others. */
  readonly shares?: (() => Shares) | undefined;
}

/**
 * Everything that Prometheus scrapes. Events are counted as they happen; where instances stand is read from the fleet
 * at each scrape, so that a probe costs no more than its count. The process starts with a good config.
 */
export class Metrics {
  readonly contentType = EXPOSITION_TYPE;
  private readonly parts: MetricsParts;
  private readonly registry = new Registry();
  private readonly probes = new ProbeMeters();
  private readonly loopDelay = new Histogram(LOOP_DELAY_BUCKETS);
  private readonly restarts = new RestartMeters(this.registry);
  private readonly reloadSuccessful = new Gauge({
    name: 'watchdog_config_last_reload_successful',
    help: 'Whether the configuration was good when it was last read.',
    registers: [this.registry],
  });
  private readonly reloadedAt = new Gauge({
    name: 'watchdog_config_last_reload_success_timestamp_seconds',
    help: 'When a good configuration was last read, in seconds since 1970.',
    registers: [this.registry],
  });
  private readonly dropped = new Counter({
    name: 'watchdog_events_dropped_total',
    help: 'Events that did not get through to a sink, such as lines of the log.',
    labelNames: ['sink'],
    registers: [this.registry],
  });
  private readonly heartbeats = new Counter({
    name: 'watchdog_heartbeats_total',
    help: 'Requests to the dead-man switch, by whether it received them.',
    labelNames: ['result'],
    registers: [this.registry],
  });
  private readonly webhooks = new Counter({
    name: 'watchdog_webhooks_total',
    help: 'Webhooks of gateways by what came of them; account is empty where it is not known.',
    labelNames: ['account', 'result'],
    registers: [this.registry],
  });
  private readonly echoes = new Counter({
    name: 'watchdog_echoes_total',
    help: 'Messages that instances had to send, by whether their webhook came back.',
    labelNames: ['account', 'outcome'],
    registers: [this.registry],
  });

  constructor(parts: MetricsParts) {
    this.parts = parts;
    const registers = [this.registry];
    const buildInfo = new Gauge({
      name: 'watchdog_build_info',
      help: 'Versions of the watchdog and of the Node.js that runs it; always 1.',
      labelNames: ['version', 'node_version'],
      registers,
    });
    buildInfo.set({ version: parts.version, node_version: process.version }, 1);
    // A series that begins above zero has no increase that an alert could see.
    this.dropped.inc({ sink: 'log' }, 0);
    for (const result of ['received', 'failed']) this.heartbeats.inc({ result }, 0);
    accountGauges(parts.fleet, registers);
    new Gauge({
      name: 'watchdog_own_network_up',
      help: 'Whether the network of the watchdog itself counts as up.',
      registers,
      collect() {
        this.set(parts.guards().networkUp ? 1 : 0);
      },
    });
    if (parts.shares !== undefined) shareGauges(parts.shares, registers);
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER });
    for (const name of [...LOOP_LAG, ...MISNAMED]) this.registry.removeSingleMetric(name);
    parts.events.subscribe((event) => {
      if (event.type === 'probe_finished') this.probes.observe(event);
      else if (event.type === 'list_finished') this.probes.observeList(event);
      else if ('name' in event) this.restarts.observe(event);
      else if (event.type === 'config_reloaded') this.configLoaded(event.at);
      else if (event.type === 'config_reload_failed') this.reloadSuccessful.set(0);
    });
    this.configLoaded(parts.clock.now());
  }

  /** The event loop reached a timer that measures it this late. */
  loopDelayed(late: DurationMs): void {
    this.loopDelay.observe(late / SECOND);
  }

  /** One event, or `count` of them, did not get through to `sink`. */
  eventDropped(sink: string, count = 1): void {
    this.dropped.inc({ sink }, count);
  }

  /** The webhook of a gateway was answered. */
  webhookEnded(account: string | null, result: WebhookResult): void {
    this.webhooks.inc({ account: account ?? '', result });
  }

  /** A message that an instance had to send came back, or did not. */
  echoEnded(account: string, outcome: EchoOutcome): void {
    this.echoes.inc({ account, outcome });
  }

  /** One request to the dead-man switch has ended. */
  heartbeatEnded(received: boolean): void {
    this.heartbeats.inc({ result: received ? 'received' : 'failed' });
  }

  /** Removes the counts of an instance that is no longer watched; its gauges disappear by themselves. */
  forget(name: string, account: string): void {
    this.restarts.forget(name, account);
  }

  /** Removes the counts of an account that is no longer watched. */
  forgetAccount(account: string): void {
    this.probes.forgetAccount(account);
    this.restarts.forgetAccount(account);
    for (const outcome of ECHO_OUTCOMES) this.echoes.remove({ account, outcome });
    for (const result of WEBHOOK_RESULTS) this.webhooks.remove({ account, result });
  }

  /**
   * The whole exposition, piece by piece.
   *
   * @param signal aborted when the reader has left; then it throws the signal's reason
   */
  async *render(signal: AbortSignal): AsyncGenerator<string> {
    const { clock, perInstance, fleet } = this.parts;
    const name = 'watchdog_event_loop_delay_seconds';
    const help = 'How late the event loop came to a timer, looked at five times per second: how long it was busy.';
    const delays = metricHead(name, help, 'histogram') + this.loopDelay.lines(name, '');
    yield (await this.registry.metrics()) + this.probes.render() + delays;
    yield* inChunks(this.seriesOf(fleet(), perInstance(), clock.now()), clock, signal, () => probesWait(fleet()));
  }

  private configLoaded(at: EpochMs): void {
    this.reloadSuccessful.set(1);
    this.reloadedAt.set(at / SECOND);
  }

  /** The series that grow with the fleet. */
  private *seriesOf(fleet: Fleet, perInstance: boolean, now: EpochMs): Generator<string> {
    yield* this.restarts.series(perInstance);
    yield* instanceSeries(fleet, perInstance, now);
  }
}

/** Whether due probes wait for those under way, so that handling answers is most urgent. */
function probesWait({ accounts }: Fleet): boolean {
  for (const { requests, shared } of accounts.values()) {
    if (requests.queued > 0 || (shared?.requests?.queued ?? 0) > 0) return true;
  }
  return false;
}
