import { createRoute, z } from '@hono/zod-openapi';
import { answer, failure, instanceName, NO_SUCH_INSTANCE, WRITE_FAILURES } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { disabled, instanceNamed } from './instance-routes.ts';

const token = z.string().openapi({ description: 'The token, for callers that cannot set a header.' });
const event = z.string().openapi({ description: 'Ignored: some gateways append the name of the event to the URL.' });

const PATH = '/api/v1/hooks/gateway/{name}';

const common = {
  method: 'post',
  responses: {
    202: answer(
      'It is probed now, or later if its last probe was only a moment ago.',
      z.strictObject({ probe: z.enum(['now', 'later']) }),
    ),
    409: failure('It is disabled.'),
    ...NO_SUCH_INSTANCE,
    ...WRITE_FAILURES,
  },
} as const;

const plain = createRoute({
  ...common,
  path: PATH,
  summary: 'The webhook of a gateway: the body is ignored; the call triggers an immediate probe',
  request: { params: instanceName, query: z.object({ token: token.optional() }) },
});

const withToken = createRoute({
  ...common,
  path: `${PATH}/{token}`,
  summary: 'The same with the token, or the name of the event, in the path',
  request: { params: instanceName.extend({ token }) },
});

const withTokenAndEvent = createRoute({
  ...common,
  path: `${PATH}/{token}/{event}`,
  summary: 'The same with the token and the name of the event in the path',
  request: { params: instanceName.extend({ token, event }) },
});

/** `POST /api/v1/hooks/gateway/{name}`: gateways call it when something happens, and it only ever causes a probe. */
export function addGatewayHookRoutes(app: HttpApp, { clock, fleet, control }: HttpParts): void {
  const probe = (name: string): 'now' | 'later' => {
    const instance = instanceNamed(fleet, name);
    if (!instance.definition.enabled) throw disabled(instance);
    const now = clock.now();
    return control.hint(instance) <= now ? 'now' : 'later';
  };
  app.openapi(plain, (c) => c.json({ probe: probe(c.req.valid('param').name) }, 202));
  app.openapi(withToken, (c) => c.json({ probe: probe(c.req.valid('param').name) }, 202));
  app.openapi(withTokenAndEvent, (c) => c.json({ probe: probe(c.req.valid('param').name) }, 202));
}
