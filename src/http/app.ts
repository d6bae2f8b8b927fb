import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { getPath } from 'hono/utils/url';
import type { z } from 'zod';
import { Access, apiRight } from './access/access.ts';
import { jsonBody, KIB, MIB } from './access/json-body.ts';
import { addAccountRoutes } from './routes/account-routes.ts';
import { addActionRoutes } from './routes/action-routes.ts';
import { addApiDocument } from './routes/api-document.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addAlertRoute, reportRefusedAlerts } from './routes/alert-route.ts';
import { addGatewayHookRoutes } from './hooks/gateway-hook-routes.ts';
import type { HttpApp, HttpEnv, HttpParts } from './http-parts.ts';
import { addBadgeRoute, isBadgeOfPage } from './history/badge-route.ts';
import { addPublicRoute } from './history/public-route.ts';
import { GroupPasts } from './history/group-pasts.ts';
import { addHistoryRoutes } from './history/history-routes.ts';
import { Load } from './load/load.ts';
import { forwardToOwner } from './peers/forward.ts';
import { addInstanceRoutes } from './routes/instance-routes.ts';
import { addMetricsRoute } from './routes/metrics-route.ts';
import { BUG, HttpProblem, problem } from './problem.ts';
import { addPageRoutes } from './routes/page-route.ts';
import { addProcessRoutes } from './routes/process-routes.ts';

/** Alertmanager sends all alerts of a group in one call, 0.5 to 5 KiB each, and by itself limits neither. */
const LONGEST_DELIVERY = 8 * MIB;
const LONGEST_BODY = 64 * KIB;

/** All routes. Health checks never need a token; routes that show phone numbers or act may. */
export function createApp(parts: HttpParts): HttpApp {
  const app: HttpApp = new OpenAPIHono<HttpEnv>({
    getPath: (request) => withoutSpareSlashes(getPath(request)),
    defaultHook: (result) => {
      if (!result.success) throw new HttpProblem(400, wrongInput(result.target, result.error));
    },
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: wrongMethod }));
  const access = new Access(parts);
  const load = new Load(parts.clock);
  app.use('/api/*', access.require(apiRight));
  app.use('/metrics', access.require('metrics'));
  app.use('/badge/*', access.requirePublic(parts.publicPage, isBadgeOfPage));
  app.use('/-/reload', access.require('reload'));
  app.use('/api/v1/hooks/alertmanager', reportRefusedAlerts(parts), jsonBody(LONGEST_DELIVERY));
  for (const path of ['/api/v1/instances/*', '/api/v1/accounts/*']) app.use(path, jsonBody(LONGEST_BODY));

  app.use('/api/v1/*', forwardToOwner(parts, access));

  addPageRoutes(app, parts);
  addMetricsRoute(app, parts, access, load);
  addProcessRoutes(app, parts, access);
  addInstanceRoutes(app, parts, access, load);
  addActionRoutes(app, parts, access);
  addAccountRoutes(app, parts);
  addAlertRoute(app, parts);
  addGatewayHookRoutes(app, parts, access);
  addEventRoutes(app, parts, access, load);
  const pasts = new GroupPasts(parts);
  addHistoryRoutes(app, parts, access, load, pasts);
  addBadgeRoute(app, parts, pasts);
  addPublicRoute(app, parts, access, pasts);
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

/** Gateways append the name of the event to the URL of a hook, with a slash between them whether or not it ends with one. */
function withoutSpareSlashes(path: string): string {
  return path.includes('/hooks/') ? path.replace(/\/{2,}/g, '/').replace(/\/$/, '') : path;
}

function wrongMethod(_: unknown, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return problem(405, `This route answers ${allow} only.`, { allow });
}

/** `limit: must be …; cursor: …`: what is wrong, by the names of the client. */
function wrongInput(target: string, { issues }: z.core.$ZodError): string {
  const problems = issues.map(
    ({ path, message }) => `${path.length === 0 ? target : path.map(String).join('.')}: ${message}`,
  );
  return `${problems.slice(0, 10).join('; ')}.`;
}
