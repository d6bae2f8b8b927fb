import { createRoute, z } from '@hono/zod-openapi';
import type { Problem } from '../../core/problem.ts';
import { answer, failure } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';

/** At most this many are listed. */
const MOST_PROBLEMS = 100;

const route = createRoute({
  method: 'post',
  path: '/-/reload',
  summary: 'Read the configuration again',
  security: [],
  responses: {
    200: answer(
      'The new configuration is in use.',
      z.strictObject({
        added: z.int(),
        removed: z.int(),
        changed: z.int(),
        changedAccounts: z.int(),
        waitingForRestart: z.array(z.string()).readonly(),
      }),
    ),
    400: failure('It has problems, listed in `problems`; the previous one stays in use.'),
  },
});

/**
 * `POST /-/reload`. Like the other routes under `/-/` it needs no token: it re-reads files that only the operator can
 * write, takes nothing from the request, and does nothing while those files are the same.
 */
export function addReloadRoute(app: HttpApp, { reload }: HttpParts): void {
  app.openapi(route, async (c) => {
    const outcome = await reload();
    if (!outcome.ok) throw refused(outcome.problems);
    const { ok: _, ...done } = outcome;
    return c.json(done, 200);
  });
}

function refused(problems: readonly Problem[]): HttpProblem {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const detail = `The config has ${count}; the previous one stays in use.`;
  return new HttpProblem(400, detail, {}, { problems: problems.slice(0, MOST_PROBLEMS) });
}
