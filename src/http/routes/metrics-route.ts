import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { createRoute } from '@hono/zod-openapi';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { plain, READ_FAILURES } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics, in the text format of Prometheus',
  responses: { 200: plain('All of them; gzip where it is accepted.', 'text/plain'), ...READ_FAILURES },
});

/** `GET /metrics`, streamed straight into the response of Node.js, at the reader's pace. */
export function addMetricsRoute(app: HttpApp, { metrics, onError }: HttpParts): void {
  app.openapi(route, async (c) => {
    const { outgoing } = c.env;
    const gzip = acceptsGzip(c.req.header('accept-encoding'));
    outgoing.statusCode = 200;
    outgoing.setHeader('content-type', metrics.contentType);
    outgoing.setHeader('vary', 'accept-encoding');
    if (gzip) outgoing.setHeader('content-encoding', 'gzip');
    if (c.req.method === 'HEAD') outgoing.end();
    else await send(metrics, outgoing, gzip, onError);
    return RESPONSE_ALREADY_SENT;
  });
}

/** Sends all of it. After an error the connection breaks off, so that half an exposition never looks complete. */
async function send(
  metrics: HttpParts['metrics'],
  outgoing: ServerResponse,
  gzip: boolean,
  onError: HttpParts['onError'],
): Promise<void> {
  const reader = new AbortController();
  const leave = (): void => reader.abort();
  outgoing.once('close', leave);
  const source = Readable.from(bytes(metrics.render(reader.signal), reader.signal, onError));
  try {
    if (gzip) await pipeline(source, createGzip({ level: constants.Z_BEST_SPEED }), outgoing);
    else await pipeline(source, outgoing);
  } catch {
    // The reader has left, or the rendering failed and has reported it; either way the pipeline has cleaned up.
  } finally {
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
