import { z } from '@hono/zod-openapi';
import { TRIGGERS } from '../../core/instance/instance.ts';
import { EVERY_CAUSE } from '../../core/verdict.ts';
import { INCIDENT_ENDS, INCIDENT_KINDS } from '../../history/incident.ts';
import { seconds, time } from './schemas.ts';

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
const PastView = z.strictObject(past).readonly().openapi('Past');

export type DatedPastView = z.output<typeof DatedPastView>;
const DatedPastView = z
  .strictObject({ from: z.string().openapi({ description: 'An hour, a day or a month of UTC.' }), ...past })
  .readonly()
  .openapi('DatedPast');

const pastOfOne = {
  since: z.string().nullable().openapi({ description: 'The first day of which anything is known.' }),
  spans: z
    .strictObject({ '24h': PastView, '7d': PastView, '30d': PastView, '90d': PastView })
    .readonly()
    .openapi({ description: 'Each with the current hour or day.' }),
  hours: z.array(DatedPastView).readonly(),
  days: z.array(DatedPastView).readonly(),
  months: z.array(DatedPastView).readonly(),
};

export type AvailabilityView = z.output<typeof AvailabilityView>;
export const AvailabilityView = z
  .strictObject({ name: z.string(), account: z.string(), ...pastOfOne })
  .readonly()
  .openapi('Availability');

export type GroupAvailabilityView = z.output<typeof GroupAvailabilityView>;
export const GroupAvailabilityView = z
  .strictObject({
    group: z.string().openapi({ description: 'Empty: all together, or instances without the label.' }),
    instances: z.int(),
    ...pastOfOne,
  })
  .readonly()
  .openapi('GroupAvailability');

export type IncidentView = z.output<typeof IncidentView>;
export const IncidentView = z
  .strictObject({
    kind: z.enum(INCIDENT_KINDS),
    name: z.string().nullable().openapi({ description: 'Null: it is about an account, or the watchdog itself.' }),
    account: z.string().nullable(),
    cause: z.union([z.enum(EVERY_CAUSE), z.null()]),
    began: time,
    ended: time.nullable().openapi({ description: 'Null: it lasts.' }),
    seconds: seconds.openapi({ description: 'How long it lasted, or has lasted so far.' }),
    endedBy: z.enum(INCIDENT_ENDS).nullable(),
    trigger: z.union([z.enum(TRIGGERS), z.null()]).openapi({ description: 'Why the restart that ended it was made.' }),
    restarts: z.int().openapi({ description: 'Restart calls during it.' }),
  })
  .readonly()
  .openapi('Incident');
