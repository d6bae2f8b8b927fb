import type { NotifyFormat } from '../../core/notification.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { Masks } from '../../redaction/masks.ts';
import { redactText } from '../../redaction/outside-text.ts';

/** What a receiver answered. */
export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The beginning of it. */
  readonly body: string;
}

/** Why a receiver did not take a message. */
export interface Refusal {
  readonly reason: string;
  readonly retryAfter: DurationMs | null;
  /** It would not take the same message at any other time. */
  readonly final: boolean;
}

/**
 * These mean that the message itself is wrong. All others may pass: an n8n workflow that is switched off answers 404,
 * a revoked webhook can be replaced in the config, a proxy may want a login only while it is being set up.
 */
const FINAL: ReadonlySet<number> = new Set([400, 413, 415, 422]);
const LONGEST_QUOTE = 200;

/** Apprise answers so where it keeps no services under the address (`/notify/{key}` of its swagger.yaml): nobody gets the message. */
const NOBODY = 204;

/** A receiver of these formats may answer with anything; those of all others never answer with a web page. */
const OF_YOUR_OWN: ReadonlySet<NotifyFormat | null> = new Set<NotifyFormat | null>(['cloudevents', 'standard', null]);
const WEB_PAGE = /^\s*<(?:!doctype|html)/i;

/** Null: it took the message. Redirects are not followed, so they count as a refusal. */
export function judge(
  { status, retryAfter, body }: WebhookAnswer,
  masks: Masks,
  wall: EpochMs,
  format: NotifyFormat | null = null,
): Refusal | null {
  if (format === 'apprise' && status === NOBODY) {
    return { reason: `HTTP ${NOBODY}: Apprise keeps no services under this key`, retryAfter: null, final: false };
  }
  if (status >= 200 && status < 300) {
    if (OF_YOUR_OWN.has(format) || !WEB_PAGE.test(body)) return null;
    // The login of a proxy, for one: nobody gets the message.
    return { reason: `HTTP ${status}: a web page answers in its place`, retryAfter: null, final: false };
  }
  const quote = redactText(body.replaceAll(/\s+/g, ' '), masks, LONGEST_QUOTE);
  return {
    reason: quote === '' ? `HTTP ${status}` : `HTTP ${status}: ${quote}`,
    retryAfter: secondsOf(retryAfter, wall) ?? retryAfterOfTelegram(body),
    final: FINAL.has(status),
  };
}

/** `Retry-After` is a number of seconds (fractions occur at Discord) or a date. */
function secondsOf(header: string | null, wall: EpochMs): DurationMs | null {
  if (header === null) return null;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(header)) return Math.ceil(Number(header) * SECOND);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - wall);
}

/** Telegram names in the body how long to wait. */
function retryAfterOfTelegram(body: string): DurationMs | null {
  const seconds = /"retry_after"\s*:\s*(\d{1,6})/.exec(body)?.[1];
  return seconds === undefined ? null : Number(seconds) * SECOND;
}
