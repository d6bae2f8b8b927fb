import { createRoute, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { HOLDS, type Hold } from '../../core/instance/instance.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { body, BODY_FAILURES } from './action-body.ts';
import { answer, failure, WRITE_FAILURES } from './documented.ts';
import type { HttpApp, HttpEnv, HttpParts } from '../http-parts.ts';
import { ownerOfFound } from '../peers/found-owner.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import type { Peers } from '../peers/peers.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import type { WatchControl } from '../../runtime/watch-control.ts';
import { MINUTE } from '../../core/time.ts';
import { sleep } from '../../time/clock.ts';

/** The part of Alertmanager's webhook (version 4) that matters here; the rest is ignored. Each alert is checked by itself. */
const AlertmanagerMessage = z.object({ alerts: z.array(z.unknown()) });

const Alert = z.object({
  status: z.string(),
  labels: z.record(z.string(), z.string()),
  startsAt: z.string().default(''),
  fingerprint: z.string().default(''),
});
type Alert = z.output<typeof Alert>;

const AlertAnswer = z.strictObject({
  name: z.string().nullable(),
  fingerprint: z.string(),
  result: z.enum([
    'restarted',
    'held',
    'skipped',
    'failed',
    'duplicate',
    'resolved',
    'ignored',
    'unknown_name',
    'invalid',
  ]),
  holds: z.array(z.enum(HOLDS)).optional(),
  problem: z.string().optional().openapi({ description: 'What is wrong with an invalid alert.' }),
});
type AlertAnswer = z.output<typeof AlertAnswer>;
type AnswerToAlert = Pick<AlertAnswer, 'result' | 'holds'>;

const alertmanager = createRoute({
  method: 'post',
  path: '/api/v1/hooks/alertmanager',
  summary: 'The webhook of Alertmanager: firing alerts labelled restart="true" and name restart that instance',
  request: { body: body(AlertmanagerMessage, true) },
  responses: {
    200: answer('The result of each alert.', z.strictObject({ results: z.array(AlertAnswer) })),
    ...BODY_FAILURES,
    400: failure('It is not a message of Alertmanager.'),
    413: failure('It is too long.'),
    ...WRITE_FAILURES,
  },
});

/** What counts of an answer like that of {@link AlertAnswer}. */
const OwnersAnswer = z.object({
  results: z.array(z.object({ result: AlertAnswer.shape.result, holds: AlertAnswer.shape.holds })),
});

type AlertParts = Pick<HttpParts, 'fleet'> &
  Partial<Pick<HttpParts, 'peers'>> & {
    readonly control: Pick<WatchControl, 'requestRestart'>;
    /** Whether another replica passed the alert on: it goes no further. */
    readonly isPassedOn?: boolean;
    /** How many names that the config does not have may still be looked for at other replicas. */
    readonly lookups?: { left: number };
    /** What holds the restarts of instances that earlier alerts of the delivery were about: it is reported once for each. */
    readonly held?: Map<Instance, readonly Hold[]>;
  };

/** In one delivery, which may name ten thousand. */
const MOST_LOOKUPS = 100;

/** Names in one event; the rest is counted. */
const MOST_NAMES = 10;
/** Alerts between two pauses: a delivery may hold ten thousand, and most of them cost no more than a look. */
const PAUSE_EVERY = 100;

/** `POST /api/v1/hooks/alertmanager`. */
export function addAlertRoute(app: HttpApp, parts: HttpParts): void {
  app.openapi(alertmanager, async (c) => {
    const results: AlertAnswer[] = [];
    const unmatched: Alert[] = [];
    const answering = {
      ...parts,
      isPassedOn: isFromPeer(c, parts.peers),
      lookups: { left: MOST_LOOKUPS },
      held: new Map<Instance, readonly Hold[]>(),
    };
    // One after the other: two alerts about one instance must not both find that it had no restart.
    for (const [index, input] of c.req.valid('json').alerts.entries()) {
      if (index % PAUSE_EVERY === PAUSE_EVERY - 1) await sleep(parts.clock, 0);
      const { data: alert, error } = Alert.safeParse(input);
      if (alert === undefined) {
        results.push({ name: null, fingerprint: '', result: 'invalid', problem: mistakeIn(index, error) });
        continue;
      }
      const answered = await answerToAlert(alert, answering);
      if (answered.result === 'unknown_name') unmatched.push(alert);
      results.push({ name: alert.labels['name'] ?? null, fingerprint: alert.fingerprint, ...answered });
    }
    report(results, unmatched, parts);
    return c.json({ results }, 200);
  });
}

/** Publishes that a whole delivery was refused: Alertmanager does not repeat it, and logs no more than the status. */
export function reportRefusedAlerts({
  clock,
  publish,
}: Pick<HttpParts, 'clock' | 'publish'>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next();
    if (!UNREADABLE.has(c.res.status)) return;
    const reason = printable((c.error?.message ?? '').replace(/\.$/, ''));
    publish({ at: clock.now(), type: 'alerts_refused', alerts: null, reason });
  };
}

const UNREADABLE: ReadonlySet<number> = new Set([400, 413, 415]);

/** One event for all alerts of a delivery that came to nothing for the same reason. */
function report(
  results: readonly AlertAnswer[],
  unmatched: readonly Alert[],
  { clock, publish }: Pick<HttpParts, 'clock' | 'publish'>,
): void {
  const invalid = results.flatMap(({ problem }) => problem ?? []);
  const [reason] = invalid;
  if (reason !== undefined) publish({ at: clock.now(), type: 'alerts_refused', alerts: invalid.length, reason });
  const [first] = unmatched;
  if (first === undefined) return;
  const names = new Set(unmatched.map(({ labels }) => printable(labels['name'] ?? '')));
  const shown = [...names].slice(0, MOST_NAMES);
  const instances = names.size > MOST_NAMES ? [...shown, `${names.size - MOST_NAMES} more`] : shown;
  publish({ at: clock.now(), type: 'alert_unmatched', alerts: unmatched.length, alert: nameOf(first), instances });
}

/** What is wrong with the alert at `index`, for people. */
function mistakeIn(index: number, { issues: [issue] }: z.core.$ZodError): string {
  const path = ['alerts', index, ...(issue?.path ?? [])].map(String).join('.');
  return printable(`${path}: ${issue?.message ?? 'is not an alert'}`);
}

/** Restarts what an alert is about, once for each alert. */
export async function answerToAlert(
  alert: Alert,
  {
    fleet,
    control,
    peers = null,
    isPassedOn = false,
    lookups = { left: MOST_LOOKUPS },
    held: met = new Map(),
  }: AlertParts,
): Promise<AnswerToAlert> {
  const ignored = reasonToIgnore(alert);
  if (ignored !== null) return { result: ignored };
  const name = alert.labels['name'] ?? '';
  const instance = fleet().instances.get(name);
  if (instance === undefined) {
    if (peers === null || (isPassedOn && peers.accountOf(name) === null)) return { result: 'unknown_name' };
    // It has gone to another replica meanwhile. Alertmanager repeats an alert that goes on.
    if (isPassedOn) return { result: 'failed' };
    return (await answerOfOwner(name, alert, peers, lookups)) ?? { result: 'unknown_name' };
  }
  const requestedBy = requesterOf(alert);
  if (hadItsRestart(instance, requestedBy)) return { result: 'duplicate' };
  const before = met.get(instance);
  if (before !== undefined) return { result: 'held', holds: [...before] };
  const request = { trigger: 'alert', requestedBy, force: false } as const;
  const { held, skipped, failed } = await control.requestRestart(instance, request);
  if (held.length > 0) {
    const holds = held.map(({ hold }) => hold);
    met.set(instance, holds);
    return { result: 'held', holds };
  }
  if (failed !== null) return { result: 'failed' };
  return { result: skipped === null ? 'restarted' : 'skipped' };
}

/** The replica that watches the instance answers, once; null: none does. */
async function answerOfOwner(
  name: string,
  alert: Alert,
  peers: Peers,
  lookups: { left: number },
): Promise<AnswerToAlert | null> {
  const account = peers.accountOf(name);
  if (account === null && (!peers.discovers || lookups.left === 0)) return null;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ alerts: [alert] });
  const path = '/api/v1/hooks/alertmanager';
  try {
    if (account === null) lookups.left -= 1;
    const owner = account === null ? await ownerOfFound(peers, name) : peers.ownerOf(account);
    if (account === null && owner === null) return null;
    if (owner === null || owner === 'self') return { result: 'failed' };
    const answered = await peers.call(owner, { method: 'POST', path, headers, body, timeout: MINUTE });
    const [result] = OwnersAnswer.parse(JSON.parse(answered.body)).results;
    return result === undefined ? { result: 'failed' } : result;
  } catch {
    // Alertmanager repeats an alert that goes on.
    return { result: 'failed' };
  }
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
  return cleanText(text.slice(0, 1_000)).slice(0, 100);
}
