import { createRoute, z } from '@hono/zod-openapi';
import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import type { RequestedRestart } from '../../runtime/watch-control.ts';
import type { Access } from '../access/access.ts';
import {
  body,
  BODY_FAILURES,
  duration,
  NOT_SAVED,
  requestedBy,
  requester,
  requireSaved,
  words,
} from './action-body.ts';
import { answer, failure, instanceName, NO_SUCH_INSTANCE, WRITE_FAILURES } from './documented.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { disabled, instanceNamed } from './instance-routes.ts';
import { instanceView, lastProbeView, remedyAbout, restartRecordView } from '../views/instance-view.ts';
import { HttpProblem } from '../problem.ts';
import { InstanceView, LastProbeView, RestartRecordView } from '../views/schemas.ts';

const responses = { ...BODY_FAILURES, ...NO_SUCH_INSTANCE, ...WRITE_FAILURES } as const;

const restart = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/restart',
  summary: 'Restart an instance now, unless something holds that',
  request: {
    params: instanceName,
    body: body(
      z.strictObject({
        force: z.boolean().optional().openapi({ description: 'Overrides every hold but dry_run.' }),
        wait: z.boolean().optional().openapi({ description: 'Whether to answer only when the call has ended.' }),
        requestedBy: requestedBy('the address that the call comes from'),
        trigger: z
          .enum(['api', 'cli'])
          .optional()
          .openapi({ description: 'The trigger in history and metrics; api if left out.' }),
      }),
      false,
    ),
  },
  responses: {
    200: answer(
      'The call has ended; probes will show whether it helped.',
      z.strictObject({ instance: InstanceView, restart: RestartRecordView }),
    ),
    202: answer('The call is under way.', z.strictObject({ instance: InstanceView, restart: z.null() })),
    409: failure('Something holds it: `holds` lists what, `held` until when; or it would be pointless: `skipped`.'),
    503: failure('The intent to restart could not be saved, so the call was not made.'),
    ...responses,
  },
});

const probe = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/probe',
  summary: 'Probe an instance now',
  request: { params: instanceName },
  responses: {
    200: answer(
      'What the probe found.',
      z.strictObject({ ...LastProbeView.unwrap().shape, remedy: z.string().nullable(), instance: InstanceView }),
    ),
    409: failure('It is disabled, or a restart call is in flight.'),
    503: failure('No probe could be made in time.'),
    ...responses,
  },
});

const changed = {
  200: answer('The instance as it is now.', z.strictObject({ instance: InstanceView })),
  503: failure(NOT_SAVED),
  ...responses,
} as const;

const pause = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/pause',
  summary: 'Hold automatic restarts of an instance; probing continues',
  request: {
    params: instanceName,
    body: body(
      z.strictObject({
        reason: words(200),
        for: duration('until it is resumed'),
        requestedBy: requestedBy('api'),
      }),
      true,
    ),
  },
  responses: changed,
});

const acknowledge = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/ack',
  summary: 'Silence the messages about the trouble of an instance until it ends',
  request: {
    params: instanceName,
    body: body(
      z.strictObject({
        reason: words(200).optional(),
        for: duration('until the trouble ends'),
        requestedBy: requestedBy('api'),
      }),
      false,
    ),
  },
  responses: {
    200: changed[200],
    409: failure('There is no trouble to acknowledge: it is healthy, or not down yet.'),
    503: changed[503],
    ...responses,
  },
});

const resume = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/resume',
  summary: 'End a pause',
  request: { params: instanceName, body: requester },
  responses: changed,
});

const reset = createRoute({
  method: 'post',
  path: '/api/v1/instances/{name}/reset',
  summary: 'Forget attempts, spent budget and cooldown of an instance, and judge it from zero',
  request: { params: instanceName, body: requester },
  responses: {
    200: changed[200],
    409: failure('A restart was made just now; it must first show whether it helps.'),
    503: changed[503],
    ...responses,
  },
});

/** The calls that make the watchdog do something with one instance. */
export function addActionRoutes(app: HttpApp, parts: HttpParts, access: Pick<Access, 'clientOf'>): void {
  const { clock, wall, fleet, control, masks } = parts;
  const shown = (instance: Instance): InstanceView => instanceView(instance, masks, clock.now(), wall.now());

  app.openapi(restart, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    const { force, wait, requestedBy: who, trigger = 'api' } = c.req.valid('json');
    const request = { trigger, requestedBy: who ?? access.clientOf(c), force: force ?? false } as const;
    const requested = await control.requestRestart(instance, request);
    const view = shown(instance);
    if (requested.ended === null) throw notRestarted(requested, view);
    if (wait !== true) return c.json({ instance: view, restart: null }, 202);
    const record = await requested.ended;
    if (record === null) throw new HttpProblem(503, `${instance.name} was restarted; how that ended is not known.`);
    return c.json({ instance: shown(instance), restart: restartRecordView(record, masks) }, 200);
  });

  app.openapi(probe, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    const { probe: found, refused } = await control.probeNow(instance);
    if (refused === 'disabled') throw disabled(instance);
    if (refused === 'restarting') {
      throw new HttpProblem(409, `${instance.name} is being restarted; it is probed as soon as that call has ended.`);
    }
    if (found === null) throw new HttpProblem(503, 'No probe could be made in time; GET /-/healthy may show why.');
    const remedy = remedyAbout(instance, found.cause, found.detail);
    return c.json({ ...lastProbeView(found, masks), remedy, instance: shown(instance) }, 200);
  });

  app.openapi(pause, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    const { reason, for: lasts, requestedBy: who } = c.req.valid('json');
    const until = lasts === undefined ? null : wall.now() + lasts;
    requireSaved(await control.pause(instance, { reason, by: who ?? 'api', until }));
    return c.json({ instance: shown(instance) }, 200);
  });

  app.openapi(acknowledge, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    const { reason, for: lasts, requestedBy: who } = c.req.valid('json');
    const until = lasts === undefined ? null : wall.now() + lasts;
    const done = await control.acknowledge(instance, { reason: reason ?? null, by: who ?? 'api', until });
    if (instance.state.acknowledged === null) {
      throw new HttpProblem(
        409,
        `${instance.name} has no trouble to acknowledge: its phase is ${instance.state.phase}.`,
      );
    }
    requireSaved(done);
    return c.json({ instance: shown(instance) }, 200);
  });

  app.openapi(resume, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    requireSaved(await control.unpause(instance, c.req.valid('json').requestedBy ?? 'api'));
    return c.json({ instance: shown(instance) }, 200);
  });

  app.openapi(reset, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    const requested = await control.reset(instance, c.req.valid('json').requestedBy ?? 'api');
    if (requested.answer.skipped !== null) {
      throw new HttpProblem(409, `${instance.name} was restarted just now; reset it when that has shown its effect.`);
    }
    requireSaved(requested);
    return c.json({ instance: shown(instance) }, 200);
  });
}

function notRestarted({ held, skipped, failed }: RequestedRestart, instance: InstanceView): HttpProblem {
  if (failed !== null) return new HttpProblem(503, `${instance.name} was not restarted: ${failed}.`);
  const more = {
    holds: held.map(({ hold }) => hold),
    held: held.map(({ hold, until }) => ({ hold, until: isoTimeOrNull(until) })),
    skipped,
    instance,
  };
  const { words: why, forcible } = whyNot({ held, skipped });
  const forced = forcible ? ' {"force": true} restarts it anyway.' : '';
  return new HttpProblem(409, `${instance.name} was not restarted: ${why}.${forced}`, {}, more);
}

/** Why a requested restart was not made, for people, and whether force would make it. */
function whyNot({ held, skipped }: Pick<RequestedRestart, 'held' | 'skipped'>): {
  readonly words: string;
  readonly forcible: boolean;
} {
  if (skipped === 'needs_human') {
    return { words: 'a restart cannot cure it; a person must look at it', forcible: true };
  }
  if (skipped !== null) return { words: 'a restart was made just now and has time to help', forcible: false };
  const names = held.map(({ hold, until }) => (until === null ? hold : `${hold} until ${isoTime(until)}`));
  return { words: `held by ${names.join(', ')}`, forcible: !held.some(({ hold }) => hold === 'dry_run') };
}
