import type { InstanceState } from '../core/instance.ts';
import { MINUTE } from '../core/time.ts';
import type { Clock } from './clock.ts';
import type { Watched } from './fleet.ts';
import type { Tick } from './tick.ts';

/** Instances that are brought back at once: so that their saves share a commit, and are not all in memory. */
const GROUP = 500;

/** Takes stock of what happened while nobody watched, in instances that have their stored states. */
export async function resume(known: readonly Watched[], tick: Pick<Tick, 'observe'>, clock: Clock): Promise<void> {
  await inGroups(known, async (watched) => {
    await tick.observe(watched, { type: 'resumed' });
    recall(watched, clock);
  });
}

/** The same for instances that were watched without their stored states, and get them now. */
export async function takeUp(
  known: readonly (readonly [Watched, InstanceState])[],
  tick: Pick<Tick, 'takeUp'>,
  clock: Clock,
): Promise<void> {
  await inGroups(known, async ([watched, state]) => {
    await tick.takeUp(watched, state);
    recall(watched, clock);
  });
}

/** What a state says of the time before matters for the guards and the limits of its account too. */
function recall(watched: Watched, clock: Clock): void {
  const { state, account } = watched;
  watched.wasDueAtStart = state.phase === 'down';
  for (const at of state.spent) if (at > clock.now() - MINUTE) account.restarts.recall(at);
}

async function inGroups<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let done = 0; done < items.length; done += GROUP) {
    await Promise.all(items.slice(done, done + GROUP).map(work));
  }
}
