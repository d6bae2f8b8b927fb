import type { Cadence, Policy } from '../../core/policy.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { PolicyView } from './schemas.ts';

/** The policy of an instance, with the config's keys; durations in seconds. */
export function policyView({ probe, restart }: Policy): PolicyView {
  const { backoff, budget } = restart;
  return {
    probe: {
      ...cadenceView(probe.cadence),
      retryEvery: seconds(probe.retryEvery),
      recoverEvery: seconds(probe.recoverEvery),
      timeout: seconds(probe.timeout),
      failureThreshold: probe.failureThreshold,
      successThreshold: probe.successThreshold,
      connectingGrace: seconds(probe.connectingGrace),
    },
    restart: {
      enabled: restart.enabled,
      grace: seconds(restart.grace),
      cooldown: seconds(restart.cooldown),
      backoff: { factor: backoff.factor, max: seconds(backoff.max), jitter: backoff.jitter },
      stableFor: seconds(restart.stableFor),
      budget: { restarts: budget.restarts, per: seconds(budget.per) },
      timeout: seconds(restart.timeout),
      retries: restart.retries,
      schedule: restart.schedule?.expression ?? null,
      timezone: restart.schedule?.timezone ?? null,
    },
  };
}

function cadenceView(cadence: Cadence): Pick<PolicyView['probe'], 'every' | 'cron' | 'timezone'> {
  if (cadence.type === 'every') return { every: seconds(cadence.every) };
  return { cron: cadence.cron.expression, timezone: cadence.cron.timezone };
}

function seconds(duration: DurationMs): number {
  return duration / SECOND;
}
