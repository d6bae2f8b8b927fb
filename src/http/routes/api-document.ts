import { createRoute, z } from '@hono/zod-openapi';
import { READ_FAILURES, answer } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';

const document = createRoute({
  method: 'get',
  path: '/api/v1/openapi.json',
  summary: 'This document',
  responses: { 200: answer('OpenAPI 3.1.', z.looseObject({})), ...READ_FAILURES },
});

/** `GET /api/v1/openapi.json`, made from the same schemas that check what comes in. Add it last: it knows what is there. */
export function addApiDocument(app: HttpApp, { version }: HttpParts): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description:
      'api.token for everything, api.hookToken for alerts, api.gatewayHookToken or the hookToken of an account for hooks of gateways, api.readToken for reading, api.metricsToken for metrics.',
  });
  app.openAPIRegistry.registerPath(document);
  let text: string | null = null;
  app.get(document.path, (c) => {
    // It takes long to make, and never changes.
    text ??= JSON.stringify(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'smileapi-watchdog',
          version,
          description: 'Errors are application/problem+json; times are ISO 8601 in UTC, durations seconds.',
        },
        servers: [{ url: '/' }],
        security: [{}, { token: [] }],
      }),
    );
    return c.body(text, 200, { 'content-type': 'application/json' });
  });
}
