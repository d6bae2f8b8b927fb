import type { NextStep } from '../core/next-step.ts';
import type { NotifyTopic } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import type { News } from '../language/news.ts';
import type { LineLevel } from '../telemetry/log/log-line.ts';

/** Where an incident stands with a notice; `happened`: it is about something that has no duration. */
export type IncidentStage = 'began' | 'lasts' | 'ended' | 'happened';

/** What people want to know of the instance that a notice is about, as it stands when the notice is made. */
export interface InstanceFacts {
  readonly displayName: string | null;
  readonly phoneNumberId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Cause of its trouble, and what the last probe said of it; null: nothing. */
  readonly cause: Cause | null;
  readonly detail: string | null;
  readonly next: NextStep;
}

/** What a gateway says by itself of what a person can do, in place of the general text. */
export type RemedyTexts = Readonly<Partial<Record<Cause, string>>>;

/** One piece of news, before it gets the format of a receiver. */
export interface Notice {
  /** Unique, and the same for every receiver and every attempt. */
  readonly id: string;
  readonly topic: NotifyTopic | 'test';
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
  /** What happened, for the words of a language; null: a test. Parts of it may come from outside. */
  readonly news: News | null;
  /** Of its instance; null where it is about none, or that is no longer watched. */
  readonly facts: InstanceFacts | null;
  /** Of the gateway of its account; undefined: it says nothing, or the notice is about none. */
  readonly remedyTexts?: RemedyTexts | undefined;
  /** What the log says, in English: a sentence or more, with the remedy. Parts of it may come from outside. */
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

/** A notice that shows whether a receiver gets any. */
export function testNotice(id: string, at: EpochMs, text: string): Notice {
  const about = { name: null, account: null, accounts: [], incident: null, since: null } as const;
  return {
    ...about,
    id,
    at,
    text,
    topic: 'test',
    stage: 'happened',
    level: 'info',
    news: null,
    facts: null,
    fields: {},
  };
}
