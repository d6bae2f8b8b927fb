import type { Logger } from 'pino';
import { isColorSupported } from 'pino-pretty';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { Masks } from '../redaction/masks.ts';
import { EventBus } from './event-bus.ts';
import type { OwnRemedies } from './log/event-line.ts';
import { createLogger, logEvents, type LogDestination, type LogOptions } from './log/log.ts';
import { LogOutput } from './log/log-output.ts';
import { standardOutput } from './log/standard-output.ts';
import { Metrics, type MetricsParts } from './metrics/metrics.ts';
import { RecentEvents } from './recent-events.ts';

export interface TelemetryParts extends Omit<MetricsParts, 'events'> {
  readonly log: Pick<LogOptions, 'level' | 'format'>;
  /** Where log lines go; null: to standard output. */
  readonly logTo: LogDestination | null;
  /** Of everything that must never be shown. */
  readonly masks: Masks;
  /** What gateways say by themselves of what a person can do. */
  readonly ownRemedy?: OwnRemedies;
}

/** The bus that every part reports to, and what listens to it. */
export interface Telemetry {
  readonly log: Logger;
  readonly events: EventBus;
  readonly metrics: Metrics;
  readonly recent: RecentEvents;
  /** Resolves when the lines so far are written, or when their reader does not take them in time. */
  readonly flushLog: () => Promise<void>;
}

/** A reader that takes nothing must not keep the process from ending. */
const LONGEST_FLUSH: DurationMs = 2 * SECOND;

/** Connects log, metrics and the list of recent events to one bus. */
export function startTelemetry({ log: options, logTo, masks, ...parts }: TelemetryParts): Telemetry {
  const destination = logTo ?? new LogOutput({ clock: parts.clock, file: standardOutput(), onDropped, onWritable });
  const log = createLogger({ ...options, destination, colorize: logTo === null && isColorSupported, masks });
  const events = new EventBus((error) =>
    log.error({ err: error }, 'a listener of events failed; the others received the event'),
  );
  const metrics = new Metrics({ ...parts, events });
  logEvents(events, log, parts.ownRemedy);
  return {
    log,
    events,
    metrics,
    recent: new RecentEvents(events, masks, parts.ownRemedy),
    flushLog: async () => destination.flush?.(LONGEST_FLUSH),
  };

  function onDropped(lines: number): void {
    metrics.eventDropped('log', lines);
  }

  function onWritable(lines: number, reason: string): void {
    log.warn({ event: 'log_lines_lost', lines, reason }, `${lines} lines of this log were lost: ${reason}`);
  }
}
