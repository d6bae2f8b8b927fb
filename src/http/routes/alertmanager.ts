import { z } from '@hono/zod-openapi';
import type { Instance } from '../../runtime/fleet/fleet.ts';

/** More alerts than this in one call are refused; Alertmanager's own limit is `max_alerts` of the receiver. */
const MOST_ALERTS = 1_000;

const labels = z.record(z.string(), z.string());

/** What of Alertmanager's webhook (version 4) matters here; the rest is let through. */
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

/** Why an alert asks for nothing; null: it asks for a restart of the instance that its label `name` names. */
export function reasonToIgnore({ status, labels }: Alert): 'resolved' | 'ignored' | null {
  if (labels['restart'] !== 'true' || labels['name'] === undefined) return 'ignored';
  return status === 'firing' ? null : 'resolved';
}

/** The alert's own name, bounded, for people. */
export function nameOf({ labels }: Alert): string {
  return printable(labels['alertname'] ?? 'an alert without a name');
}

/**
 * Who asks for the restart. The same words for the same alert, as long as it fires: so the restart history tells whether
 * it has had its restart already, also after the watchdog was restarted.
 */
export function requesterOf(alert: Alert): string {
  return `${nameOf(alert)} (${printable(alert.fingerprint)}, since ${printable(alert.startsAt)})`;
}

/** Alertmanager sends an alert again and again while it fires; one restart is what each of them gets. */
export function hadItsRestart({ state }: Instance, requester: string): boolean {
  return state.history.some(({ trigger, requestedBy }) => trigger === 'alert' && requestedBy === requester);
}

export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').slice(0, 100);
}
