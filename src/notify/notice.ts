import type { NotifyTopic } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import type { LineLevel } from '../telemetry/log/log-line.ts';

/** Where an incident stands with a notice; `happened`: it is about something that has no duration. */
export type IncidentStage = 'began' | 'lasts' | 'ended' | 'happened';

/** One piece of news, before it gets the format of a receiver. */
export interface Notice {
  /** Unique, and the same for every receiver and every attempt. */
  readonly id: string;
  readonly topic: NotifyTopic;
  readonly stage: IncidentStage;
  /** Which incident it belongs to; null: none. */
  readonly incident: string | null;
  readonly at: EpochMs;
  /** When the incident began; null where there is none. */
  readonly since: EpochMs | null;
  readonly level: LineLevel;
  /** The instance that it is about; null: it is about more than one. */
  readonly name: string | null;
  readonly account: string | null;
  /** Every account that it is about; none: it is about the watchdog itself. */
  readonly accounts: readonly string[];
  /** What the log says: a sentence or more, with the remedy. Parts of it may come from outside. */
  readonly text: string;
  /** Fields of the log line, for machines. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What is sent at once: one notice, or several of one topic and stage. */
export interface Message {
  /** The notices that are shown, oldest first; at least one. */
  readonly notices: readonly [Notice, ...Notice[]];
  /** How many there are, including those that are not shown. */
  readonly count: number;
  /** When it was ready to be sent. */
  readonly queuedAt: EpochMs;
}
