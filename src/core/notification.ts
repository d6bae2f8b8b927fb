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
  'silent',
  'refused',
  'flapping',
  'discovery_failed',
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
  'escalated',
  'restart_harmed',
  'reset',
  'config_reloaded',
  'decision_failed',
  'alert_unmatched',
] as const;
export type NotifyTopic = (typeof NOTIFY_TOPICS)[number];

/** Those about many instances, or about the watchdog itself, that may begin and end without end. */
export const GROUP_TOPICS = [
  'storm',
  'gateway_outage',
  'blind',
  'silent',
  'refused',
  'discovery_failed',
  'own_network',
] as const satisfies readonly NotifyTopic[];

export type GroupTopic = (typeof GROUP_TOPICS)[number];

/** What people should look at, sooner or later. A pause is what one of them wanted. */
export const USUAL_TOPICS: readonly NotifyTopic[] = [
  ...INCIDENT_TOPICS.filter((topic) => topic !== 'paused'),
  'restart_harmed',
  'decision_failed',
];

/** Formats for machines, which get each event by itself. */
const FOR_MACHINES = ['cloudevents', 'standard', 'alertmanager'] as const;

/** The others are for people. */
export const NOTIFY_FORMATS = [...FOR_MACHINES, 'slack', 'discord', 'telegram', 'email', 'ntfy', 'apprise'] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** Formats for machines. */
export const MACHINE_FORMATS: ReadonlySet<NotifyFormat> = new Set<NotifyFormat>(FOR_MACHINES);

/** How soon a person must look at a message. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Hours of each day in which messages of some severities wait until they are over. */
export interface QuietHours {
  /** Minutes after midnight, in the time zone of the receiver. `to` may be before `from`: then midnight lies between. */
  readonly from: number;
  readonly to: number;
  readonly severities: readonly Severity[];
}

/** What a user wants said in place of our words; null: our words. In the language of mustache. */
export interface MessageTemplate {
  readonly title: string | null;
  readonly text: string | null;
}

/** What a template may name: texts, what is true or not, and the list of all that a message is about. */
export const TEMPLATE_FIELDS = [
  ...['title', 'text', 'link', 'topic', 'severity', 'count', 'began', 'lasts', 'ended', 'instances'],
  ...['subject', 'name', 'displayName', 'number', 'account', 'labels', 'happened', 'cause', 'causeWord', 'detail'],
  ...['remedy', 'next', 'since', 'time'],
] as const;

/** An instance flaps when it changes between down and up `changes` times within this window. */
export interface FlappingSettings {
  readonly changes: number;
  readonly within: DurationMs;
}

/** One receiver that is notified of events. */
export interface ReceiverSettings {
  /** Unique. */
  readonly name: string;
  /** http or https; of mail smtp or smtps. It grants the right to write there, so it is a secret. */
  readonly url: string;
  readonly format: NotifyFormat;
  /** Media type of CloudEvents; the other formats have one of their own. */
  readonly contentType: 'application/json' | 'application/cloudevents+json';
  /** The Telegram chat that messages go to; null for other formats. */
  readonly chatId: string | null;
  /** Sender and receivers of mail; null and none for other formats. */
  readonly from: string | null;
  readonly to: readonly string[];
  /** Sent as a bearer token; null: none. */
  readonly token: string | null;
  /** IANA; null: that of this machine. */
  readonly timezone: string | null;
  readonly template: MessageTemplate | null;
  /** Null: messages never wait. */
  readonly quiet: QuietHours | null;
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
