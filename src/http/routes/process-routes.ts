import { createRoute, z } from '@hono/zod-openapi';
import type { Problem } from '../../core/problem.ts';
import type { Access } from '../access/access.ts';
import { ACCESS_FAILURES, answer, failure, plain, WRONG_HOST } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';
import { list } from '../views/schemas.ts';

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
  request: {
    query: z.object({
      force: z.enum(['true', 'false']).default('false').meta({
        description: 'Also what would take more than half of a fleet of ten or more away.',
      }),
    }),
  },
  responses: {
    200: answer(
      'The new configuration is in use.',
      z.strictObject({
        added: z.int(),
        removed: z.int(),
        changed: z.int(),
        changedAccounts: z.int(),
        waitingForRestart: list(z.string()),
      }),
    ),
    400: failure('It has problems, listed in `problems` for who may read; the previous one stays in use.'),
    403: failure('Without an api.token only this machine itself may reload.'),
    421: WRONG_HOST,
    ...ACCESS_FAILURES,
  },
});

/**
 * `GET /-/healthy`, `GET /-/ready` and `POST /-/reload`, for what supervises this process. The first two need no token, so
 * what they say of instances, and what is wrong with the files of the config, is only for those who may read.
 */
export function addProcessRoutes(
  app: HttpApp,
  { late, ready, reload }: HttpParts,
  access: Pick<Access, 'mayRead'>,
): void {
  app.openapi(healthy, (c) => {
    const reasons = late();
    if (reasons.length > 0)
      throw new HttpProblem(503, `Late: ${access.mayRead(c) ? named(reasons) : 'the log says what'}.`);
    return c.text('ok', 200);
  });

  app.openapi(readiness, (c) => {
    if (!ready()) throw new HttpProblem(503, 'Starting: the first probes are not all out yet.');
    return c.text('ready', 200);
  });

  app.openapi(reloading, async (c) => {
    const outcome = await reload(c.req.valid('query').force === 'true');
    if (!outcome.ok) throw refused(outcome.problems, access.mayRead(c));
    const { ok: _, ...done } = outcome;
    return c.json(done, 200);
  });
}

function named(reasons: readonly string[]): string {
  const more = reasons.length - NAMED_AT_MOST;
  return reasons.slice(0, NAMED_AT_MOST).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function refused(problems: readonly Problem[], mayRead: boolean): HttpProblem {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const detail = `The config has ${count}; the previous one stays in use.`;
  if (!mayRead) return new HttpProblem(400, `${detail} The log lists them.`);
  return new HttpProblem(400, detail, {}, { problems: problems.slice(0, MOST_PROBLEMS) });
}
