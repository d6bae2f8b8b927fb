import type { RestartPolicy } from '../policy.ts';
import type { EpochMs } from '../time.ts';

type Budget = RestartPolicy['budget'];

/** Forced restarts ignore the budget but are still recorded; beyond this many the oldest are dropped. */
const LEDGER_LIMIT = 100;

/** The restarts that still count: those that began within the last `budget.per`. */
export function spentWithin(spent: readonly EpochMs[], budget: Budget, now: EpochMs): readonly EpochMs[] {
  const from = now - budget.per;
  return spent.some((at) => at <= from) ? spent.filter((at) => at > from) : spent;
}

/** The ledger with a restart that begins now. */
export function spend(spent: readonly EpochMs[], budget: Budget, now: EpochMs): readonly EpochMs[] {
  return [...spentWithin(spent, budget, now), now].slice(-LEDGER_LIMIT);
}

/** When the next restart fits into the budget; null: it fits now. */
export function budgetFreesAt(spent: readonly EpochMs[], budget: Budget, now: EpochMs): EpochMs | null {
  const counting = spentWithin(spent, budget, now);
  const blocking = counting[counting.length - budget.restarts];
  return blocking === undefined ? null : blocking + budget.per;
}
