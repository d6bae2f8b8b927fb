/** What a webhook of a gateway is about; `other`: nothing that matters here. */
export type WebhookKind = 'connection' | 'message' | 'other';

/** What became of the webhook of a gateway. */
export const WEBHOOK_RESULTS = ['probe', 'message', 'ignored', 'disabled', 'unknown_instance', 'unreadable'] as const;
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];

/** What the webhooks that a gateway sends for all instances of an account say. A body is of unknown type. */
export interface AccountWebhooks {
  /** Place of the instance's id, for people. */
  readonly idAt: string;
  /** The instance's id; null: it is not there. */
  readonly idIn: (body: unknown) => string | null;
  /** `event`: the name of the event in the URL; null: there is none. */
  readonly kindOf: (body: unknown, event: string | null) => WebhookKind;
}
