import type { Context, MiddlewareHandler } from 'hono';
import { textUpTo } from '../../network/text-up-to.ts';
import type { HttpEnv } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';
import { isActivityPath } from './shown-tokens.ts';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** What a call without a body means: none of its members is there. */
const NO_MEMBERS = '{}';

/**
 * Reads the body of a POST, which may be left out, may come in chunks, and must be JSON. The routes get a request that has
 * it as JSON in any case: Hono looks at copies of a request to find out whether it has a body, and the request of the server
 * library cannot be copied.
 *
 * @param bytes a longer body is refused with 413
 */
export function jsonBody(bytes: number): MiddlewareHandler<HttpEnv> {
  const limit = bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`;
  return async (c, next) => {
    // What a report of activity has for a body is not read.
    if (c.req.method !== 'POST' || isActivityPath(c.req.path)) return next();
    const isTooLong = Number(c.req.header('content-length') ?? 0) > bytes;
    const text = isTooLong ? null : await receivedText(bytes, c.req.raw.body);
    if (text === null) throw new HttpProblem(413, `The body must not be longer than ${limit}.`);
    const isEmpty = text.trim() === '';
    // One that is not declared as JSON would be ignored without an error.
    if (!isEmpty && !isJson(c)) {
      throw new HttpProblem(415, 'The body must be JSON: send Content-Type: application/json.');
    }
    const headers = new Headers(c.req.raw.headers);
    headers.set('content-type', 'application/json');
    c.req.raw = new Request(c.req.url, { method: 'POST', headers, body: isEmpty ? NO_MEMBERS : text });
    return next();
  };
}

function isJson({ req }: Context<HttpEnv>): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(req.header('content-type') ?? '');
}

/** All bodies together that are being received, in bytes: as many as of four groups of Alertmanager that are as large as can be. */
const MOST_AT_ONCE = 32 * MIB;
/** For the whole process, because its memory is what it is about. */
let beingReceived = 0;

/**
 * What a client sends; null when that is more than `bytes`.
 *
 * @throws HttpProblem where the client goes away, and where others send so much at the same time that there is no room for more
 */
export async function receivedText(bytes: number, body: AsyncIterable<Uint8Array> | null): Promise<string | null> {
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body ?? []) {
      if (beingReceived + chunk.length > MOST_AT_ONCE) {
        throw new HttpProblem(503, 'Too many long bodies are being sent at the same time.', { 'retry-after': '5' });
      }
      size += chunk.length;
      beingReceived += chunk.length;
      yield chunk;
    }
  }
  try {
    return await textUpTo(bytes, counted());
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, 'The connection ended within the body.');
  } finally {
    beingReceived -= size;
  }
}
