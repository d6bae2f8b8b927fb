import { z } from '@hono/zod-openapi';
import { TRIGGERS } from '../../core/instance/instance.ts';
import { EVERY_CAUSE } from '../../core/verdict.ts';
import { INCIDENT_ENDS, INCIDENT_KINDS } from '../../history/incident.ts';
import { list, seconds, time, view } from './schemas.ts';

/** What the API shows of the past. Each name is both a schema and its type. */

const past = {
  availability: z.number().nullable().openapi({
    description:
      'From 0 to 1: the healthy part of the time, without pauses. Time in which nothing is known is not available. Null: there is none.',
  }),
  healthy: seconds,
  failing: seconds,
  needsHuman: seconds,
  unknown: seconds,
  paused: seconds.openapi({ description: 'Seconds of pauses and maintenance.' }),
  restarts: z.int(),
  healings: z.int().openapi({ description: 'Restarts after which it was healthy again.' }),
  timeToHeal: z.number().nullable().openapi({ description: 'Mean seconds from a restart to health.' }),
  latency: z.number().nullable().openapi({ description: 'Mean seconds that the gateway took for an answer.' }),
};

export type PastView = z.output<typeof PastView>;
const PastView = view(past).openapi('Past');

export type DatedPastView = z.output<typeof DatedPastView>;
const DatedPastView = view({
  from: z.string().openapi({ description: 'An hour (its beginning in UTC), or a day or a month of `timezone`.' }),
  ...past,
}).openapi('DatedPast');

const pastOfOne = {
  timezone: z.string().openapi({ description: 'The IANA time zone of days and months.' }),
  since: z.string().nullable().openapi({ description: 'The first day of which anything is known.' }),
  spans: view({ '24h': PastView, '7d': PastView, '30d': PastView, '90d': PastView }).openapi({
    description: 'Each with the current hour or day.',
  }),
  hours: list(DatedPastView),
  days: list(DatedPastView),
  months: list(DatedPastView),
};

export type AvailabilityView = z.output<typeof AvailabilityView>;
export const AvailabilityView = view({ name: z.string(), account: z.string(), ...pastOfOne }).openapi('Availability');

export type GroupAvailabilityView = z.output<typeof GroupAvailabilityView>;
export const GroupAvailabilityView = view({
  group: z.string().openapi({ description: 'Empty: all together, or instances without the label.' }),
  instances: z.int(),
  ...pastOfOne,
}).openapi('GroupAvailability');

const incident = {
  kind: z.enum(INCIDENT_KINDS),
  name: z.string().nullable().openapi({ description: 'Null: it is about an account, or the watchdog itself.' }),
  displayName: z.string().nullable().openapi({
    description: 'What people call its instance now; null: nothing else than its name, or it is not known here.',
  }),
  account: z.string().nullable(),
  cause: z.union([z.enum(EVERY_CAUSE), z.null()]),
  began: time,
  ended: time.nullable().openapi({ description: 'Null: it lasts.' }),
  seconds: seconds.openapi({ description: 'How long it lasted, or has lasted so far.' }),
  endedBy: z.enum(INCIDENT_ENDS).nullable(),
  trigger: z.union([z.enum(TRIGGERS), z.null()]).openapi({ description: 'Why the restart that ended it was made.' }),
  restarts: z.int().openapi({ description: 'Restart calls during it.' }),
};

export type IncidentView = z.output<typeof IncidentView>;
export const IncidentView = view(incident).openapi('Incident');
/** The same from another replica; an older one does not say what people call an instance. */
export const IncidentOfPeer = view({ ...incident, displayName: incident.displayName.default(null) });
