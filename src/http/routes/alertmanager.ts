import { z } from '@hono/zod-openapi';
import type { Instance } from '../../runtime/fleet/fleet.ts';

/** More alerts than this in one call are refused; Alertmanager's own limit is `max_alerts` of the receiver. */
const MOST_ALERTS = 1_000;

const labels = z.record(z.string(), z.string());

/** The part of Alertmanager's webhook (version 4) that matters here; the rest is ignored. */
export const AlertmanagerMessage = z.object({
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
export type Alert = z.output<typeof AlertmanagerMessage>['alerts'][number];

export const ALERT_RESULTS = [
  'restarted',
  'held',
  'skipped',
  'failed',
  'duplicate',
  'resolved',
  'ignored',
  'unknown_name',
] as const;
export type AlertResult = (typeof ALERT_RESULTS)[number];

/** Why an alert requests nothing; null: it requests a restart of the instance that its label `name` names. */
export function reasonToIgnore({ status, labels }: Alert): 'resolved' | 'ignored' | null {
  if (labels['restart'] !== 'true' || labels['name'] === undefined) return 'ignored';
  return status === 'firing' ? null : 'resolved';
}

/** The alert's own name, bounded, for people. */
export function nameOf({ labels }: Alert): string {
  return printable(labels['alertname'] ?? 'an alert without a name');
}

/**
 * The requester of the restart. It is the same for the same alert as long as that fires, so the restart history shows
 * whether the alert had its restart already, also after a restart of the watchdog.
 */
export function requesterOf(alert: Alert): string {
  return `${nameOf(alert)} (${printable(alert.fingerprint)}, since ${printable(alert.startsAt)})`;
}

/** Alertmanager repeats an alert while it fires; each alert gets one restart. */
export function hadItsRestart({ state }: Instance, requester: string): boolean {
  return state.history.some(({ trigger, requestedBy }) => trigger === 'alert' && requestedBy === requester);
}

export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').slice(0, 100);
}
