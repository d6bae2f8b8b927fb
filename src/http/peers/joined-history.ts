import { sumOf } from '../../collections/sum.ts';
import { SPANS } from '../../history/spans.ts';
import type { DatedPastView, GroupAvailabilityView, IncidentView, PastView } from '../views/history-schemas.ts';
import { rounded } from '../history/history-view.ts';

/** What one replica knows of a group, and how much that weighs in a mean. */
interface Weighed<View> {
  readonly view: View;
  readonly instances: number;
}

/** The groups of all replicas by name: a label, or everything, may have instances with each of them. */
export function joinedGroups(parts: readonly (readonly GroupAvailabilityView[])[]): readonly GroupAvailabilityView[] {
  const groups = new Map<string, GroupAvailabilityView[]>();
  for (const view of parts.flat()) groups.set(view.group, [...(groups.get(view.group) ?? []), view]);
  return [...groups.values()].map(joinedGroup).toSorted((one, other) => (one.group < other.group ? -1 : 1));
}

function joinedGroup(views: readonly GroupAvailabilityView[]): GroupAvailabilityView {
  const [first] = views;
  if (first === undefined) throw new Error('a group without a part');
  if (views.length === 1) return first;
  const weighed = <View>(of: (view: GroupAvailabilityView) => View): readonly Weighed<View>[] =>
    views.map((view) => ({ view: of(view), instances: view.instances }));
  const spans = SPANS.map((span) => [span, joinedPast(weighed((view) => view.spans[span]))]);
  const since = views.flatMap((view) => view.since ?? []).toSorted();
  return {
    group: first.group,
    instances: sumOf(views, ({ instances }) => instances),
    timezone: first.timezone,
    since: since[0] ?? null,
    spans: Object.fromEntries(spans) as GroupAvailabilityView['spans'],
    hours: joinedDates(weighed(({ hours }) => hours)),
    days: joinedDates(weighed(({ days }) => days)),
    months: joinedDates(weighed(({ months }) => months)),
  };
}

/** By date, oldest first. */
function joinedDates(parts: readonly Weighed<readonly DatedPastView[]>[]): readonly DatedPastView[] {
  const dates = new Map<string, Weighed<PastView>[]>();
  for (const { view, instances } of parts)
    for (const { from, ...past } of view) dates.set(from, [...(dates.get(from) ?? []), { view: past, instances }]);
  return [...dates]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([from, pasts]) => ({ from, ...joinedPast(pasts) }));
}

/** Times and counts are added up. A mean weighs by what it is of: healings, or, of latencies, the instances. */
function joinedPast(parts: readonly Weighed<PastView>[]): PastView {
  const sum = (of: (view: PastView) => number): number => sumOf(parts, ({ view }) => of(view));
  const healthy = sum((view) => view.healthy);
  const failing = sum((view) => view.failing);
  const needsHuman = sum((view) => view.needsHuman);
  const unknown = sum((view) => view.unknown);
  const counted = healthy + failing + needsHuman + unknown;
  return {
    availability: counted <= 0 ? null : rounded(healthy / counted, 6),
    ...{ healthy, failing, needsHuman, unknown },
    paused: sum(({ paused }) => paused),
    restarts: sum(({ restarts }) => restarts),
    healings: sum(({ healings }) => healings),
    timeToHeal: mean(1, parts, ({ view: { timeToHeal, healings } }) => [timeToHeal, healings]),
    latency: mean(3, parts, ({ view: { latency }, instances }) => [latency, instances]),
  };
}

/** @param of a value and its weight; null: there is none */
function mean<Part>(
  digits: number,
  parts: readonly Part[],
  of: (part: Part) => [number | null, number],
): number | null {
  let [sum, weight] = [0, 0];
  for (const part of parts) {
    const [value, each] = of(part);
    if (value === null) continue;
    sum += value * each;
    weight += each;
  }
  return weight === 0 ? null : rounded(sum / weight, digits);
}

/** The incidents of one replica with those of others that last, which come first, the latest one before the others. */
export function withLasting(own: readonly IncidentView[], others: readonly IncidentView[]): readonly IncidentView[] {
  const lasting = [...own, ...others].filter(({ ended }) => ended === null);
  const byBeginning = lasting.toSorted((one, other) => (one.began > other.began ? -1 : 1));
  return [...byBeginning, ...own.filter(({ ended }) => ended !== null)];
}
