import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { BeatLegend } from '../parts/beat-legend.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { selectRows, sortedBy, type Query, type SortKey } from '../state/fleet-query.ts';
import { FleetRow } from './fleet-row.tsx';
import type { Rows } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { useValue } from '../state/observable.ts';
import { useWindowRows } from './window-rows.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

const COLUMNS = [
  { key: 'name', sort: 'name' },
  { key: 'phase', sort: 'phase' },
  { key: 'since', sort: 'since' },
  { key: 'group', sort: null },
  { key: 'beats', sort: null },
  { key: 'cause', sort: 'probe' },
  { key: 'restart', sort: 'restart' },
] as const;

/** Back from an instance, the user is where the fleet was left, and the focus on the link that led away. */
function useReturn(state: FleetState, list: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const place = state.leftAt;
    if (place === null) return;
    state.leftAt = null;
    scrollTo(0, place.scrollY);
    // The rows there are rendered after the scrolling.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        list.current
          ?.querySelector<HTMLElement>(`[data-name="${CSS.escape(place.name)}"] a`)
          ?.focus({ preventScroll: true });
      }),
    );
  }, []);
}

/** All instances that pass the filters. The page holds only those in view. */
export function FleetTable({ rows }: { readonly rows: Rows }) {
  const { state } = usePage();
  const { frame, fleet } = useSpeech().page;
  const query = useValue(state.query);
  const now = useValue(state.now);
  const found = useMemo(() => selectRows(rows, query), [rows, query]);
  const { groupBy } = query;
  const list = useRef<HTMLTableSectionElement>(null);
  useReturn(state, list);
  const { first, end, before, after } = useWindowRows(list, found.length);
  return (
    <>
      <div class="above">
        <p class="found" role="status">
          {found.length === rows.size ? frame.instances(rows.size) : fleet.found(found.length, rows.size)}
        </p>
        <BulkBar rows={found} />
        <BeatLegend />
      </div>
      <table
        class={`fleet${groupBy === null ? '' : ' fleet-grouped'}`}
        role="table"
        aria-rowcount={found.length + 1}
        aria-label={fleet.table}
      >
        <Head query={query} onSort={(sort) => state.query.set(sortedBy(query, sort))} />
        <tbody role="rowgroup" ref={list} style={{ paddingTop: `${before}px`, paddingBottom: `${after}px` }}>
          {found.slice(first, end).map((row, index) => (
            <FleetRow
              key={row.view.name}
              row={row}
              index={first + index + 2}
              now={now}
              groupBy={groupBy}
              onLeave={(name) => {
                state.leftAt = { scrollY, name };
              }}
            />
          ))}
        </tbody>
      </table>
      {found.length === 0 && <p class="empty">{fleet.none}</p>}
    </>
  );
}

function Head({ query, onSort }: { readonly query: Query; readonly onSort: (sort: SortKey) => void }) {
  const { fleet } = useSpeech().page;
  const direction = query.descending ? 'descending' : 'ascending';
  return (
    <thead role="rowgroup">
      <tr role="row" aria-rowindex={1} class="head">
        {COLUMNS.filter(({ key }) => key !== 'group' || query.groupBy !== null).map(({ key, sort }) => {
          const ofLabel = key === 'group' && query.groupBy?.startsWith('label:') === true;
          const heading = ofLabel ? query.groupBy.slice('label:'.length) : fleet.columns[key];
          return (
            <th
              key={key}
              class={`cell cell-${key}`}
              role="columnheader"
              scope="col"
              aria-sort={sort === query.sort ? direction : undefined}
            >
              {sort === null ? (
                heading
              ) : (
                <button type="button" class="sort" onClick={() => onSort(sort)}>
                  {heading}
                  <span class="sort-sign" aria-hidden="true">
                    {sort === query.sort ? (query.descending ? '▼' : '▲') : '↕'}
                  </span>
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
