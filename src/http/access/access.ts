import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { SECOND } from '../../core/time.ts';
import { FailedTokens } from './failed-tokens.ts';
import type { HttpEnv, HttpParts, Tokens } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';

const REALM = 'Bearer realm="smileapi-watchdog"';

/** What a request wants to do, and which tokens of the configuration let it. */
type Right = 'read' | 'write' | 'hook';

const TOKENS: Readonly<Record<Right, readonly (keyof Tokens)[]>> = {
  read: ['readToken', 'token'],
  write: ['token'],
  hook: ['hookToken', 'token'],
};

const NAMES: Readonly<Record<keyof Tokens, string>> = {
  token: 'api.token',
  readToken: 'api.readToken',
  hookToken: 'api.hookToken',
};

/**
 * Lets a request through only with a token that allows what it wants. Without a readToken everyone may read; without a
 * token no one may write. The tokens are looked up for each request, because a reload may change them.
 */
export function requireToken({ clock, tokens }: Pick<HttpParts, 'clock' | 'tokens'>): MiddlewareHandler<HttpEnv> {
  const failed = new FailedTokens(() => clock.now());
  return async (c, next) => {
    const right = rightOf(c);
    const now = tokens();
    if (right !== 'read' || now.readToken !== null) check(c, right, now, failed);
    await next();
  };
}

function check(c: Context<HttpEnv>, right: Right, tokens: Tokens, failed: FailedTokens): void {
  const keys = TOKENS[right].filter((key) => tokens[key] !== null);
  if (keys.length === 0) {
    const keys = TOKENS[right].map((key) => NAMES[key]).join(' or ');
    throw new HttpProblem(403, `This watchdog accepts no such calls: its configuration sets no ${keys}.`);
  }
  const address = addressOf(c);
  const blocked = failed.blockedFor(address);
  if (blocked > 0) {
    const wait = String(Math.ceil(blocked / SECOND));
    throw new HttpProblem(429, `Too many wrong tokens from this address; try again in ${wait} s.`, {
      'retry-after': wait,
    });
  }
  const shown = bearerOf(c.req.header('authorization')) ?? (right === 'hook' ? (c.req.query('token') ?? null) : null);
  const named = keys.map((key) => NAMES[key]).join(' or ');
  if (shown === null) {
    const detail = `This call needs a token: send Authorization: Bearer with ${named} of the configuration.`;
    throw new HttpProblem(401, detail, { 'www-authenticate': REALM });
  }
  // All are compared, so that the time reveals nothing about which one comes close.
  const good = keys.filter((key) => sameToken(shown, tokens[key] ?? ''));
  if (good.length > 0) return;
  failed.add(address);
  const detail = `The token is not the right one: it must be ${named} of the configuration.`;
  throw new HttpProblem(401, detail, { 'www-authenticate': `${REALM}, error="invalid_token"` });
}

function rightOf(c: Context<HttpEnv>): Right {
  if (c.req.path.startsWith('/api/v1/hooks/')) return 'hook';
  return c.req.method === 'GET' || c.req.method === 'HEAD' ? 'read' : 'write';
}

/** Where a request comes from. A proxy in between counts as one address, because what it reports about others can be forged. */
export function addressOf(c: Context<HttpEnv>): string {
  // Without a server, in tests, there is no connection either.
  const bindings = c.env as Partial<HttpEnv['Bindings']> | undefined;
  return bindings?.incoming?.socket.remoteAddress ?? 'unknown';
}

/** The token of an Authorization header; null when it holds none. */
function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** Digests are compared, because they are of one length; the time that it takes reveals nothing about the token. */
function sameToken(shown: string, expected: string): boolean {
  return timingSafeEqual(digest(shown), digest(expected));
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
