import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import { requireToken } from './access/access.ts';
import { bodyLimit, hasBody } from './access/body-limit.ts';
import { addAccountRoutes } from './routes/account-routes.ts';
import { addActionRoutes } from './routes/action-routes.ts';
import { addApiDocument } from './routes/api-document.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addHookRoutes } from './routes/hook-routes.ts';
import type { HttpApp, HttpEnv, HttpParts } from './http-parts.ts';
import { addInstanceRoutes } from './routes/instance-routes.ts';
import { addMetricsRoute } from './routes/metrics-route.ts';
import { BUG, HttpProblem, problem } from './problem.ts';
import { addPageRoutes } from './routes/page-route.ts';
import { addProcessRoutes } from './routes/process-routes.ts';

const KIB = 1024;
/** Alertmanager sends all alerts of a group in one call. */
const LONGEST_ALERT_BODY = 1024 * KIB;
const LONGEST_BODY = 64 * KIB;

/** All routes. Scrapers and health checks never need a token; routes that show phone numbers or act may. */
export function createApp(parts: HttpParts): HttpApp {
  const app: HttpApp = new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (!result.success) throw new HttpProblem(400, wrongInput(result.target, result.error));
    },
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: wrongMethod }));
  app.use('/api/*', requireToken(parts));
  app.use('/api/v1/hooks/alertmanager', jsonOnly, bodyLimit(LONGEST_ALERT_BODY));
  for (const path of ['/api/v1/instances/*', '/api/v1/accounts/*']) app.use(path, jsonOnly, bodyLimit(LONGEST_BODY));

  addPageRoutes(app);
  addMetricsRoute(app, parts);
  addProcessRoutes(app, parts);
  addInstanceRoutes(app, parts);
  addActionRoutes(app, parts);
  addAccountRoutes(app, parts);
  addHookRoutes(app, parts);
  addEventRoutes(app, parts);
  addApiDocument(app, parts);

  app.notFound(() => problem(404, 'There is nothing here; GET /api/v1/openapi.json describes what there is.'));
  app.onError((error) => {
    if (error instanceof HttpProblem) return error.response;
    if (error instanceof HTTPException && error.status < 500) return problem(400, `${error.message}.`);
    parts.onError(error);
    return problem(500, BUG);
  });
  return app;
}

function wrongMethod(_: unknown, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return problem(405, `This route answers ${allow} only.`, { allow });
}

/** A body that is not declared as JSON would be ignored without an error. */
const jsonOnly: MiddlewareHandler<HttpEnv> = async (c, next) => {
  if (hasBody(c) && !/^application\/(?:[\w.-]+\+)?json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new HttpProblem(415, 'The body must be JSON: send Content-Type: application/json.');
  }
  await next();
};

/** `limit: must be …; cursor: …`: what is wrong, by the names of the client. */
function wrongInput(target: string, { issues }: z.core.$ZodError): string {
  const problems = issues.map(
    ({ path, message }) => `${path.length === 0 ? target : path.map(String).join('.')}: ${message}`,
  );
  return `${problems.slice(0, 10).join('; ')}.`;
}
