import { createRoute, z } from '@hono/zod-openapi';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { SECOND, type EpochMs } from '../../core/time.ts';
import { RECENT_LIMIT } from '../../telemetry/recent-events.ts';
import { READ_FAILURES, answer, failure, wholeNumber } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { LiveStream } from './live-stream.ts';
import { HttpProblem } from '../problem.ts';
import { EventView, StatusView } from '../views/schemas.ts';
import { statusView } from '../views/status-view.ts';

/** More open streams than this are not people who watch. */
const MOST_STREAMS = 100;
/** All streams need the status when something changes; within this time they share one. */
const STATUS_KEPT = SECOND / 4;

const id = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const events = createRoute({
  method: 'get',
  path: '/api/v1/events',
  summary: 'Recent events; with Accept: text/event-stream those from now on',
  request: {
    query: z.object({
      limit: wholeNumber(1, RECENT_LIMIT).default(100),
      after: id.default(0).openapi({ description: 'Only events after the one with this id.' }),
      name: z.string().optional().openapi({ description: 'Only events of this instance.' }),
      account: z.string().optional(),
      probes: z
        .enum(['true', 'false'])
        .default('false')
        .openapi({ description: 'In a stream: include single probes.' }),
    }),
    headers: z.object({ 'last-event-id': id.optional() }),
  },
  responses: {
    200: {
      description: 'The newest ones, oldest first; or a stream of hello, status, instances, probes and event.',
      content: {
        'application/json': { schema: z.strictObject({ events: z.array(EventView).readonly() }) },
      },
    },
    400: failure('A parameter is not valid.'),
    503: failure('Too many streams are open.'),
    ...READ_FAILURES,
  },
});

const status = createRoute({
  method: 'get',
  path: '/api/v1/status',
  summary: 'The fleet as a whole',
  responses: { 200: answer('The status.', StatusView), ...READ_FAILURES },
});

/** `GET /api/v1/events` and `GET /api/v1/status`. */
export function addEventRoutes(app: HttpApp, parts: HttpParts): void {
  const { clock, recent } = parts;
  const startedAt = clock.now();
  let kept: { readonly at: EpochMs; readonly status: StatusView } | null = null;
  const currentStatus = (): StatusView => {
    const now = clock.now();
    if (kept === null || now - kept.at >= STATUS_KEPT) kept = { at: now, status: statusView(parts, startedAt) };
    return kept.status;
  };
  let open = 0;

  app.openapi(events, (c) => {
    const { limit, after, name = null, account = null, probes } = c.req.valid('query');
    const wantsStream = c.req.method === 'GET' && c.req.header('accept')?.includes('text/event-stream') === true;
    if (!wantsStream) return c.json({ events: recent.list({ after, name, account }, limit) }, 200);
    if (open >= MOST_STREAMS) throw new HttpProblem(503, `There are ${MOST_STREAMS} streams open already.`);
    const lastEventId = c.req.valid('header')['last-event-id'] ?? (after > 0 ? after : null);
    const { outgoing } = c.env;
    const live = new LiveStream(parts, outgoing, { name, probes: probes === 'true', lastEventId }, currentStatus);
    open += 1;
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    outgoing.once('close', () => {
      live.close();
      open -= 1;
    });
    live.open();
    // The answer is written to the connection itself, which the library's types cannot express.
    return RESPONSE_ALREADY_SENT as never;
  });

  app.openapi(status, (c) => c.json(statusView(parts, startedAt), 200));
}
