import { budgetFreesAt } from './budget.ts';
import type { Draft } from './draft.ts';
import type { Hold, InstanceState } from './instance.ts';
import type { RestartPolicy } from '../policy.ts';
import type { EpochMs } from '../time.ts';

/** Whether the cooldown after the last restart still runs. */
export function inCooldown(state: InstanceState, now: EpochMs): boolean {
  return state.cooldownUntil !== null && now < state.cooldownUntil;
}

/** Whether a pause holds automatic restarts; its end is a time on the wall. */
export function isPaused({ pause }: InstanceState, wall: EpochMs): boolean {
  return pause !== null && (pause.until === null || wall < pause.until);
}

/** Whether an operator knows of the trouble of this instance, so that its messages are silent; by the time on the wall. */
export function isAcknowledged({ acknowledged }: InstanceState, wall: EpochMs): boolean {
  return acknowledged !== null && (acknowledged.until === null || wall < acknowledged.until);
}

/** Whether a planned restart waits, and its time by the wall clock is now. */
export function isPlannedNow({ planned }: InstanceState, wall: EpochMs): boolean {
  return planned !== null && planned.dueAt <= wall && wall < planned.expiresAt;
}

/** Everything that holds a restart of this instance now: its cooldown, budget and pause, and the holds of the fleet. */
export function holdsOn({ next, policy, now, wall }: Draft, fleetHolds: readonly Hold[]): readonly Hold[] {
  const own: Hold[] = [];
  if (inCooldown(next, now)) own.push('cooldown');
  if (budgetFreesAt(next.spent, policy.restart.budget, now) !== null) own.push('budget');
  if (isPaused(next, wall)) own.push('paused');
  return own.length === 0 ? fleetHolds : [...own, ...fleetHolds];
}

/** When a hold ends by the clock alone; null: unknown. */
export function holdEndsAt(hold: Hold, state: InstanceState, policy: RestartPolicy, now: EpochMs): EpochMs | null {
  if (hold === 'cooldown') return state.cooldownUntil;
  if (hold === 'budget') return budgetFreesAt(state.spent, policy.budget, now);
  return hold === 'paused' ? (state.pause?.until ?? null) : null;
}
