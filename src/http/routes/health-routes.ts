import { createRoute } from '@hono/zod-openapi';
import { failure, plain } from './documented.ts';
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

/** `GET /-/healthy` and `GET /-/ready`, for what supervises this process. They reveal nothing about the instances. */
export function addHealthRoutes(app: HttpApp, { late, ready }: HttpParts): void {
  app.openapi(healthy, (c) => {
    const reasons = late();
    if (reasons.length > 0) throw new HttpProblem(503, `Late: ${named(reasons)}.`);
    return c.text('ok', 200);
  });

  app.openapi(readiness, (c) => {
    if (!ready()) throw new HttpProblem(503, 'Starting: the first probes are not all out yet.');
    return c.text('ready', 200);
  });
}

function named(reasons: readonly string[]): string {
  const more = reasons.length - NAMED_AT_MOST;
  return reasons.slice(0, NAMED_AT_MOST).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
