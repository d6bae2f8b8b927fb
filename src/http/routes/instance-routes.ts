import { createRoute, z } from '@hono/zod-openapi';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { READ_FAILURES, answer, failure, instanceName, NO_SUCH_INSTANCE } from './documented.ts';
import type { Access } from '../access/access.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { jsonList, type Load } from '../load/load.ts';
import { findInstances, InstanceQuery } from './instance-query.ts';
import { heartbeatLetters, instanceDetailView, instanceView } from '../views/instance-view.ts';
import { HttpProblem } from '../problem.ts';
import { changingOwner, InstancesPart, isAlone, joinedPage, partsOf } from '../peers/joined.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import { ChangingAccounts, InstanceDetailView, ListedInstance, MissingParts } from '../views/schemas.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/instances',
  summary: 'The instances that match, in the order of the configuration, page by page',
  request: { query: InstanceQuery },
  responses: {
    200: answer(
      'A page of them.',
      z.strictObject({
        instances: z.array(ListedInstance),
        total: z.int().openapi({ description: 'How many match, on all pages.' }),
        nextCursor: z.string().nullable().openapi({ description: 'The cursor of the next page; null: there is none.' }),
        missing: MissingParts,
        changing: ChangingAccounts,
      }),
    ),
    400: failure('A parameter is not valid.'),
    503: failure('Too many long answers are being made.'),
    ...READ_FAILURES,
  },
});

const detail = createRoute({
  method: 'get',
  path: '/api/v1/instances/{name}',
  summary: 'One instance, with its restarts, its recent probes and its policy',
  request: { params: instanceName },
  responses: { 200: answer('The instance.', InstanceDetailView), ...NO_SUCH_INSTANCE, ...READ_FAILURES },
});

/** `GET /api/v1/instances` and `GET /api/v1/instances/{name}`. */
export function addInstanceRoutes(
  app: HttpApp,
  { clock, wall, fleet, masks, peers }: HttpParts,
  access: Pick<Access, 'networkOf'>,
  load: Load,
): void {
  app.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const now = clock.now();
    const shown = wall.now();
    const textOf = (instance: Instance): string => {
      const view = instanceView(instance, masks, now, shown);
      return JSON.stringify(query.heartbeats === 'true' ? { ...view, heartbeats: heartbeatLetters(instance) } : view);
    };
    const placeOf = peers === null ? null : (name: string): number | null => peers.placeOf(name);
    const found = findInstances(fleet().instances, query, placeOf);
    const client = access.networkOf(c);
    const watched = [...fleet().accounts.keys()];
    const pageText = (withAccounts: boolean): Iterable<string> =>
      jsonList('instances', found, textOf, ({ byAccount, ...end }) => {
        if (!withAccounts) return end;
        const counts = watched.map((account) => [account, byAccount.get(account) ?? 0] as const);
        return { ...end, accounts: Object.fromEntries(counts) };
      });
    const isForPeer = isFromPeer(c, peers);
    if (peers === null || placeOf === null || isForPeer || isAlone(peers, watched))
      return load.longAnswer(c, client, pageText(isForPeer));
    const own = InstancesPart.parse(JSON.parse([...pageText(true)].join('')));
    const path = `/api/v1/instances${new URL(c.req.url).search}`;
    const { parts, missing } = await partsOf(peers, path, InstancesPart);
    const pages = [own, ...parts];
    const ofEach = pages.map(({ accounts }) => accounts && Object.keys(accounts));
    const { instances, ...page } = joinedPage(pages, query.limit, placeOf);
    const rest = { ...page, missing, changing: changingOwner(peers, ofEach, missing) };
    const joined = jsonList('instances', instances, JSON.stringify, () => rest);
    return load.longAnswer(c, client, joined);
  });

  app.openapi(detail, (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    return c.json(instanceDetailView(instance, masks, clock.now(), wall.now()), 200);
  });
}

/** @throws HttpProblem when no instance of this name is watched */
export function instanceNamed(fleet: HttpParts['fleet'], name: string): Instance {
  const instance = fleet().instances.get(name);
  if (instance !== undefined) return instance;
  throw new HttpProblem(404, 'No instance of this name is watched; GET /api/v1/instances lists all.');
}

/** Only a change of the configuration makes a disabled instance be probed. */
export function disabled({ name }: Instance): HttpProblem {
  return new HttpProblem(409, `${name} is disabled in the configuration, so it is not probed.`);
}
