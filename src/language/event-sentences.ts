import type { CallEvent, ClusterEvent } from '../core/event.ts';

/** What nobody is notified of, and operators read among the events: calls that came to nothing, and replicas. */
export type QuietNews = Exclude<(CallEvent | ClusterEvent)['type'], 'alert_unmatched'>;

/** The fields of an event, as text; empty: it has no such field. */
export interface EventFields {
  readonly text: (field: string) => string;
  /** Of a list: its first entries, and how many more there are. */
  readonly names: (field: string) => string;
  readonly count: (field: string) => number;
  readonly is: (field: string) => boolean;
}

/** What is said of them in a language. In English it is what the log says. */
export type EventSentences = Readonly<Record<QuietNews, (of: EventFields) => string>>;
