import { SICK_PHASES } from '../../core/instance/instance.ts';
import { folded, type Row, type Rows } from './fleet-rows.ts';
import { SHOWN_PHASES, type ShownPhase } from '../../language/words.ts';

export const SORT_KEYS = ['name', 'phase', 'since', 'probe', 'restart'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What an instance can be beside its phase. */
export const MARKS = ['paused', 'acknowledged', 'blind', 'silent'] as const;
export type Mark = (typeof MARKS)[number];

/** What instances are counted and filtered by. */
export type Kind = ShownPhase | Mark;
export const KINDS: readonly Kind[] = [...SHOWN_PHASES, ...MARKS];

/** What instances are grouped by: their account, or a label. */
export type GroupBy = 'account' | `label:${string}`;

/** Which instances are shown, and in which order. */
export interface Query {
  /** Those that are in one of these phases, or have one of these marks. Empty: all of them. */
  readonly kinds: ReadonlySet<Kind>;
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
  kinds: new Set(),
  account: null,
  text: '',
  sort: 'phase',
  descending: false,
  groupBy: null,
  group: null,
};

/** The instances that pass, sorted; by name where they are equal. */
export function selectRows(rows: Rows, query: Query): readonly Row[] {
  const words = folded(query.text).split(/\s+/);
  const found: { readonly row: Row; readonly key: number; readonly group: string }[] = [];
  for (const row of rows.values()) {
    const group = groupOf(row, query.groupBy);
    if (query.group !== null && group !== query.group) continue;
    if (query.kinds.size > 0 && !kindsOf(row).some((kind) => query.kinds.has(kind))) continue;
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

/** The phase of an instance, and its marks. */
function kindsOf(row: Row): readonly Kind[] {
  return [row.phase, ...MARKS.filter((mark) => hasMark(row, mark))];
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

/** Whether anything is left out. */
export function isFiltered({ text, account, kinds, group }: Query): boolean {
  return text !== '' || account !== null || kinds.size > 0 || group !== null;
}

/** How many instances are of each kind, regardless of filters. */
export function countKinds(rows: Rows): ReadonlyMap<Kind, number> {
  const counts = new Map(KINDS.map((kind) => [kind, 0]));
  for (const row of rows.values()) for (const kind of kindsOf(row)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
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

/** After a click on a kind: it is added to the shown ones, or removed. */
export function toggleKind(query: Query, kind: Kind): Query {
  const kinds = new Set(query.kinds);
  if (!kinds.delete(kind)) kinds.add(kind);
  return { ...query, kinds };
}

/** What each order compares; an instance without it comes last in ascending order. */
const KEYS: Readonly<Record<SortKey, (row: Row) => number>> = {
  name: ({ order }) => order,
  phase(row) {
    const severity = SHOWN_PHASES.indexOf(row.phase);
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
