import type { InstanceState } from '../../core/instance/instance.ts';
import { MINUTE } from '../../core/time.ts';
import type { Clock } from '../../time/clock.ts';
import type { Instance } from '../fleet/fleet.ts';
import type { Reconciler } from './reconciler.ts';

/** Instances that are brought back at once: so that their saves share a commit, and are not all in memory. */
const GROUP = 500;

/** Takes stock of what happened while nobody watched, in instances that have their stored states. */
export async function resume(
  known: readonly Instance[],
  reconciler: Pick<Reconciler, 'observe'>,
  clock: Clock,
): Promise<void> {
  await inGroups(known, async (instance) => {
    await reconciler.observe(instance, { type: 'resumed' });
    recall(instance, clock);
  });
}

/** The same for instances that were watched without their stored states, and get them now. */
export async function restoreStates(
  known: readonly (readonly [Instance, InstanceState])[],
  reconciler: Pick<Reconciler, 'restoreState'>,
  clock: Clock,
): Promise<void> {
  await inGroups(known, async ([instance, state]) => {
    await reconciler.restoreState(instance, state);
    recall(instance, clock);
  });
}

/** What a state says of the time before matters for the guards and the limits of its account too. */
function recall(instance: Instance, clock: Clock): void {
  const { state, account } = instance;
  instance.wasDueAtStart = state.phase === 'down';
  for (const at of state.spent) if (at > clock.now() - MINUTE) account.restarts.recall(at);
}

async function inGroups<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let done = 0; done < items.length; done += GROUP) {
    await Promise.all(items.slice(done, done + GROUP).map(work));
  }
}
