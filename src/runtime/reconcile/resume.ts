import { MINUTE } from '../../core/time.ts';
import type { StoredState } from '../../store/store.ts';
import type { Clock } from '../../time/clock.ts';
import type { Instance } from '../fleet/instance.ts';
import type { GuardLoop } from './guard-loop.ts';
import type { Reconciler } from './reconciler.ts';

/** Instances resumed at once: few enough for memory, enough for their saves to share a commit. */
const GROUP = 500;

export interface ResumeParts {
  readonly clock: Clock;
  readonly reconciler: Pick<Reconciler, 'observe' | 'restoreState'>;
  readonly guardLoop: Pick<GuardLoop, 'observe'>;
}

/** Applies what happened while this process did not run to instances with stored states. */
export async function resume(known: readonly Instance[], parts: ResumeParts): Promise<void> {
  await inGroups(known, async (instance) => {
    await parts.reconciler.observe(instance, { type: 'resumed' });
    recall(instance, parts);
  });
}

/** The same for instances that were watched without their stored states, which were found now. */
export async function restoreStates(
  known: readonly (readonly [Instance, StoredState])[],
  parts: ResumeParts,
): Promise<void> {
  await inGroups(known, async ([instance, stored]) => {
    await parts.reconciler.restoreState(instance, stored);
    recall(instance, parts);
  });
}

/** Restarts before the start, or by the former owner, count for the guards and the limits of the account too. */
export function recall(instance: Instance, { clock, guardLoop }: Pick<ResumeParts, 'clock' | 'guardLoop'>): void {
  const { state, account } = instance;
  instance.wasDueAtStart = state.phase === 'down';
  const { length: count } = state.spent.filter((at) => at > clock.now() - MINUTE);
  if (count > 0) guardLoop.observe(account, { type: 'restarts_recalled', count });
}

async function inGroups<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let done = 0; done < items.length; done += GROUP) {
    await Promise.all(items.slice(done, done + GROUP).map(work));
  }
}
