import type { Context, MiddlewareHandler } from 'hono';
import type { HttpEnv } from '../http-parts.ts';
import { problem } from '../problem.ts';

const KIB = 1024;

/** Whether a request announces a body. Without either header it has none, as `curl -X POST` sends it. */
export function hasBody({ req }: Context<HttpEnv>): boolean {
  return (req.header('content-length') ?? '0') !== '0' || isChunked(req);
}

/**
 * Refuses bodies longer than `bytes` with 413. Only POST has a body here. Hono's own middleware copies a request whose
 * body comes in chunks, and the request of the server library cannot be copied.
 */
export function bodyLimit(bytes: number): MiddlewareHandler<HttpEnv> {
  const tooLong = (): Response => problem(413, `The body must not be longer than ${bytes / KIB} KiB.`);
  return async (c, next) => {
    if (c.req.method === 'POST' && hasBody(c)) {
      if (isChunked(c.req)) {
        const text = await textUpTo(bytes, c.req.raw.body);
        if (text === null) return tooLong();
        c.req.raw = new Request(c.req.url, { method: 'POST', headers: [...c.req.raw.headers], body: text });
      } else if (Number(c.req.header('content-length')) > bytes) {
        return tooLong();
      }
    }
    await next();
    return undefined;
  };
}

function isChunked(request: Context<HttpEnv>['req']): boolean {
  return request.header('transfer-encoding') !== undefined;
}

/** What a stream holds; null when it holds more than `bytes`. */
export async function textUpTo(bytes: number, stream: AsyncIterable<Uint8Array> | null): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.length;
    if (size > bytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
