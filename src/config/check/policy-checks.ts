import type { Policy, RestartPolicy } from '../../core/policy.ts';
import type { Mistake } from '../../core/problem.ts';
import { formatDuration } from '../../core/schedule/duration.ts';
import { HOUR, type DurationMs } from '../../core/time.ts';
import { shortestInterval } from '../resolve-policy.ts';
import { shortestGap } from '../values/cron.ts';

/** Settings that are allowed one by one, but make no sense together. */
export interface PolicyMistake extends Mistake {
  /** The settings involved, such as `probe.timeout`; the problem is shown at the first one that is set. */
  readonly keys: readonly string[];
}

export function policyMistakes({ probe, restart, activity }: Policy): PolicyMistake[] {
  const { cooldown, backoff, budget } = restart;
  const { failures, probes } = probe.failuresWithin;
  const interval = shortestInterval(probe.cadence);
  const other = probe.cadence.type === 'every' ? 'every' : 'the shortest time between two firings of cron';
  const spending = timeToSpend(restart);
  const mistakes = [
    probe.timeout > interval && {
      keys: ['probe.timeout', 'probe.every', 'probe.cron'],
      message: `timeout (${formatDuration(probe.timeout)}) is longer than ${other} (${formatDuration(interval)})`,
      remedy: 'Shorten timeout or probe less often: an instance has at most one probe at a time.',
    },
    // More failures than probes are looked back at can never be found.
    failures > probes && {
      keys: ['probe.failuresWithin.failures', 'probe.failuresWithin.probes'],
      message: `failuresWithin can never make an instance down: of ${probes} probes, ${failures} cannot fail`,
      remedy: 'Set failures to at most probes. Where both are equal, only failures in a row count.',
    },
    restart.grace < probe.recoverEvery && {
      keys: ['restart.grace', 'probe.recoverEvery'],
      message: `restart.grace (${formatDuration(restart.grace)}) is shorter than probe.recoverEvery (${formatDuration(probe.recoverEvery)})`,
      remedy: 'Lengthen grace: no probe can find the instance healthy before it ends.',
    },
    backoff.max < cooldown && {
      keys: ['restart.backoff.max', 'restart.cooldown'],
      message: `backoff.max (${formatDuration(backoff.max)}) is shorter than cooldown (${formatDuration(cooldown)})`,
      remedy: 'Set max to at least cooldown: backoff lengthens the cooldown up to max.',
    },
    // A cooldown longer than max is a mistake of its own.
    backoff.max >= cooldown &&
      spending >= budget.per && {
        keys: [
          'restart.budget.per',
          'restart.budget.restarts',
          'restart.backoff.factor',
          'restart.backoff.max',
          'restart.cooldown',
        ],
        message: `the budget can never be spent: with backoff, ${budget.restarts} restarts take ${formatDuration(spending)}, but budget.per is ${formatDuration(budget.per)}`,
        remedy: 'Lengthen budget.per, lower budget.restarts, or shorten cooldown or backoff.',
      },
    activity.during !== null &&
      shortestGap(activity.during) < HOUR && {
        keys: ['activity.during'],
        message: 'activity.during fires more than once an hour, and each time opens one hour that counts',
        remedy: 'Name one minute, such as "0 8-20 * * 1-6", or leave during out: then all time counts.',
      },
    activity.echo !== null &&
      activity.silentAfter === null && {
        keys: ['activity.echo', 'activity.silentAfter'],
        message: 'activity.echo has no effect without activity.silentAfter',
        remedy: 'Add silentAfter, such as 6h: an echo that is missing finds silence sooner.',
      },
    activity.silentAfter !== null &&
      activity.silentAfter < interval && {
        keys: ['activity.silentAfter', 'probe.every', 'probe.cron'],
        message: `activity.silentAfter (${formatDuration(activity.silentAfter)}) is shorter than ${other} (${formatDuration(interval)})`,
        remedy: 'Lengthen silentAfter, to hours rather than minutes: silence is noticed by probes.',
      },
  ];
  return mistakes.filter((mistake) => mistake !== false);
}

/** What may stand in a policy, and has no effect: no list is requested in place of probes at times of their own. */
export function policyDoubts({ probe: { bulk, cadence } }: Policy): readonly PolicyMistake[] {
  if (!bulk || cadence.type === 'every') return [];
  return [
    {
      keys: ['probe.bulk', 'probe.cron'],
      message: 'probe.bulk has no effect together with probe.cron: each instance is probed by itself',
      remedy: 'Write every in place of cron, or remove bulk.',
    },
  ];
}

/** With n restarts in the budget, the n-th cooldown must end within the window, or the budget has no effect. */
function timeToSpend({ cooldown, backoff, budget }: RestartPolicy): DurationMs {
  let total = 0;
  for (let attempt = 1; attempt <= budget.restarts; attempt += 1) {
    total += Math.min(cooldown * backoff.factor ** (attempt - 1), backoff.max);
  }
  return total;
}
