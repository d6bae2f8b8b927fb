import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isoTime } from '../../core/schedule/iso-time.ts';
import type { Instance } from '../../runtime/fleet/fleet.ts';
import { textUpTo } from '../access/json-body.ts';
import { answer, failure, instanceName, NO_SUCH_INSTANCE, WRITE_FAILURES } from './documented.ts';
import type { HttpApp, HttpEnv, HttpParts } from '../http-parts.ts';
import { disabled, instanceNamed } from './instance-routes.ts';

const token = z.string().openapi({ description: 'The token, for callers that cannot set a header.' });
const event = z.string().openapi({
  description: 'Some gateways append the name of the event to the URL. That of a message is a sign of life.',
});

const PATH = '/api/v1/hooks/gateway/{name}';

/** A longer body is not looked into: it only causes a probe. Pictures and voices may stand in it. */
const LONGEST_READ = 1024 * 1024;

const failures = { 409: failure('It is disabled.'), ...NO_SUCH_INSTANCE, ...WRITE_FAILURES } as const;

const common = {
  method: 'post',
  responses: {
    202: answer(
      'It is probed now, or later if its last probe was only a moment ago.',
      z.strictObject({ probe: z.enum(['now', 'later']) }),
    ),
    ...failures,
  },
} as const;

const plain = createRoute({
  ...common,
  path: PATH,
  summary: 'The webhook of a gateway: triggers an immediate probe; a message is a sign of life, whatever it says',
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

const activity = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/activity',
  summary: 'Something flows through the instance; the body is ignored, and only the time is kept',
  request: { params: instanceName, query: z.object({ token: token.optional() }) },
  responses: {
    202: answer('It is noted.', z.strictObject({ lastActivityAt: z.iso.datetime() })),
    ...failures,
  },
});

/**
 * `POST /api/v1/hooks/gateway/{name}` is called by gateways when something happens, and `/activity` by what talks to an
 * instance. They only ever cause a probe, and note a time.
 */
export function addGatewayHookRoutes(app: HttpApp, { clock, fleet, control }: HttpParts): void {
  const enabled = (name: string): Instance => {
    const instance = instanceNamed(fleet, name);
    if (!instance.definition.enabled) throw disabled(instance);
    return instance;
  };
  const take = async (c: Context<HttpEnv>, name: string, event: string | null) => {
    const instance = enabled(name);
    const now = clock.now();
    const probe = control.hint(instance) <= now ? ('now' as const) : ('later' as const);
    if (await isMessage(c, instance, event)) control.heard(instance);
    return { probe };
  };
  app.openapi(plain, async (c) => {
    return c.json(await take(c, c.req.valid('param').name, eventAfter(c.req.query('token'))), 202);
  });
  app.openapi(withToken, async (c) => {
    const { name, token: part } = c.req.valid('param');
    return c.json(await take(c, name, part), 202);
  });
  app.openapi(withTokenAndEvent, async (c) => {
    const { name, event: part } = c.req.valid('param');
    return c.json(await take(c, name, part), 202);
  });
  app.openapi(activity, (c) => {
    const at = control.heard(enabled(c.req.valid('param').name));
    return c.json({ lastActivityAt: isoTime(at) }, 202);
  });
}

/** A gateway that appends the event to the URL appends it to the token, too. */
function eventAfter(query: string | undefined): string | null {
  return query?.includes('/') === true ? (query.split('/').findLast((part) => part !== '') ?? null) : null;
}

/** Whether a webhook reports a message. Only where signs of life are expected is its body looked into. */
async function isMessage(c: Context<HttpEnv>, { account, policy }: Instance, event: string | null): Promise<boolean> {
  const { gateway } = account;
  if (gateway.isMessage === undefined || policy.activity.silentAfter === null) return false;
  if (gateway.isMessage(undefined, event)) return true;
  const text = await textUpTo(LONGEST_READ, c.req.raw.body);
  if (text === null) return false;
  try {
    return gateway.isMessage(JSON.parse(text), event);
  } catch {
    // No JSON: it says nothing that could be read.
    return false;
  }
}
