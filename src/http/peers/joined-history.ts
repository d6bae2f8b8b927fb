import { sumOf } from '../../collections/sum.ts';
import { SPANS, type Span } from '../../history/spans.ts';
import type { DatedPastView, GroupAvailabilityView, IncidentView, PastView } from '../views/history-schemas.ts';
import { rounded } from '../history/history-view.ts';

/** What one replica knows of a group, and how much that weighs in a mean. */
type Weighed = PastView & { readonly instances: number };

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
  const within = (span: Span): Weighed[] => views.map(({ spans, instances }) => ({ ...spans[span], instances }));
  const since = views.flatMap((view) => view.since ?? []).toSorted();
  return {
    group: first.group,
    instances: sumOf(views, ({ instances }) => instances),
    timezone: first.timezone,
    since: since[0] ?? null,
    spans: Object.fromEntries(SPANS.map((span) => [span, joinedPast(within(span))])) as GroupAvailabilityView['spans'],
    hours: joinedDates(views, 'hours'),
    days: joinedDates(views, 'days'),
    months: joinedDates(views, 'months'),
  };
}

/** By date, oldest first. */
function joinedDates(
  views: readonly GroupAvailabilityView[],
  step: 'hours' | 'days' | 'months',
): readonly DatedPastView[] {
  const dates = new Map<string, Weighed[]>();
  for (const { instances, [step]: dated } of views)
    for (const { from, ...past } of dated) dates.set(from, [...(dates.get(from) ?? []), { ...past, instances }]);
  return [...dates]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([from, pasts]) => ({ from, ...joinedPast(pasts) }));
}

/** Times and counts are added up. A mean weighs by what it is of: healings, or, of latencies, the instances. */
function joinedPast(parts: readonly Weighed[]): PastView {
  const healthy = sumOf(parts, (part) => part.healthy);
  const failing = sumOf(parts, (part) => part.failing);
  const needsHuman = sumOf(parts, (part) => part.needsHuman);
  const unknown = sumOf(parts, (part) => part.unknown);
  const counted = healthy + failing + needsHuman + unknown;
  return {
    availability: rounded(counted <= 0 ? null : healthy / counted, 6),
    ...{ healthy, failing, needsHuman, unknown },
    paused: sumOf(parts, ({ paused }) => paused),
    restarts: sumOf(parts, ({ restarts }) => restarts),
    healings: sumOf(parts, ({ healings }) => healings),
    timeToHeal: mean(1, parts, ({ timeToHeal, healings }) => [timeToHeal, healings]),
    latency: mean(3, parts, ({ latency, instances }) => [latency, instances]),
  };
}

/** @param of a value and its weight; null: there is none */
function mean(
  digits: number,
  parts: readonly Weighed[],
  of: (part: Weighed) => [number | null, number],
): number | null {
  let [sum, weight] = [0, 0];
  for (const part of parts) {
    const [value, each] = of(part);
    if (value === null) continue;
    sum += value * each;
    weight += each;
  }
  return rounded(weight === 0 ? null : sum / weight, digits);
}

/** The incidents of one replica with those of others that last, which come first, the latest one before the others. */
export function withLasting(own: readonly IncidentView[], others: readonly IncidentView[]): readonly IncidentView[] {
  const lasting = [...own, ...others].filter(({ ended }) => ended === null);
  const byBeginning = lasting.toSorted((one, other) => (one.began > other.began ? -1 : 1));
  return [...byBeginning, ...own.filter(({ ended }) => ended !== null)];
}
