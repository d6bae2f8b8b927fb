import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requireBearer } from './bearer.ts';
import { addHealthRoutes } from './health-routes.ts';
import type { HttpApp, HttpEnv, HttpParts } from './http-parts.ts';
import { addInstanceRoutes } from './instance-routes.ts';
import { addMetricsRoute } from './metrics-route.ts';
import { BUG, problem } from './problem.ts';
import { addReloadRoute } from './reload-route.ts';

/** All routes. Scrapers and health checks never need a token; what shows phone numbers does, if there is one. */
export function createApp(parts: HttpParts): HttpApp {
  const app = new Hono<HttpEnv>();
  const readers = requireBearer(() => parts.readToken);
  app.use('/', readers);
  app.use('/api/*', readers);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: wrongMethod }));

  app.get('/', (c) => c.text(overview(parts.version)));
  addMetricsRoute(app, parts);
  addHealthRoutes(app, parts);
  addReloadRoute(app, parts);
  addInstanceRoutes(app, parts);

  app.notFound(() => problem(404, 'There is nothing here; GET / lists what there is.'));
  app.onError((error) => {
    parts.onError(error);
    return problem(500, BUG);
  });
  return app;
}

function wrongMethod(_: unknown, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return problem(405, `This route answers ${allow} only.`, { allow });
}

function overview(version: string): string {
  return `smileapi-watchdog ${version}

GET /metrics                   metrics for Prometheus
GET /-/healthy                 200 while the probe loop makes progress
GET /-/ready                   200 once the first probes are out
POST /-/reload                 read the config again
GET /api/v1/instances          ?phase= &account= &q= &limit= &cursor=
GET /api/v1/instances/{name}   one instance, with its restarts and last verdicts
`;
}
