import type { Instance } from '../runtime/fleet/instance.ts';
import { NO_PAST, together, type Past } from './instance-history.ts';

/** What instances are grouped by: all together, their account, or the value of a label (`label:city`). */
export type GroupKey = 'all' | 'account' | `label:${string}`;

export interface Group {
  /** Empty: instances without that label, or all together. */
  readonly name: string;
  readonly instances: readonly Instance[];
}

/** Instances that are summed up at once, before others get their turn. */
const PORTION = 25;

/** The groups of these instances, by name. Disabled instances are in none. */
export function groupsOf(instances: Iterable<Instance>, by: GroupKey): readonly Group[] {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) {
    if (!instance.definition.enabled) continue;
    const name = groupOf(instance, by);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [instance]);
    else group.push(instance);
  }
  return [...groups]
    .map(([name, members]) => ({ name, instances: members }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Empty: it has no such label. */
function groupOf({ account, definition }: Instance, by: GroupKey): string {
  if (by === 'all') return '';
  return by === 'account' ? account.name : (definition.labels[by.slice('label:'.length)] ?? '');
}

/**
 * The past of a group.
 *
 * @param read the pasts of some instances, up to now
 * @param pause lets other work run
 */
export async function pastOfGroup(
  { instances }: Group,
  read: (instances: readonly Instance[]) => Promise<readonly Past[]>,
  pause: () => Promise<void>,
): Promise<Past> {
  let past = NO_PAST;
  for (let done = 0; done < instances.length; done += PORTION) {
    past = together([past, ...(await read(instances.slice(done, done + PORTION)))]);
    await pause();
  }
  return past;
}
