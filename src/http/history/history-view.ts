import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { SECOND, type EpochMs } from '../../core/time.ts';
import { availabilityOf, recorded, type Bucket } from '../../history/bucket.ts';
import type { Incident } from '../../history/incident.ts';
import type { Past } from '../../history/instance-history.ts';
import { datedDays, datedHours, datedMonths, latencyOf, spanOf, timeToHeal, type Dated } from '../../history/spans.ts';
import type { AvailabilityView, DatedPastView, IncidentView, PastView } from '../views/history-schemas.ts';

/**
 * A past by spans, hours, days and months.
 *
 * @param timezone that of its days
 */
export function pastOfOneView(past: Past, timezone: string): Omit<AvailabilityView, 'name' | 'account'> {
  const days = datedDays(past);
  return {
    timezone,
    since: days.find(({ bucket }) => recorded(bucket) > 0)?.date ?? null,
    spans: {
      '24h': pastView(spanOf(past, '24h')),
      '7d': pastView(spanOf(past, '7d')),
      '30d': pastView(spanOf(past, '30d')),
      '90d': pastView(spanOf(past, '90d')),
    },
    hours: datedHours(past).map(datedView),
    days: days.map(datedView),
    months: datedMonths(past).map(datedView),
  };
}

function pastView(bucket: Bucket): PastView {
  const { healthy, failing, needsHuman, unknown, paused, restarts, healings } = bucket;
  return {
    availability: rounded(availabilityOf(bucket), 6),
    ...{ healthy, failing, needsHuman, unknown, paused, restarts, healings },
    timeToHeal: rounded(timeToHeal(bucket), 1),
    latency: rounded(latencyOf(bucket), 3),
  };
}

/** @param called what people call an instance; null: nothing else than its name */
export function incidentView(incident: Incident, called: (name: string) => string | null, now: EpochMs): IncidentView {
  const { kind, name, account, cause, began, ended, endedBy, trigger, restarts } = incident;
  return {
    ...{ kind, name, account, cause, endedBy, trigger, restarts },
    displayName: name === null ? null : called(name),
    began: isoTime(began),
    ended: isoTimeOrNull(ended),
    seconds: Math.max(0, Math.round(((ended ?? now) - began) / SECOND)),
  };
}

function datedView({ date, bucket }: Dated): DatedPastView {
  return { from: date, ...pastView(bucket) };
}

/** To this many digits behind the point. */
export function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits;
}
