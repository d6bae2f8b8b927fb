import { createRoute, z } from '@hono/zod-openapi';
import type { Problem } from '../../core/problem.ts';
import { answer, failure, plain } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';

/** When everything is late, a few examples are as useful as ten thousand. */
const NAMED_AT_MOST = 10;

const healthy = createRoute({
  method: 'get',
  path: '/-/healthy',
  summary: 'Whether the probe loop makes progress',
  security: [],
  responses: { 200: plain('It does.', 'text/plain'), 503: failure('It does not; the answer names what is late.') },
});

const readiness = createRoute({
  method: 'get',
  path: '/-/ready',
  summary: 'Whether the first probes are out',
  security: [],
  responses: { 200: plain('They are.', 'text/plain'), 503: failure('Not yet.') },
});

/** At most this many are listed. */
const MOST_PROBLEMS = 100;

const reloading = createRoute({
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
 * `GET /-/healthy`, `GET /-/ready` and `POST /-/reload`, for what supervises this process. They need no token: they reveal
 * nothing about the instances, and a reload reads files that only the operator can write, takes nothing from the request,
 * and does nothing while those files are the same.
 */
export function addProcessRoutes(app: HttpApp, { late, ready, reload }: HttpParts): void {
  app.openapi(healthy, (c) => {
    const reasons = late();
    if (reasons.length > 0) throw new HttpProblem(503, `Late: ${named(reasons)}.`);
    return c.text('ok', 200);
  });

  app.openapi(readiness, (c) => {
    if (!ready()) throw new HttpProblem(503, 'Starting: the first probes are not all out yet.');
    return c.text('ready', 200);
  });

  app.openapi(reloading, async (c) => {
    const outcome = await reload();
    if (!outcome.ok) throw refused(outcome.problems);
    const { ok: _, ...done } = outcome;
    return c.json(done, 200);
  });
}

function named(reasons: readonly string[]): string {
  const more = reasons.length - NAMED_AT_MOST;
  return reasons.slice(0, NAMED_AT_MOST).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function refused(problems: readonly Problem[]): HttpProblem {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const detail = `The config has ${count}; the previous one stays in use.`;
  return new HttpProblem(400, detail, {}, { problems: problems.slice(0, MOST_PROBLEMS) });
}
