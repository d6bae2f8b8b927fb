import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { Outcome } from '../../core/instance/instance.ts';

/** What a status means wherever it stands: in the status line, or in a body that denies it. */
export function causeOfStatus(status: number): Cause {
  if (status === 401 || status === 402 || status === 403) return 'unauthorized';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'server_error' : 'unknown_state';
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether a cause leaves nothing to a restart: only people can help, or the gateway wants to be left alone. */
export function isDecisive(cause: Cause): boolean {
  return cause === 'rate_limited' || verdictOf(cause) === 'needs_human';
}

/**
 * Statuses that something in front of the gateway gives because it cannot reach it. 520 to 530 are Cloudflare's.
 */
export function isOfProxyAlone(status: number): boolean {
  return status === 502 || status === 503 || status === 504 || (status >= 520 && status <= 530);
}

/** Statuses that no gateway gives: a redirect, and the login of a proxy or of a network (RFC 6585 section 6). */
export function isNeverOfGateway(status: number): boolean {
  return (status >= 300 && status < 400) || status === 407 || status === 511;
}

/**
 * A restart call with these may have happened: its answer took too long for something on the way (408, 499, 502, 504,
 * Cloudflare's 520, 524 and 527, 598 and 599), or another restart is under way (409, 423).
 */
const MAYBE_MADE: ReadonlySet<number> = new Set([408, 409, 423, 499, 502, 504, 520, 524, 527, 598, 599]);

/**
 * Cloudflare had no connection to the gateway: it is down, cannot be reached, or TLS with it failed, or its name is not
 * known; or a proxy wanted a login first.
 */
const NEVER_DELIVERED: ReadonlySet<number> = new Set([407, 511, 521, 522, 523, 525, 526, 530]);

/** How a restart call with this status, which is no success, ended. */
export function outcomeOfStatus(status: number): Outcome {
  if (NEVER_DELIVERED.has(status)) return 'unreachable';
  return MAYBE_MADE.has(status) ? 'unknown' : 'rejected';
}
