import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { availabilityOf } from '../../history/bucket.ts';
import { groupsOf, type Group } from '../../history/group-history.ts';
import { SPANS, spanOf } from '../../history/spans.ts';
import type { HttpApp, HttpEnv, HttpParts, PublicSettings } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';
import { failure, plain, READ_FAILURES } from '../routes/documented.ts';
import { badgeSvg, colorOf, percent } from './badge.ts';
import type { GroupPasts } from './group-pasts.ts';
import { groupBy, readable } from './history-routes.ts';

const route = createRoute({
  method: 'get',
  path: '/badge/{file}',
  summary: 'The availability of an instance, or of a group, as an image',
  request: {
    params: z.object({
      file: z
        .string()
        .regex(/\.svg$/, 'must end with .svg')
        .openapi({ description: 'Name of an instance or a group, and .svg.' }),
    }),
    query: z.object({
      by: groupBy.optional().openapi({ type: 'string', description: 'all, account, or label:KEY: of that group.' }),
      span: z.enum(SPANS).default('30d'),
    }),
  },
  responses: {
    200: plain('The image.', 'image/svg+xml'),
    404: failure('No instance or group of this name is watched.'),
    503: failure('The history cannot be read now.'),
    ...READ_FAILURES,
  },
});

/** Whether the public page shows what a badge is about: all together, its groups, and instances unless it hides them. */
export function isBadgeOfPage(c: Context<HttpEnv>, { groupBy: shown, hideNumbers }: PublicSettings): boolean {
  const by = c.req.query('by');
  return by === undefined ? !hideNumbers : by === 'all' || by === shown;
}

/** `GET /badge/{name}.svg`. */
export function addBadgeRoute(app: HttpApp, parts: Pick<HttpParts, 'fleet'>, pasts: GroupPasts): void {
  app.openapi(route, async (c) => {
    const { by, span } = c.req.valid('query');
    const name = c.req.valid('param').file.slice(0, -'.svg'.length);
    const { key, label, group } = subjectOf(parts.fleet, name, by);
    const availability = availabilityOf(spanOf(await readable(() => pasts.of(key, group)), span));
    const badge = { label: `${label} ${span}`, value: percent(availability), color: colorOf(availability) };
    return c.body(badgeSvg(badge), 200, {
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'cache-control': 'max-age=60',
    });
  });
}

function subjectOf(
  fleet: HttpParts['fleet'],
  name: string,
  by: z.output<typeof groupBy> | undefined,
): { readonly key: string; readonly label: string; readonly group: Group } {
  const { instances } = fleet();
  if (by === undefined) {
    const instance = instances.get(name);
    if (instance === undefined)
      throw new HttpProblem(404, 'No instance of this name is watched; ?by=account names a group.');
    const label = instance.definition.displayName ?? name;
    return { key: JSON.stringify(['instance', instance.key]), label, group: { name, instances: [instance] } };
  }
  const group = groupsOf(instances.values(), by).find((each) => by === 'all' || each.name === name);
  if (group === undefined) throw new HttpProblem(404, 'No group of this name is watched.');
  return { key: JSON.stringify([by, group.name, null, null]), label: name, group };
}
