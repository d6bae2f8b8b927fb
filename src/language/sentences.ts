import type { NextStep } from '../core/next-step.ts';
import type { GroupTopic, NotifyTopic } from '../core/notification.ts';
import type { MESSAGE_PARTS } from './en/message-parts.ts';
import type { Formats } from './format.ts';
import type { News, NewsOf } from './news.ts';

/** The heading of a message about an incident, by where the incident stands. */
export interface Headings {
  readonly began: string;
  readonly lasts: string;
  readonly ended: string;
}

/** What messages to people say. */
export interface Sentences {
  /** Healed and recovered end what happens to an instance. */
  readonly headings: Readonly<Record<NotifyTopic, string | Headings> & Record<GroupTopic, Headings>>;
  /** What happened, without the name of the instance, its cause and its remedy, which have places of their own. */
  readonly news: { readonly [Type in News['type']]: (news: NewsOf<Type>, formats: Formats) => string };
  /** What the watchdog does next about an instance; empty: nothing. */
  readonly next: (step: NextStep, formats: Formats) => string;
  /** The same for what is about more than one instance, or the watchdog itself; none: nothing is to be said. */
  readonly nextOf: Partial<Readonly<Record<NotifyTopic, string>>>;
  readonly parts: typeof MESSAGE_PARTS;
}
