import type { Row, Rows } from './fleet-rows.ts';
import { SHOWN_PHASES, type ShownPhase } from './words.ts';

export const SORT_KEYS = ['name', 'phase', 'since', 'probe', 'restart'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Which instances are shown, and in which order. */
export interface Query {
  /** Empty: all of them. */
  readonly phases: ReadonlySet<ShownPhase>;
  /** Null: all of them. */
  readonly account: string | null;
  /** Words that must all occur in name, number, account, labels or last cause, in any case. */
  readonly text: string;
  readonly sort: SortKey;
  readonly descending: boolean;
}

/** Everything, and first what needs attention. */
export const EVERYTHING: Query = { phases: new Set(), account: null, text: '', sort: 'phase', descending: false };

const SEVERITY = new Map(SHOWN_PHASES.map((phase, index) => [phase, index]));

/** The instances that pass, sorted; by name where they are equal. */
export function selectRows(rows: Rows, query: Query): readonly Row[] {
  const words = query.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found: { readonly row: Row; readonly key: number }[] = [];
  for (const row of rows.values()) {
    if (query.phases.size > 0 && !query.phases.has(row.phase)) continue;
    if (query.account !== null && row.view.account !== query.account) continue;
    if (!words.every((word) => row.text.includes(word))) continue;
    found.push({ row, key: KEYS[query.sort](row) });
  }
  const sign = query.descending ? -1 : 1;
  found.sort((a, b) => (a.key === b.key ? a.row.order - b.row.order : a.key < b.key ? -sign : sign));
  return found.map(({ row }) => row);
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
  const phases = new Set(query.phases);
  if (!phases.delete(phase)) phases.add(phase);
  return { ...query, phases };
}

/** What each order compares; an instance without it comes last in ascending order. */
const KEYS: Readonly<Record<SortKey, (row: Row) => number>> = {
  name: ({ order }) => order,
  phase: ({ phase }) => SEVERITY.get(phase) ?? SHOWN_PHASES.length,
  since: ({ view }) => timeOf(view.since),
  probe: ({ view }) => timeOf(view.lastProbe?.at),
  restart: ({ view }) => timeOf(view.restart.dueAt ?? undefined),
};

function timeOf(iso: string | undefined): number {
  return iso === undefined ? Infinity : Date.parse(iso);
}
