import type { Context } from 'hono';
import { decoded } from '../../redaction/secret-parts.ts';
import type { HttpEnv } from '../http-parts.ts';

/** What gateways append to the URL of a webhook, such as `/connection-update` (Evolution API, "webhook by events"). */
const APPENDED = /\/[\w.-]{1,64}\/?$/;

/** The token of an Authorization header; null when it holds none. */
export function inAuthorization(header: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** Paths of the hooks of gateways: the instance, and what may be a token. */
const GATEWAY_HOOK = /^\/api\/v1\/hooks\/gateway\/[^/]+\/([^/]+)/;

/** Where what talks to an instance reports that something flows through it. */
const ACTIVITY = /^\/api\/v1\/instances\/[^/]+\/activity\/?$/;

/** Whether a path is that of {@link ACTIVITY}. */
export function isActivityPath(path: string): boolean {
  return ACTIVITY.test(path);
}

/** The name of the event behind a token; null: there is none. A gateway that appends it to the URL appends it to the token, too. */
export function appendedTo(query: string | undefined): string | null {
  return query?.includes('/') === true ? (query.split('/').findLast((part) => part !== '') ?? null) : null;
}

/**
 * What may be a token in the URL of a gateway's hook: `?token=`, and the part of the path after the instance. A gateway
 * that appends the name of the event to the URL appends it to the token, too.
 */
export function inUrl({ req }: Context<HttpEnv>): readonly string[] {
  const part = GATEWAY_HOOK.exec(req.path)?.[1];
  const query = req.query('token');
  // No token holds a blank, so it was a plus sign that was not encoded.
  const plus = query?.replaceAll(' ', '+');
  const shown = [plus, plus?.replace(APPENDED, ''), part === undefined ? undefined : decoded(part)];
  return [...new Set(shown.filter((text) => text !== undefined && text !== ''))] as string[];
}
