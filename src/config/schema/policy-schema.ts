import { z } from 'zod';
import { MINUTE } from '../../core/time.ts';
import type { ActivityPolicy, ProbePolicy, RestartPolicy } from '../../core/policy.ts';
import { inherited } from './inherited.ts';
import { notTogether } from './paired-keys.ts';
import type { SameAs } from './same-as.ts';
import { signingKey, webhookUrl } from './notify-schema.ts';
import { cronText, durationText, nameText, patternText, timezoneText } from '../values/scalars.ts';

/**
 * What may be set of `probe`, `restart` and `activity`, with what applies where a key is set nowhere. Defaults, accounts and
 * instances take the same keys, each overriding the one before.
 */

/** The window is kept as the bits of one small integer, 30 at most. */
const failuresWithin = z.strictObject({
  failures: count(1, 30, 'Failing probes among the last `probes` that make an instance down.').default(10),
  probes: count(1, 30, 'Number of conclusive probes that are counted back.').default(20),
});

const probe = z.strictObject({
  every: durationText({
    description:
      'Time from one probe of a healthy instance to the next. Excludes `cron`; either replaces an inherited other.',
  }).prefault('30s'),
  cron: cronText({
    description:
      'Cron expression (seconds first when it has six fields) of the probes of a healthy instance, instead of `every`.',
  }).optional(),
  timezone: timezoneText({ description: 'IANA time zone of `cron`.' }).default('UTC'),
  retryEvery: durationText({
    description:
      'Time between probes while suspect or down. WhatsApp gateways often reconnect by themselves within a minute. Where set nowhere, it is never longer than `every`.',
  }).prefault('30s'),
  recoverEvery: durationText({ description: 'Time between probes while recovering from a restart.' }).prefault('5s'),
  timeout: durationText({
    description:
      'Deadline of one probe. Must not be longer than `every`; where set nowhere, it is never longer than `every`.',
  }).prefault('10s'),
  bulk: z.boolean().default(false).meta({
    description:
      'true: if the gateway lists its instances with their states, one request per `every` takes the place of the regular probes of healthy ones. An instance of which the list says anything else is probed.',
  }),
  failureThreshold: count(1, 1000, 'Consecutive failing probes that make an instance down.').default(3),
  successThreshold: count(1, 1000, 'Consecutive healthy probes that end an outage.').default(2),
  connectingGrace: durationText(
    { description: 'How long `connecting` is tolerated before it counts as a failure.' },
    { orZero: true },
  ).prefault('5m'),
  pairingGrace: durationText(
    {
      description:
        'How long `connecting` and `disconnected` are tolerated after a pairing. A large account syncs for minutes, and a restart then loses the pairing.',
    },
    { orZero: true },
  ).prefault('10m'),
  failuresWithin: failuresWithin
    .prefault({})
    .meta({ description: 'When an instance that keeps failing, but never often enough in a row, counts as down.' }),
});

const backoff = z.strictObject({
  factor: z
    .number()
    .min(1)
    .max(100)
    .default(2)
    .meta({ description: 'The cooldown is multiplied by this with each attempt; 1 to 100.' }),
  max: durationText({
    description: 'Longest cooldown, and the longest time that a start may take after restarts that did not help.',
  }).prefault('1h'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .meta({ description: 'Share of the cooldown that chance may add, 0 to 1.' }),
});

const budget = z.strictObject({
  restarts: count(1, 1000, 'Most restarts within `per`.').default(5),
  per: durationText({ description: 'Length of the rolling window.' }).prefault('6h'),
});

const escalate = z
  .strictObject({
    after: count(1, 1000, 'Number of failed restarts of an outage after which that happens.').default(3),
    notify: nameText({ description: 'Name of the receiver under `notify`. Excludes `url`.' }).optional(),
    url: webhookUrl().optional().meta({
      description:
        'A separate receiver, in the format `standard`: a web address. It is a secret, best written as "${NAME}". Excludes `notify`.',
      secret: true,
    }),
    secret: signingKey().nullable().default(null).meta({
      description: 'Key that signs requests to `url` as in Standard Webhooks; null: they are not signed.',
      secret: true,
    }),
  })
  .check(notTogether('notify', 'url'))
  .refine(({ notify, url }) => notify !== undefined || url !== undefined, {
    error: 'has neither "notify" nor "url"',
    params: { remedy: 'Name a receiver of `notify`, or add url: "${NAME}" and set that environment variable.' },
  });

export type EscalateInput = z.output<typeof escalate>;

const restart = z.strictObject({
  enabled: z.boolean().default(true).meta({ description: 'false: restart only on request.' }),
  grace: durationText({
    description: 'Time that a restarted instance has to become healthy. Must not be shorter than `probe.recoverEvery`.',
  }).prefault('90s'),
  cooldown: durationText({
    description: 'Shortest time between the starts of two restarts of one instance, before backoff.',
  }).prefault('5m'),
  backoff: backoff.prefault({}).meta({ description: 'How the cooldown grows with each attempt.' }),
  stableFor: durationText({
    description: 'Attempts count from zero again after an instance has been healthy for this long.',
  }).prefault('10m'),
  budget: budget.prefault({}).meta({ description: 'Most restarts of one instance in a rolling window.' }),
  timeout: durationText({ description: 'Deadline of one restart call.' }).prefault('30s'),
  retries: count(0, 10, 'Repetitions of one restart call, made only when it was certainly not delivered.').default(2),
  escalate: escalate.nullable().default(null).meta({
    description:
      'What happens once per outage when restarts do not help: a receiver of `notify`, or `url`, is sent `escalated`, so that it can restart the process of the gateway; null: nothing.',
  }),
  schedule: cronText()
    .nullable()
    .default(null)
    .meta({ description: 'Cron expression of planned restarts; null: none.' }),
  timezone: timezoneText({ description: 'IANA time zone of `schedule`.' }).default('UTC'),
});

const echo = z.strictObject({
  every: durationText({ description: 'Time between two such messages, at least 5m.' }).refine(
    (every) => every >= 5 * MINUTE,
    {
      error: 'must be at least 5m',
      params: { remedy: 'Each one is a message on WhatsApp: choose a longer time, such as 30m.' },
    },
  ),
  to: patternText(
    /^[\w.-]{1,63}$/,
    '{value} is neither self, nor a name, nor a phone number',
    'Write self, the name of another instance of its account, or the number of one in digits.',
    {
      description:
        'The receiver: "self", the name of another instance of its account, or, if its id is no phone number, its number in digits.',
    },
  ),
});

const activity = z.strictObject({
  silentAfter: durationText({ description: 'Time without a sign of life.' }).nullable().default(null).meta({
    description:
      'An instance that probes find connected is silent when it has shown no sign of life for this long; null: none is expected of it.',
  }),
  during: cronText().nullable().default(null).meta({
    description:
      'Cron expression of the hours that count towards silence: each time at which it fires opens one hour. "0 8-20 * * 1-6" is Monday to Saturday from 8:00 to 21:00. null: all time counts.',
  }),
  timezone: timezoneText({ description: 'IANA time zone of `during`.' }).default('UTC'),
  restart: z.boolean().default(false).meta({
    description:
      'true: restart a silent instance, once per silence and under all holds, unless others of its account are silent as well.',
  }),
  echo: echo.nullable().default(null).meta({
    description:
      'A healthy instance sends a short message at intervals, and its webhook must come back; if it does not, the instance is silent at once. Needs `silentAfter`, and a gateway with `send`. null: it sends nothing.',
  }),
});

/** What applies where a key is set nowhere. */
export const BUILT_IN = { probe: probe.parse({}), restart: restart.parse({}), activity: activity.parse({}) };

export const probeOverrides = inherited(probe).check(notTogether('every', 'cron'));
export const restartOverrides = inherited(restart);
export const activityOverrides = inherited(activity);

export type ProbeOverrides = z.output<typeof probeOverrides>;
export type RestartOverrides = z.output<typeof restartOverrides>;
export type ActivityOverrides = z.output<typeof activityOverrides>;

/** What of a policy the schema gives out as it is; the rest is made of cron expressions and their time zones. */
export type PlainProbePolicy = SameAs<
  Omit<z.output<typeof probe>, 'every' | 'cron' | 'timezone'>,
  Omit<ProbePolicy, 'cadence'>
>;
export type PlainRestartPolicy = SameAs<
  Omit<z.output<typeof restart>, 'schedule' | 'timezone' | 'escalate'>,
  Omit<RestartPolicy, 'schedule' | 'escalate'>
>;

export type PlainActivityPolicy = SameAs<
  Omit<z.output<typeof activity>, 'during' | 'timezone'>,
  Omit<ActivityPolicy, 'during'>
>;

function count(least: number, most: number, description: string) {
  return z
    .int()
    .min(least)
    .max(most)
    .meta({ description: `${description} ${least} to ${most}.` });
}
