import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from './http-parts.ts';
import { problem } from './problem.ts';

const REALM = 'Bearer realm="smileapi-watchdog"';

/**
 * Lets through only who shows the token in `Authorization: Bearer …`, or everybody while there is none.
 *
 * @param token asked for each request, because a reload may change it
 */
export function requireBearer(token: () => string | null): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const expected = token();
    if (expected === null) {
      await next();
      return;
    }
    const shown = bearerOf(c.req.header('authorization'));
    if (shown === null) {
      const detail = 'This route needs a token: send Authorization: Bearer with api.readToken of the configuration.';
      return problem(401, detail, { 'www-authenticate': REALM });
    }
    if (!sameToken(shown, expected)) {
      const detail = 'The token is not the right one: it must be api.readToken of the configuration.';
      return problem(401, detail, { 'www-authenticate': `${REALM}, error="invalid_token"` });
    }
    await next();
    return;
  };
}

/** The token of an Authorization header; null when it holds none. */
function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** Digests are compared, because they are of one length; the time that it takes tells nothing about the token. */
function sameToken(shown: string, expected: string): boolean {
  return timingSafeEqual(digest(shown), digest(expected));
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
