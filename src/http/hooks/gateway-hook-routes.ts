import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isoTime } from '../../core/schedule/iso-time.ts';
import { echoMarkIn } from '../../core/silence/echo.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import type { Access } from '../access/access.ts';
import type { HookCall } from '../access/hook-call.ts';
import { appendedTo } from '../access/shown-tokens.ts';
import type { HttpApp, HttpEnv, HttpParts } from '../http-parts.ts';
import { answer, failure, instanceName, NO_SUCH_INSTANCE, WRITE_FAILURES } from '../routes/documented.ts';
import { disabled, instanceNamed } from '../routes/instance-routes.ts';
import { AccountHook } from './account-hook.ts';
import { HookAnswer, HookAnswers } from './hook-answer.ts';
import { listedEvents, MOST_EVENTS } from './listed-events.ts';
import { webhookText, webhookType } from './webhook-text.ts';

const token = z.string().openapi({ description: 'The token, for callers that cannot set a header.' });
const event = z.string().openapi({
  description: 'Some gateways append the name of the event to the URL. That of a message is a sign of life.',
});

const WHOLE_ACCOUNT = '/api/v1/hooks/gateway';
const PATH = `${WHOLE_ACCOUNT}/{name}`;

const failures = { 409: failure('It is disabled.'), ...NO_SUCH_INSTANCE, ...WRITE_FAILURES } as const;

const accountFailures = {
  409: failure('It is disabled, or several accounts have an instance of this id.'),
  413: failure('The body is too long, or a list of too many events.'),
  415: failure('The body is compressed in a way that is not known.'),
  400: failure('The body names no instance, or the gateway does not say where.'),
  503: failure('The replica that watches it gave no answer.'),
} as const;

const common = {
  method: 'post',
  responses: {
    202: answer(
      'It is probed now, or later if its last probe was only a moment ago.',
      z.union([z.strictObject({ probe: z.enum(['now', 'later']) }), HookAnswer, HookAnswers]),
    ),
    ...failures,
    ...accountFailures,
  },
} as const;

const wholeAccount = createRoute({
  method: 'post',
  path: WHOLE_ACCOUNT,
  summary: 'The webhook of a gateway for a whole account: its body says which instance it is about, and what happened',
  request: {
    query: z.object({
      token: token.optional(),
      account: z.string().optional().openapi({ description: 'The account, where the token is for several.' }),
    }),
  },
  responses: {
    202: answer('What came of it, or of each event of a list.', z.union([HookAnswer, HookAnswers])),
    ...WRITE_FAILURES,
    ...accountFailures,
  },
});

const plain = createRoute({
  ...common,
  path: PATH,
  summary:
    'The webhook of a gateway for one instance: triggers an immediate probe; a message is a sign of life, whatever it says. In place of the name may be a token, or the name of an event, for a whole account',
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
 * `POST /api/v1/hooks/gateway` and `/{name}` below it are called by gateways when something happens, and `/activity` by what
 * talks to an instance. They only ever cause a probe, and note a time.
 */
export function addGatewayHookRoutes(app: HttpApp, parts: HttpParts, access: Access): void {
  const { clock, fleet, control, hooks, webhookEnded } = parts;
  const ofAccounts = new AccountHook(parts);
  const enabled = (name: string): Instance => {
    const instance = instanceNamed(fleet, name);
    if (!instance.definition.enabled) throw disabled(instance);
    return instance;
  };
  const reportsMessage = (instance: Instance, text: string, type: string, event: string | null): boolean => {
    const { gateway } = instance.account;
    const body = hooks.read(text, type);
    const list = Array.isArray(body) ? listedEvents(body.slice(0, MOST_EVENTS)) : null;
    for (const each of list ?? [{ body, text }]) {
      const mark = echoMarkIn(each.text);
      // That it is being sent is no echo.
      if (mark !== null && gateway.isSent?.(each.body, event) !== true) control.echoed(mark);
    }
    const bodies = [body, ...(list ?? []).map((each) => each.body)];
    return bodies.some((each) => gateway.isMessage?.(each, event) === true);
  };
  const takeOfAccounts = async (c: Context<HttpEnv>, call: HookCall & { readonly isOf: 'accounts' }) => {
    const taken = await ofAccounts.take(c, call);
    return taken instanceof Response ? (taken as never) : c.json(taken, 202);
  };
  const take = async (c: Context<HttpEnv>, name: string, event: string | null) => {
    const call = access.hookCall(c);
    if (call?.isOf === 'accounts') return await takeOfAccounts(c, call);
    const instance = enabled(name);
    const now = clock.now();
    const probe = control.hint(instance) <= now ? ('now' as const) : ('later' as const);
    // It is read in any case: a gateway that is cut off while it sends would send it again. One that cannot be read says nothing more.
    const type = c.req.header('content-type') ?? '';
    const text = await webhookText(c.req.raw.body, { type, coding: c.req.header('content-encoding') });
    const isExpected = instance.policy.activity.silentAfter !== null;
    const isSign =
      isExpected && reportsMessage(instance, typeof text === 'string' ? text : '', webhookType(type), event);
    if (isSign) control.heard(instance);
    webhookEnded(instance.account.name, isSign ? 'message' : 'probe');
    return c.json({ probe }, 202);
  };
  app.openapi(wholeAccount, async (c) => {
    const call = access.hookCall(c);
    if (call?.isOf !== 'accounts') throw new TypeError('a call without an instance is for accounts');
    return await takeOfAccounts(c, call);
  });
  app.openapi(plain, (c) => take(c, c.req.valid('param').name, appendedTo(c.req.query('token'))));
  app.openapi(withToken, (c) => take(c, c.req.valid('param').name, c.req.valid('param').token));
  app.openapi(withTokenAndEvent, (c) => take(c, c.req.valid('param').name, c.req.valid('param').event));
  app.openapi(activity, (c) => {
    const at = control.heard(enabled(c.req.valid('param').name));
    return c.json({ lastActivityAt: isoTime(at) }, 202);
  });
}
