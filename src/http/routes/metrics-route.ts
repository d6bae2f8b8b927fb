import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { createRoute } from '@hono/zod-openapi';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { MINUTE, type DurationMs } from '../../core/time.ts';
import type { Access } from '../access/access.ts';
import type { Load } from '../load/load.ts';
import { failure, plain, READ_FAILURES } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics, in the text format of Prometheus',
  responses: {
    200: plain('All of them; gzip where it is accepted.', 'text/plain'),
    503: failure('Too many long answers are being made.'),
    ...READ_FAILURES,
  },
});

/** No scraper waits longer. A reader that takes longer would keep one of the few places from others. */
const LONGEST_SCRAPE: DurationMs = MINUTE;

/** `GET /metrics`, streamed straight into the response of Node.js, at the reader's pace. */
export function addMetricsRoute(app: HttpApp, parts: HttpParts, access: Pick<Access, 'networkOf'>, load: Load): void {
  const { metrics } = parts;
  app.openapi(route, async (c) => {
    const { outgoing } = c.env;
    const gzip = acceptsGzip(c.req.header('accept-encoding'));
    const isHead = c.req.method === 'HEAD';
    const answer = async (): Promise<void> => {
      outgoing.statusCode = 200;
      outgoing.setHeader('content-type', metrics.contentType);
      outgoing.setHeader('vary', 'accept-encoding');
      if (gzip) outgoing.setHeader('content-encoding', 'gzip');
      if (isHead) outgoing.end();
      else if (!outgoing.destroyed) await send(parts, outgoing, gzip);
    };
    if (isHead) await answer();
    else await load.expositions.run(access.networkOf(c), answer);
    return RESPONSE_ALREADY_SENT;
  });
}

/** Sends all of it. After an error the connection breaks off, so that half an exposition never looks complete. */
async function send({ clock, metrics, onError }: HttpParts, outgoing: ServerResponse, gzip: boolean): Promise<void> {
  const reader = new AbortController();
  const leave = (): void => reader.abort();
  outgoing.once('close', leave);
  const cancel = clock.after(LONGEST_SCRAPE, () => outgoing.destroy());
  const source = Readable.from(bytes(metrics.render(reader.signal), reader.signal, onError));
  try {
    if (gzip) await pipeline(source, createGzip({ level: constants.Z_BEST_SPEED }), outgoing);
    else await pipeline(source, outgoing);
  } catch {
    // The reader has left, or the rendering failed and has reported it; either way the pipeline has cleaned up.
  } finally {
    cancel();
    outgoing.off('close', leave);
  }
}

async function* bytes(
  texts: AsyncIterable<string>,
  signal: AbortSignal,
  onError: HttpParts['onError'],
): AsyncGenerator<Buffer> {
  try {
    for await (const text of texts) yield Buffer.from(text);
  } catch (error) {
    if (!signal.aborted) onError(error);
    throw error;
  }
}

/** Whether a client accepts gzip (RFC 9110, 12.5.3): by name or by `*`, and not with a weight of zero. */
function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [coding = '', weight] = part.split(';', 2).map((word) => word.trim());
    weights.set(coding, weight === undefined ? 1 : Number(/^q=([01](?:\.\d{0,3})?)$/.exec(weight)?.[1] ?? 0));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
