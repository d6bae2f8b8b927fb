import type { DurationMs } from './time.ts';

/** What last for a while: a beginning, reminders, an end. */
export const INCIDENT_TOPICS = [
  'down',
  'exhausted',
  'needs_human',
  'paused',
  'storm',
  'gateway_outage',
  'own_network',
  'config_reload_failed',
  'state_not_saved',
] as const;

/** What people can be notified of; a closed set. */
export const NOTIFY_TOPICS = [
  ...INCIDENT_TOPICS,
  'healed',
  'recovered',
  'restart',
  'not_healed',
  'reset',
  'config_reloaded',
  'decision_failed',
  'alert_unmatched',
] as const;
export type NotifyTopic = (typeof NOTIFY_TOPICS)[number];

/** What somebody should look at, sooner or later. */
export const USUAL_TOPICS: readonly NotifyTopic[] = [
  'down',
  'exhausted',
  'needs_human',
  'storm',
  'gateway_outage',
  'own_network',
  'config_reload_failed',
  'state_not_saved',
  'decision_failed',
];

/** `cloudevents` and `standard` are for machines, which get each event by itself; the others are chats. */
export const NOTIFY_FORMATS = ['cloudevents', 'standard', 'slack', 'discord', 'telegram'] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** One webhook that is told what happens. */
export interface ReceiverSettings {
  /** Unique. */
  readonly name: string;
  /** http or https; whoever knows it can write there, so it is a secret. */
  readonly url: string;
  readonly format: NotifyFormat;
  /** The Telegram chat that messages go to; null for other formats. */
  readonly chatId: string | null;
  /** Key of the signature, as `whsec_` and base64; null: not signed. */
  readonly secret: string | null;
  readonly events: readonly NotifyTopic[];
  /** Only what is about these; none: all. */
  readonly accounts: readonly string[];
  /** So long events are collected, so that those of one kind become one message; chats only. */
  readonly groupWait: DurationMs;
  /** Null: nobody is reminded. */
  readonly remindEvery: DurationMs | null;
  /** Of one request. */
  readonly timeout: DurationMs;
  /** A message that could not be delivered for so long is dropped. */
  readonly giveUpAfter: DurationMs;
}
