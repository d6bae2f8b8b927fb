import { budgetFreesAt } from './budget.ts';
import type { InstanceState } from './instance.ts';
import type { Policy } from '../policy.ts';
import { awaitsRestart } from '../silence/silence.ts';
import { SECOND, type DurationMs, type EpochMs } from '../time.ts';

/** An answer that calls for a human must come twice in a row; the second one is looked for this soon. */
const SECOND_ANSWER: DurationMs = 10 * SECOND;

/**
 * How long after the start of the last probe the next one is due; null: at the instance's regular cadence. A restart
 * starts only right after a failing probe, so the end of a cooldown, of a pause or of a spent budget pulls a probe
 * forward to that moment.
 *
 * @param wall what the wall clock shows; it differs from `now` when it has been set
 */
export function probeDelay(state: InstanceState, policy: Policy, now: EpochMs, wall: EpochMs = now): DurationMs | null {
  const { retryEvery, recoverEvery, cadence } = policy.probe;
  // Whether an answer that calls for a human is believed is soon to be known.
  if (state.troubleSince !== null) {
    return now - state.troubleSince < SECOND_ANSWER ? Math.min(SECOND_ANSWER, retryEvery) : retryEvery;
  }
  switch (state.phase) {
    case 'unknown':
    case 'healthy':
      if (awaitsRestart(state, policy)) return sooner(retryEvery, state.cooldownUntil, now);
      return state.connectingSince === null ? null : retryEvery;
    case 'needs_human':
      return state.successes > 0 ? recoverEvery : null;
    case 'suspect':
      return retryEvery;
    case 'down':
      if (state.successes > 0) return recoverEvery;
      return sooner(sooner(retryEvery, state.cooldownUntil, now), state.pause?.until ?? null, wall);
    case 'restarting':
    case 'recovering':
      return recoverEvery;
    case 'exhausted':
      if (state.successes > 0) return recoverEvery;
      return onlySooner(
        cadence.type === 'every' ? cadence.every : policy.restart.backoff.max,
        budgetFreesAt(state.spent, policy.restart.budget, now),
        now,
      );
  }
}

function sooner(delay: DurationMs, at: EpochMs | null, now: EpochMs): DurationMs {
  return at !== null && at > now ? Math.min(delay, at - now) : delay;
}

/** The delay until `at`, if that comes before a regular probe; null: it does not. */
function onlySooner(regular: DurationMs, at: EpochMs | null, now: EpochMs): DurationMs | null {
  return at !== null && at > now && at - now < regular ? at - now : null;
}
