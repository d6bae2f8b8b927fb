import { createRoute, z } from '@hono/zod-openapi';
import { HOLDS } from '../../core/instance/instance.ts';
import type { Instance } from '../../runtime/fleet/fleet.ts';
import { answer, failure, instanceName, NO_SUCH_INSTANCE, WRITE_FAILURES } from './documented.ts';
import type { HttpApp, HttpParts, WatchControl } from '../http-parts.ts';
import { disabled, instanceNamed } from './instance-routes.ts';

/** More alerts than this in one call are refused; Alertmanager's own limit is `max_alerts` of the receiver. */
const MOST_ALERTS = 1_000;

const labels = z.record(z.string(), z.string());

/** The part of Alertmanager's webhook (version 4) that matters here; the rest is ignored. */
const AlertmanagerMessage = z.object({
  alerts: z
    .array(
      z.object({
        status: z.string(),
        labels,
        startsAt: z.string().max(64).default(''),
        fingerprint: z.string().max(64).default(''),
      }),
    )
    .max(MOST_ALERTS),
});
type Alert = z.output<typeof AlertmanagerMessage>['alerts'][number];

const token = z.object({
  token: z.string().optional().openapi({ description: 'The token, for callers that cannot set a header.' }),
});

const AlertAnswer = z.strictObject({
  name: z.string().nullable(),
  fingerprint: z.string(),
  result: z.enum(['restarted', 'held', 'skipped', 'failed', 'duplicate', 'resolved', 'ignored', 'unknown_name']),
  holds: z.array(z.enum(HOLDS)).optional(),
});
type AlertAnswer = z.output<typeof AlertAnswer>;

const alertmanager = createRoute({
  method: 'post',
  path: '/api/v1/hooks/alertmanager',
  summary: 'The webhook of Alertmanager: firing alerts labelled restart="true" and name restart that instance',
  request: {
    query: token,
    body: { content: { 'application/json': { schema: AlertmanagerMessage } }, required: true },
  },
  responses: {
    200: answer('The result of each alert.', z.strictObject({ results: z.array(AlertAnswer) })),
    400: failure('It is not a message of Alertmanager.'),
    415: failure('The body is not JSON, or not declared as JSON.'),
    ...WRITE_FAILURES,
  },
});

const gateway = createRoute({
  method: 'post',
  path: '/api/v1/hooks/gateway/{name}',
  summary: 'The webhook of a gateway: the body is ignored; the call triggers an immediate probe',
  request: { params: instanceName, query: token },
  responses: {
    202: answer(
      'It is probed now, or later if its last probe was only a moment ago.',
      z.strictObject({ probe: z.enum(['now', 'later']) }),
    ),
    409: failure('It is disabled.'),
    ...NO_SUCH_INSTANCE,
    ...WRITE_FAILURES,
  },
});

type AlertParts = Pick<HttpParts, 'clock' | 'fleet' | 'publish'> & { control: Pick<WatchControl, 'requestRestart'> };

/** The webhooks that other programs call when something happens. */
export function addHookRoutes(app: HttpApp, parts: HttpParts): void {
  const { clock, fleet, control } = parts;

  app.openapi(alertmanager, async (c) => {
    const results: AlertAnswer[] = [];
    // One after the other: two alerts about one instance must not both find that it had no restart.
    for (const alert of c.req.valid('json').alerts) {
      const { fingerprint, labels } = alert;
      results.push({ name: labels['name'] ?? null, fingerprint, ...(await answerToAlert(alert, parts)) });
    }
    return c.json({ results }, 200);
  });

  app.openapi(gateway, (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    if (!instance.definition.enabled) throw disabled(instance);
    const now = clock.now();
    return c.json({ probe: control.hint(instance) <= now ? ('now' as const) : ('later' as const) }, 202);
  });
}

/** Restarts what an alert is about, once for each alert. */
export async function answerToAlert(
  alert: Alert,
  { clock, fleet, control, publish }: AlertParts,
): Promise<Pick<AlertAnswer, 'result' | 'holds'>> {
  const ignored = reasonToIgnore(alert);
  if (ignored !== null) return { result: ignored };
  const name = alert.labels['name'] ?? '';
  const instance = fleet().instances.get(name);
  if (instance === undefined) {
    publish({ at: clock.now(), type: 'alert_unmatched', alert: nameOf(alert), instance: printable(name) });
    return { result: 'unknown_name' };
  }
  const requestedBy = requesterOf(alert);
  if (hadItsRestart(instance, requestedBy)) return { result: 'duplicate' };
  const { held, skipped, failed } = await control.requestRestart(instance, {
    trigger: 'alert',
    requestedBy,
    force: false,
  });
  if (held.length > 0) return { result: 'held', holds: held.map(({ hold }) => hold) };
  if (failed !== null) return { result: 'failed' };
  return { result: skipped === null ? 'restarted' : 'skipped' };
}

/** Why an alert requests nothing; null: it requests a restart of the instance that its label `name` names. */
function reasonToIgnore({ status, labels }: Alert): 'resolved' | 'ignored' | null {
  if (labels['restart'] !== 'true' || labels['name'] === undefined) return 'ignored';
  return status === 'firing' ? null : 'resolved';
}

/** The alert's own name, bounded, for people. */
function nameOf({ labels }: Alert): string {
  return printable(labels['alertname'] ?? 'an alert without a name');
}

/**
 * The requester of the restart. It is the same for the same alert as long as that fires, so the restart history shows
 * whether the alert had its restart already, also after a restart of the watchdog.
 */
function requesterOf(alert: Alert): string {
  return `${nameOf(alert)} (${printable(alert.fingerprint)}, since ${printable(alert.startsAt)})`;
}

/** Alertmanager repeats an alert while it fires; each alert gets one restart. */
function hadItsRestart({ state }: Instance, requester: string): boolean {
  return state.history.some(({ trigger, requestedBy }) => trigger === 'alert' && requestedBy === requester);
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').slice(0, 100);
}
