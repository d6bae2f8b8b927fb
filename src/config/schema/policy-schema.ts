import { z } from 'zod';
import { notTogether } from './exclusive-keys.ts';
import { cronText, durationText, timezoneText } from './scalars.ts';

/**
 * What may be set of `probe` and `restart`: the same for the defaults, an account and an instance, each overriding
 * the one before. Nothing is filled in here, because what is not set is inherited.
 */

export const probeOverrides = z
  .strictObject({
    every: durationText({
      description:
        'Time from one probe of a healthy instance to the next. Excludes `cron`; either replaces an inherited other.',
      builtIn: '30s',
    }).optional(),
    cron: cronText({
      description:
        'Cron expression (seconds first when it has six fields) of the probes of a healthy instance, instead of `every`.',
    }).optional(),
    timezone: timezoneText({ description: 'IANA time zone of `cron`.', builtIn: 'UTC' }).optional(),
    retryEvery: durationText({
      description:
        'Time between probes while suspect or down. WhatsApp gateways often reconnect by themselves within a minute. Where set nowhere, never longer than `every`.',
      builtIn: '30s',
    }).optional(),
    recoverEvery: durationText({
      description: 'Time between probes while recovering from a restart.',
      builtIn: '5s',
    }).optional(),
    timeout: durationText({
      description: 'Deadline of one probe. Not longer than `every`; where set nowhere, never longer than `every`.',
      builtIn: '10s',
    }).optional(),
    failureThreshold: count(1, 1000, 'Consecutive failing probes that make an instance down.', 3),
    successThreshold: count(1, 1000, 'Consecutive healthy probes that end an outage.', 2),
    connectingGrace: durationText(
      { description: 'How long `connecting` is tolerated before it counts as a failure.', builtIn: '2m' },
      { orZero: true },
    ).optional(),
  })
  .refine(...notTogether('every', 'cron'));

const backoffOverrides = z.strictObject({
  factor: z
    .number()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'The cooldown is multiplied by this with each attempt; 1 to 100.', builtIn: 2 }),
  max: durationText({
    description: 'Longest cooldown, and the time between probes of an exhausted instance.',
    builtIn: '1h',
  }).optional(),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: 'Share of the cooldown that chance may add, 0 to 1.', builtIn: 0.2 }),
});

const budgetOverrides = z.strictObject({
  restarts: count(1, 1000, 'Most restarts within `per`.', 5),
  per: durationText({ description: 'Length of the rolling window.', builtIn: '6h' }).optional(),
});

export const restartOverrides = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .meta({ description: 'false: restart only when somebody asks for it.', builtIn: true }),
  grace: durationText({
    description:
      'Time a restarted instance gets before it counts as not healed. Not shorter than `probe.recoverEvery`.',
    builtIn: '90s',
  }).optional(),
  cooldown: durationText({
    description: 'Least time between the starts of two restarts of one instance, before backoff.',
    builtIn: '5m',
  }).optional(),
  backoff: backoffOverrides.optional().meta({ description: 'How the cooldown grows with each attempt.' }),
  stableFor: durationText({
    description: 'Healthy time after which attempts count from zero again.',
    builtIn: '10m',
  }).optional(),
  budget: budgetOverrides.optional().meta({ description: 'Most restarts of one instance in a rolling window.' }),
  timeout: durationText({ description: 'Deadline of one restart call.', builtIn: '30s' }).optional(),
  retries: count(0, 10, 'Repetitions of one restart call, made only when it surely was not delivered.', 2),
  schedule: cronText()
    .nullable()
    .optional()
    .meta({ description: 'Cron expression of planned restarts; null: none.', builtIn: null }),
  timezone: timezoneText({ description: 'IANA time zone of `schedule`.', builtIn: 'UTC' }).optional(),
});

export type ProbeOverrides = z.output<typeof probeOverrides>;
export type RestartOverrides = z.output<typeof restartOverrides>;

function count(least: number, most: number, description: string, builtIn: number) {
  return z
    .int()
    .min(least)
    .max(most)
    .optional()
    .meta({ description: `${description} ${least} to ${most}.`, builtIn });
}
