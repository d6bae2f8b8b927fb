import { createRoute, z } from '@hono/zod-openapi';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';
import { BODY_FAILURES, NOT_SAVED, requester, requireSaved } from './action-body.ts';
import { answer, failure, WRITE_FAILURES } from './documented.ts';

const accountName = z.object({ name: z.string().openapi({ description: 'Name of an account.' }) });

const release = createRoute({
  method: 'post',
  path: '/api/v1/accounts/{name}/release',
  summary: 'Let restarts of an account go on that are held because restarts did harm',
  request: { params: accountName, body: requester },
  responses: {
    200: answer(
      'The harm so far no longer counts.',
      z.strictObject({
        account: z.string(),
        released: z.int().openapi({ description: 'How many restarts that did harm no longer count.' }),
      }),
    ),
    404: failure('No account of this name is configured.'),
    503: failure(NOT_SAVED),
    ...BODY_FAILURES,
    ...WRITE_FAILURES,
  },
});

/** The calls that are about all instances of one account. */
export function addAccountRoutes(app: HttpApp, { fleet, control }: HttpParts): void {
  app.openapi(release, async (c) => {
    const account = fleet().accounts.get(c.req.valid('param').name);
    if (account === undefined) {
      throw new HttpProblem(404, 'No account of this name is configured; GET /api/v1/status lists all.');
    }
    const done = await control.release(account, c.req.valid('json').requestedBy ?? 'api');
    requireSaved(done);
    return c.json({ account: account.name, released: done.harmed }, 200);
  });
}
