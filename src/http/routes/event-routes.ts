import { createRoute, z } from '@hono/zod-openapi';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { SECOND, type EpochMs } from '../../core/time.ts';
import { RECENT_LIMIT, type RecentEvent } from '../../telemetry/recent-events.ts';
import { READ_FAILURES, answer, failure, wholeNumber } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { liveFeeds } from './live-feed.ts';
import { LiveStream } from './live-stream.ts';
import type { Access } from '../access/access.ts';
import { jsonList, type Load } from '../load/load.ts';
import { HttpProblem } from '../problem.ts';
import { EventsPart, isAlone, joinedStatus, partsOf } from '../peers/joined.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import type { Peers } from '../peers/peers.ts';
import { EventView, list, MissingParts, StatusView, type MissingPart } from '../views/schemas.ts';
import { statusView } from '../views/status-view.ts';

/** Streams and people need the status when something changes; within this time they share one. */
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
        'application/json': {
          schema: z.strictObject({
            events: list(EventView),
            missing: MissingParts,
          }),
        },
      },
    },
    400: failure('A parameter is not valid.'),
    503: failure('Too many streams are open, or too many long answers are being made.'),
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
export function addEventRoutes(app: HttpApp, parts: HttpParts, access: Pick<Access, 'networkOf'>, load: Load): void {
  const { clock, recent, generation, metrics, peers } = parts;
  const startedAt = clock.now();
  let kept: { readonly at: EpochMs; readonly newest: number; readonly status: StatusView } | null = null;
  const currentStatus = (): StatusView => {
    const now = clock.now();
    const { newest } = recent;
    // A client that has just changed something sees it: each change is an event.
    const isFresh = now - (kept?.at ?? 0) < STATUS_KEPT && kept?.newest === newest;
    if (kept === null || !isFresh || kept.status.generation !== generation())
      kept = { at: now, newest, status: statusView(parts, startedAt) };
    return kept.status;
  };
  const feedOf = liveFeeds(parts, currentStatus);
  // For other replicas, which join them themselves.
  const ownFeedOf = liveFeeds({ ...parts, peers: null }, currentStatus);

  app.openapi(events, async (c) => {
    const { limit, after, name = null, account = null, probes } = c.req.valid('query');
    const client = access.networkOf(c);
    const wantsStream = c.req.method === 'GET' && c.req.header('accept')?.includes('text/event-stream') === true;
    if (!wantsStream) {
      const found = recent.list({ after, name, account }, limit);
      const isAlone = peers === null || peers.list().length === 0 || isFromPeer(c, peers);
      // An id counts the events of one replica, so what comes after it is a question to that one.
      const isJoined = !isAlone && after === 0;
      const { events: shown, ...rest } = isJoined
        ? await joinedEvents(peers, found, c.req.url, limit)
        : { events: found };
      const text = jsonList('events', shown, JSON.stringify, () => rest);
      return load.longAnswer(c, client, text);
    }
    const lastEventId = c.req.valid('header')['last-event-id'] ?? (after > 0 ? after : null);
    const { outgoing } = c.env;
    // The place of a client that has left already would never be free again.
    if (outgoing.destroyed) return RESPONSE_ALREADY_SENT as never;
    const live = new LiveStream({
      clock,
      feed: (isFromPeer(c, peers) ? ownFeedOf : feedOf)(name),
      reader: outgoing,
      unread: load.unread,
      probes: probes === 'true',
      onCutOff: () => metrics.eventDropped('stream'),
    });
    const place = { client, end: live.destroy };
    if (!load.streams.enter(place)) throw new HttpProblem(503, 'Too many streams are open already.');
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    outgoing.once('close', () => {
      live.close();
      load.streams.leave(place);
    });
    live.open(lastEventId);
    // The answer is written to the connection itself, which the library's types cannot express.
    return RESPONSE_ALREADY_SENT as never;
  });

  app.openapi(status, async (c) => {
    const own = currentStatus();
    const watched = own.accounts.map(({ name }) => name);
    if (peers === null || isFromPeer(c, peers) || isAlone(peers, watched)) return c.json(own, 200);
    const { parts: others, missing } = await partsOf(peers, '/api/v1/status', StatusView);
    return c.json(joinedStatus(own, others, missing, peers), 200);
  });
}

/** The newest events of all replicas, oldest first, each with the name of its replica. */
async function joinedEvents(
  peers: Peers,
  own: readonly RecentEvent[],
  url: string,
  limit: number,
): Promise<{ readonly events: readonly object[]; readonly missing: readonly MissingPart[] }> {
  const { parts, missing } = await partsOf(peers, `/api/v1/events${new URL(url).search}`, EventsPart);
  const all = [...own, ...parts.flatMap((part) => part.events)];
  return { events: all.toSorted((one, other) => (one.at < other.at ? -1 : 1)).slice(-limit), missing };
}
