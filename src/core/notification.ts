import type { DurationMs } from './time.ts';

/** What lasts for a while: a beginning, reminders, an end. */
export const INCIDENT_TOPICS = [
  'down',
  'exhausted',
  'needs_human',
  'paused',
  'storm',
  'gateway_outage',
  'harmful',
  'blind',
  'refused',
  'flapping',
  'own_network',
  'config_reload_failed',
  'state_not_saved',
] as const;

/** The topics of notifications; a closed set. */
export const NOTIFY_TOPICS = [
  ...INCIDENT_TOPICS,
  'healed',
  'recovered',
  'restart',
  'not_healed',
  'restart_harmed',
  'reset',
  'config_reloaded',
  'decision_failed',
  'alert_unmatched',
] as const;
export type NotifyTopic = (typeof NOTIFY_TOPICS)[number];

/** What people should look at, sooner or later. A pause is what one of them wanted. */
export const USUAL_TOPICS: readonly NotifyTopic[] = [
  ...INCIDENT_TOPICS.filter((topic) => topic !== 'paused'),
  'restart_harmed',
  'decision_failed',
];

/** `cloudevents` and `standard` are for machines, which get each event by itself; the others are chats. */
export const NOTIFY_FORMATS = ['cloudevents', 'standard', 'slack', 'discord', 'telegram'] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** An instance flaps when it changes between down and up `changes` times within this window. */
export interface FlappingSettings {
  readonly changes: number;
  readonly within: DurationMs;
}

/** One webhook that is notified of events. */
export interface ReceiverSettings {
  /** Unique. */
  readonly name: string;
  /** http or https. It grants the right to write there, so it is a secret. */
  readonly url: string;
  readonly format: NotifyFormat;
  /** Media type of CloudEvents; the other formats have one of their own. */
  readonly contentType: 'application/json' | 'application/cloudevents+json';
  /** The Telegram chat that messages go to; null for other formats. */
  readonly chatId: string | null;
  /** Key of the signature, as `whsec_` and base64; null: not signed. */
  readonly secret: string | null;
  /** URL of the proxy through which it is called; null: none. It may hold a password, so it is a secret. */
  readonly proxy: string | null;
  readonly events: readonly NotifyTopic[];
  /** Only events about these; none: all. */
  readonly accounts: readonly string[];
  /** How long events are collected to become one message per kind; chats only. */
  readonly groupWait: DurationMs;
  /** Null: no reminders. */
  readonly remindEvery: DurationMs | null;
  /** When messages about an instance that goes down and comes back are held back; null: never. */
  readonly flapping: FlappingSettings | null;
  /** Deadline of one request. */
  readonly timeout: DurationMs;
  /** How long a message that cannot be delivered is kept. */
  readonly giveUpAfter: DurationMs;
}
