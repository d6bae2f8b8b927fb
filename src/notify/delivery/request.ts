import { Webhook } from 'standardwebhooks';
import type { ReceiverSettings } from '../../core/notification.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Masks } from '../../redaction/masks.ts';
import type { Mail } from '../formats/email.ts';
import { placeOf } from '../formats/push.ts';
import { render } from '../formats/render.ts';
import type { Style } from '../formats/in-words.ts';
import type { Message } from '../notice.ts';

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

/** One mail to a receiver. */
export interface MailRequest {
  /** smtp or smtps, with user and password where the server wants some. */
  readonly url: string;
  /** URL of the proxy on the way there; null: none. */
  readonly proxy: string | null;
  readonly mail: Mail;
  /** Deadline of each step. */
  readonly timeout: DurationMs;
}

/**
 * A message as it is sent, signed after Standard Webhooks 1.0 where there is a secret. `webhook-id` is the same for
 * every attempt, so that a receiver can recognise a repetition.
 *
 * @param wall the time of this attempt by the wall clock, which the receiver compares it with
 * @throws Error when the secret is no key
 */
export function requestOf(
  message: Message,
  settings: ReceiverSettings,
  masks: Masks,
  wall: EpochMs,
  style: Style,
): WebhookRequest | MailRequest {
  const { url, proxy, secret, token, timeout } = settings;
  const rendered = render(message, settings, masks, style);
  if (!('body' in rendered)) return { url, proxy, mail: rendered, timeout };
  const { contentType, body } = rendered;
  const [{ id }] = message.notices;
  const headers = {
    'content-type': contentType,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(wall / SECOND)),
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const where = { url: addressOf(settings), proxy, body };
  if (secret === null) return { ...where, headers };
  const signature = new Webhook(secret).sign(id, new Date(wall), body);
  return { ...where, headers: { ...headers, 'webhook-signature': signature } };
}

/** Where a format is posted; ntfy takes JSON at its root, and Alertmanager is named without the path of its API. */
function addressOf({ format, url }: ReceiverSettings): string {
  if (format === 'ntfy') return placeOf(url).root;
  if (format !== 'alertmanager' || /\/api\/v2\/alerts\/?$/.test(url)) return url;
  return `${url.replace(/\/+$/, '')}/api/v2/alerts`;
}
