import { Webhook } from 'standardwebhooks';
import type { ReceiverSettings } from '../core/notification.ts';
import { SECOND, type EpochMs } from '../core/time.ts';
import type { Masks } from '../redaction/masks.ts';
import type { Message } from './notice.ts';
import { render } from './templates.ts';

/** One request to a receiver. */
export interface WebhookRequest {
  readonly url: string;
  /** URL of the proxy on the way there; null: none. */
  readonly proxy: string | null;
  /** Default: POST. */
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: none. */
  readonly body: string;
}

/**
 * A message as it is sent, signed after Standard Webhooks 1.0 where there is a secret. `webhook-id` is the same for
 * every attempt, so that a receiver can recognise a repetition.
 *
 * @param wall the time of this attempt by the wall clock, which the receiver compares it with
 * @throws Error when the secret is no key
 */
export function requestOf(message: Message, settings: ReceiverSettings, masks: Masks, wall: EpochMs): WebhookRequest {
  const { contentType, body } = render(message, settings, masks);
  const [{ id }] = message.notices;
  const headers = {
    'content-type': contentType,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(wall / SECOND)),
  };
  const { url, proxy, secret } = settings;
  if (secret === null) return { url, proxy, headers, body };
  const signature = new Webhook(secret).sign(id, new Date(wall), body);
  return { url, proxy, headers: { ...headers, 'webhook-signature': signature }, body };
}
