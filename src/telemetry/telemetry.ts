import type { Logger } from 'pino';
import { EventBus } from './event-bus.ts';
import { createLogger, logEvents, type LogOptions } from './log/log.ts';
import { Metrics, type MetricsParts } from './metrics/metrics.ts';
import { RecentEvents } from './recent-events.ts';

export interface TelemetryParts extends Omit<MetricsParts, 'events'> {
  readonly log: Omit<LogOptions, 'secrets' | 'onDropped'>;
  /** Everything that must never be printed; read for each line. */
  readonly secrets: () => readonly string[];
}

/** The bus that every part reports to, and what listens to it. */
export interface Telemetry {
  readonly log: Logger;
  readonly events: EventBus;
  readonly metrics: Metrics;
  readonly recent: RecentEvents;
}

/** Connects log, metrics and the list of recent events to one bus. */
export function startTelemetry({ log: options, secrets, ...parts }: TelemetryParts): Telemetry {
  const log = createLogger({ ...options, secrets, onDropped: () => metrics.eventDropped('log') });
  const events = new EventBus((error) =>
    log.error({ err: error }, 'a listener of events failed; the others received the event'),
  );
  const metrics = new Metrics({ ...parts, events });
  logEvents(events, log);
  return { log, events, metrics, recent: new RecentEvents(events) };
}
