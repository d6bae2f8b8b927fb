import { z } from 'zod';
import type { MaxUnhealthy } from '../../core/group/tally.ts';
import { durationText, mistake, type Meta } from '../values/scalars.ts';
import { perGateway } from './account-schema.ts';

/** What holds restarts of many instances at once. */
export const guard = z.strictObject({
  maxUnhealthy: maxUnhealthy({
    description:
      'Share ("40%") or number of sick instances of an account above which none is restarted. What is compared is the number after the restart; a share is rounded down.',
  }),
  alwaysAllow: z
    .int()
    .min(0)
    .max(100_000)
    .default(1)
    .meta({ description: 'Up to this many sick instances are never a storm, so that a fleet of one can heal.' }),
  stormCooldown: durationText(
    { description: 'Quiet time after a storm before restarts go on.' },
    { orZero: true },
  ).prefault('2m'),
  startup: durationText(
    {
      description:
        'No restart is made for this long after the start, except those that were already due in the stored state.',
    },
    { orZero: true },
  ).prefault('30s'),
  maxHarmed: z.int().min(1).max(100_000).default(2).meta({
    description:
      'After this many harmful restarts within 24 hours (the instance needed a human afterwards), all automatic and planned restarts of the account, and of others at its gateway, are held until a person releases it.',
  }),
  deadAfter: durationText({
    description: 'An instance that has been exhausted for this long no longer counts towards a storm.',
  }).prefault('1h'),
  blindAfter: durationText({
    description:
      'After this long (and at least 10 probes) without a conclusive answer, nothing is known of an instance.',
  }).prefault('5m'),
  perGateway: perGateway.prefault({}).meta({
    description: 'Limits for all accounts of one gateway (scheme, host and port of `baseUrl`) together.',
  }),
});

function maxUnhealthy(meta: Meta) {
  return z
    .unknown()
    .transform((value, ctx): MaxUnhealthy => {
      const percent = typeof value === 'string' ? /^(\d{1,3}(?:\.\d+)?)%$/.exec(value)?.[1] : undefined;
      if (percent !== undefined && Number(percent) <= 100) return { type: 'percent', percent: Number(percent) };
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { type: 'count', count: value };
      mistake(ctx, 'must be a share or a whole number', 'Write for example 40% (0% to 100%) or 3.');
      return z.NEVER;
    })
    .meta({ ...meta, anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] })
    .prefault('40%');
}
