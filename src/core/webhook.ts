/**
 * What a webhook of a gateway is about. `sent`: a message that it is sending, which shows nothing of what reaches the instance;
 * `other`: nothing that matters here.
 */
export type WebhookKind = 'connection' | 'message' | 'sent' | 'other';

/** What became of the webhook of a gateway. */
export const WEBHOOK_RESULTS = ['probe', 'message', 'ignored', 'disabled', 'unknown_instance', 'unreadable'] as const;
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];

/** What the webhooks that a gateway sends for all instances of an account say. A body is of unknown type. */
export interface AccountWebhooks {
  /** Places of the instance's id, for people. */
  readonly idAt: readonly string[];
  /** What the gateway calls the instance: its ids, the surest first; empty: there is none. */
  readonly idsIn: (body: unknown) => readonly string[];
  /** `event`: the name of the event in the URL; null: there is none. */
  readonly kindOf: (body: unknown, event: string | null) => WebhookKind;
}
