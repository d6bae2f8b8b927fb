import { z } from 'zod';
import { sumOf } from '../../collections/sum.ts';
import { covers } from '../../core/settings.ts';
import { isBlind, SICK_PHASES } from '../../core/instance/instance.ts';
import { countedOf } from '../../history/bucket.ts';
import { groupsOf, type Group, type GroupKey } from '../../history/group-history.ts';
import { datedDays } from '../../history/spans.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import type { HttpParts } from '../http-parts.ts';
import { byPlace, watchedPart } from '../peers/joined.ts';
import type { GroupPasts } from './group-pasts.ts';

/** Days that the page shows. */
export const SHOWN_DAYS = 90;

/** Seconds of a day. */
const PublicDay = z.object({
  date: z.iso.date(),
  healthy: z.number().min(0),
  /** Of which anything is known, without pauses. */
  counted: z.number().min(0),
});
export type PublicDay = z.output<typeof PublicDay>;

/** How an instance is, for those who see the page: of one that may be well or not, nothing is known. */
const PublicState = z.enum(['well', 'sick', 'unknown']);
type PublicState = z.output<typeof PublicState>;

const PublicGroup = z.object({
  /** Empty: instances without that label, or all together. */
  name: z.string(),
  inMaintenance: z.boolean(),
  total: z.int().min(0),
  sick: z.int().min(0),
  unknown: z.int().min(0),
  days: z.array(PublicDay),
  /** Empty where names are not wanted. */
  instances: z.array(z.object({ name: z.string(), text: z.string(), state: PublicState })),
});
export type PublicGroup = z.output<typeof PublicGroup>;

/** What one replica gives to the public page, with its own accounts only. */
export const PublicPart = z.object({ groups: z.array(PublicGroup), ...watchedPart });
export type PublicPart = z.output<typeof PublicPart>;

/**
 * The part of this replica.
 *
 * @param names whether instances are listed
 * @throws StoreError when the history cannot be read
 */
export async function publicPart(
  { fleet, guards }: Pick<HttpParts, 'fleet' | 'guards'>,
  pasts: GroupPasts,
  { groupBy, names }: { readonly groupBy: GroupKey; readonly names: boolean },
): Promise<PublicPart> {
  const open = guards().openMaintenance();
  const groups: PublicGroup[] = [];
  for (const group of groupsOf(fleet().instances.values(), groupBy)) {
    const { name, instances } = group;
    groups.push({
      name,
      inMaintenance: instances.some((instance) => open.some((window) => covers(window, instance))),
      total: instances.length,
      sick: counted(instances, 'sick'),
      unknown: counted(instances, 'unknown'),
      days: await daysOf(group, groupBy, pasts),
      instances: names ? instances.map(shown) : [],
    });
  }
  return { groups, watched: [...fleet().accounts.keys()] };
}

/** The parts of all replicas as one. A label, or everything, may have instances with each of them. */
export function joinedPart(parts: readonly PublicPart[], placeOf: (name: string) => number | null): PublicPart {
  const groups = new Map<string, readonly PublicGroup[]>();
  for (const group of parts.flatMap((part) => part.groups))
    groups.set(group.name, [...(groups.get(group.name) ?? []), group]);
  return {
    groups: [...groups]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => ({ name, ...joinedGroup(each, placeOf) })),
  };
}

function joinedGroup(
  groups: readonly PublicGroup[],
  placeOf: (name: string) => number | null,
): Omit<PublicGroup, 'name'> {
  const days = new Map<string, PublicDay>();
  for (const { date, healthy, counted } of groups.flatMap((group) => group.days)) {
    const before = days.get(date) ?? { date, healthy: 0, counted: 0 };
    days.set(date, { date, healthy: before.healthy + healthy, counted: before.counted + counted });
  }
  return {
    inMaintenance: groups.some(({ inMaintenance }) => inMaintenance),
    total: sumOf(groups, ({ total }) => total),
    sick: sumOf(groups, ({ sick }) => sick),
    unknown: sumOf(groups, ({ unknown }) => unknown),
    days: [...days.values()].toSorted((one, other) => (one.date < other.date ? -1 : 1)).slice(-SHOWN_DAYS),
    instances: groups.flatMap(({ instances }) => instances).toSorted(byPlace(placeOf)),
  };
}

/** Of days, or of what several replicas know, from 0 to 1; null: nothing is known. */
export function availabilityIn(parts: readonly Pick<PublicDay, 'healthy' | 'counted'>[]): number | null {
  const counted = sumOf(parts, (part) => part.counted);
  if (counted <= 0) return null;
  const healthy = sumOf(parts, (part) => part.healthy);
  return Math.min(1, healthy / counted);
}

async function daysOf(group: Group, groupBy: GroupKey, pasts: GroupPasts): Promise<PublicDay[]> {
  const past = await pasts.of(JSON.stringify([groupBy, group.name, null, null]), group);
  return datedDays(past)
    .slice(-SHOWN_DAYS)
    .map(({ date, bucket }) => ({ date, healthy: bucket.healthy, counted: countedOf(bucket) }));
}

function shown(instance: Instance): PublicGroup['instances'][number] {
  const { displayName, phoneNumberId } = instance.definition;
  const text = `${displayName ?? instance.name} · ${phoneNumberId}`;
  return { name: instance.name, text, state: stateOf(instance) };
}

function counted(instances: readonly Instance[], state: PublicState): number {
  return instances.filter((instance) => stateOf(instance) === state).length;
}

function stateOf({ state }: Instance): PublicState {
  if (SICK_PHASES.has(state.phase)) return 'sick';
  return state.phase === 'unknown' || isBlind(state) ? 'unknown' : 'well';
}
