import { SICK_PHASES } from '../../core/instance/instance.ts';
import { folded, type Row, type Rows } from './fleet-rows.ts';
import { SHOWN_PHASES, type ShownPhase } from '../../language/words.ts';

export const SORT_KEYS = ['name', 'phase', 'since', 'probe', 'restart'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What an instance can be beside its phase. */
export const MARKS = ['paused', 'acknowledged', 'blind', 'silent'] as const;
export type Mark = (typeof MARKS)[number];

/** What instances are grouped by: their account, or a label. */
export type GroupBy = 'account' | `label:${string}`;

/** Which instances are shown, and in which order. */
export interface Query {
  /** Empty: all of them. */
  readonly phases: ReadonlySet<ShownPhase>;
  /** Beside the phases: those that are paused, acknowledged, silent, or of which nothing is known. */
  readonly marks: ReadonlySet<Mark>;
  /** Null: all of them. */
  readonly account: string | null;
  /** Words that must all occur in what is shown of an instance, in any case, with or without accents. */
  readonly text: string;
  readonly sort: SortKey;
  readonly descending: boolean;
  /** Null: they are not grouped. */
  readonly groupBy: GroupBy | null;
  /** Only this group; null: all. */
  readonly group: string | null;
}

/** Everything, and first what needs attention. */
export const EVERYTHING: Query = {
  phases: new Set(),
  marks: new Set(),
  account: null,
  text: '',
  sort: 'phase',
  descending: false,
  groupBy: null,
  group: null,
};

const SEVERITY = new Map(SHOWN_PHASES.map((phase, index) => [phase, index]));

/** The instances that pass, sorted; by name where they are equal. */
export function selectRows(rows: Rows, query: Query): readonly Row[] {
  const words = folded(query.text).split(/\s+/);
  const found: { readonly row: Row; readonly key: number; readonly group: string }[] = [];
  for (const row of rows.values()) {
    const group = groupOf(row, query.groupBy);
    if (query.group !== null && group !== query.group) continue;
    if (!isOfKind(row, query)) continue;
    if (query.account !== null && row.view.account !== query.account) continue;
    if (!words.every((word) => row.text.includes(word))) continue;
    found.push({ row, key: KEYS[query.sort](row), group });
  }
  const sign = query.descending ? -1 : 1;
  found.sort((a, b) => {
    if (a.group !== b.group) return a.group < b.group ? -1 : 1;
    return a.key === b.key ? a.row.order - b.row.order : a.key < b.key ? -sign : sign;
  });
  return found.map(({ row }) => row);
}

/** Whether an instance is in one of the phases, or has one of the marks, that are wanted; without any, all are. */
function isOfKind(row: Row, { phases, marks }: Query): boolean {
  if (phases.size === 0 && marks.size === 0) return true;
  return phases.has(row.phase) || [...marks].some((mark) => hasMark(row, mark));
}

export function hasMark({ view, phase }: Row, mark: Mark): boolean {
  const value = {
    paused: view.pause,
    acknowledged: view.acknowledged,
    blind: view.blindSince,
    silent: view.activity.silentSince,
  }[mark];
  return phase !== 'disabled' && value !== null;
}

/** The group of an instance; empty: it has no such label, or nothing is grouped. */
export function groupOf({ view }: Row, by: GroupBy | null): string {
  if (by === null) return '';
  return by === 'account' ? view.account : (view.labels[by.slice('label:'.length)] ?? '');
}

/** Whether it is a trouble that somebody may have to look at. */
export function isSick({ phase }: Pick<Row, 'phase'>): boolean {
  return (SICK_PHASES as ReadonlySet<ShownPhase>).has(phase);
}

/** The groups, by name, with how many are sick of how many. */
export function groupsIn(
  rows: Rows,
  by: GroupBy,
): readonly { readonly name: string; readonly sick: number; readonly all: number }[] {
  const groups = new Map<string, { sick: number; all: number }>();
  for (const row of rows.values()) {
    const name = groupOf(row, by);
    const group = groups.get(name) ?? { sick: 0, all: 0 };
    groups.set(name, group);
    group.all += 1;
    if (isSick(row)) group.sick += 1;
  }
  return [...groups]
    .map(([name, counts]) => ({ name, ...counts }))
    .sort((one, other) => other.sick - one.sick || (one.name < other.name ? -1 : 1));
}

/** The keys of all labels, by name. */
export function labelKeys(rows: Rows): readonly string[] {
  const keys = new Set<string>();
  for (const { view } of rows.values()) for (const key in view.labels) keys.add(key);
  return [...keys].sort();
}

/** How many instances have a mark, regardless of filters. */
export function countMarks(rows: Rows, mark: Mark): number {
  let many = 0;
  for (const row of rows.values()) if (hasMark(row, mark)) many += 1;
  return many;
}

/** After a click on a mark: it is added to the shown ones, or removed. */
export function toggleMark(query: Query, mark: Mark): Query {
  return { ...query, marks: toggled(query.marks, mark) };
}

/** Whether anything is left out. */
export function isFiltered({ text, account, phases, marks, group }: Query): boolean {
  return text !== '' || account !== null || phases.size > 0 || marks.size > 0 || group !== null;
}

/** How many instances are in each phase, regardless of filters. */
export function countPhases(rows: Rows): ReadonlyMap<ShownPhase, number> {
  const counts = new Map<ShownPhase, number>(SHOWN_PHASES.map((phase) => [phase, 0]));
  for (const { phase } of rows.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return counts;
}

/** The accounts of the fleet, by name. */
export function accountsOf(rows: Rows): readonly string[] {
  return [...new Set([...rows.values()].map(({ view }) => view.account))].sort();
}

/** After a click on a column: another column starts ascending, the same one turns around. */
export function sortedBy(query: Query, sort: SortKey): Query {
  return { ...query, sort, descending: query.sort === sort ? !query.descending : false };
}

/** After a click on a phase: it is added to the shown ones, or removed. */
export function togglePhase(query: Query, phase: ShownPhase): Query {
  return { ...query, phases: toggled(query.phases, phase) };
}

function toggled<T>(items: ReadonlySet<T>, item: T): ReadonlySet<T> {
  const others = new Set(items);
  return others.delete(item) ? others : others.add(item);
}

/** What each order compares; an instance without it comes last in ascending order. */
const KEYS: Readonly<Record<SortKey, (row: Row) => number>> = {
  name: ({ order }) => order,
  phase(row) {
    const severity = SEVERITY.get(row.phase) ?? SHOWN_PHASES.length;
    // What is connected and silent needs a look before all that is well.
    return row.phase === 'healthy' && hasMark(row, 'silent') ? severity - 0.5 : severity;
  },
  since: ({ view }) => timeOf(view.since),
  probe: ({ view }) => timeOf(view.lastProbe?.at),
  restart: ({ view }) => timeOf(view.restart.dueAt ?? undefined),
};

function timeOf(iso: string | undefined): number {
  return iso === undefined ? Infinity : Date.parse(iso);
}
