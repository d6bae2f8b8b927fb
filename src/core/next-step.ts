import { budgetFreesAt } from './instance/budget.ts';
import { holdEndsAt, isPaused } from './instance/holds.ts';
import type { Hold, InstanceState } from './instance/instance.ts';
import type { Policy } from './policy.ts';
import { awaitsRestart } from './silence/silence.ts';
import type { EpochMs } from './time.ts';

/** What the watchdog does next about an instance by itself. */
export type NextStep =
  /** It restarts it as soon as a probe confirms the failure. */
  | { readonly type: 'restart'; readonly attempt: number; readonly budget: number }
  /** A restart is due and held. `until`: when all holds end by the clock alone; null: unknown. */
  | { readonly type: 'held'; readonly holds: readonly Hold[]; readonly until: EpochMs | null }
  /** The restart was made; probes show whether it helped. */
  | { readonly type: 'wait_for_effect'; readonly until: EpochMs | null }
  /** Restarts are switched off for it, or cannot help: it only probes on. */
  | { readonly type: 'only_probe'; readonly why: 'disabled' | 'needs_human' }
  /** Nothing is due. */
  | { readonly type: 'nothing' };

/**
 * What follows from a state by itself.
 *
 * @param wall what the wall clock shows, for the end of a pause
 */
export function nextStep(
  state: InstanceState,
  policy: Pick<Policy, 'restart' | 'activity'>,
  now: EpochMs,
  wall: EpochMs,
): NextStep {
  const { restart } = policy;
  switch (state.phase) {
    case 'needs_human':
      return { type: 'only_probe', why: 'needs_human' };
    case 'restarting':
    case 'recovering':
      return { type: 'wait_for_effect', until: state.graceUntil };
    case 'down':
    case 'exhausted':
      if (!restart.enabled) return { type: 'only_probe', why: 'disabled' };
      return restartOrHeld(state, restart, now, wall);
    case 'healthy':
      return awaitsRestart(state, policy) ? restartOrHeld(state, restart, now, wall) : { type: 'nothing' };
    case 'unknown':
    case 'suspect':
      return { type: 'nothing' };
  }
}

function restartOrHeld(state: InstanceState, restart: Policy['restart'], now: EpochMs, wall: EpochMs): NextStep {
  const spent = budgetFreesAt(state.spent, restart.budget, now) === null ? [] : (['budget'] as const);
  const paused = isPaused(state, wall) ? (['paused'] as const) : [];
  const holds = [...new Set<Hold>([...state.holds, ...spent, ...paused])];
  if (holds.length === 0) return { type: 'restart', attempt: state.attempt + 1, budget: restart.budget.restarts };
  const ends = holds.map((hold) => holdEndsAt(hold, state, restart, now));
  const until = ends.every((end) => end !== null) ? Math.max(...ends) : null;
  return { type: 'held', holds, until };
}
