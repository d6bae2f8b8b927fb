import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useTitle } from '../parts/title.ts';
import { Groups } from './groups.tsx';
import { accountsOf, EVERYTHING, isFiltered, labelKeys, SORT_KEYS, type GroupBy } from '../state/fleet-query.ts';
import type { Rows } from '../state/fleet-rows.ts';
import { FleetTable } from './fleet-table.tsx';
import { useValue } from '../state/observable.ts';
import { usePage, useSpeech } from '../state/page-context.ts';
import { Totals } from './totals.tsx';

/** The whole fleet at a glance. */
export function FleetPage() {
  const { state } = usePage();
  const rows = useValue(state.rows);
  const { frame, fleet } = useSpeech().page;
  useTitle(frame.fleet);
  return (
    <>
      <h1 class="hidden" tabIndex={-1}>
        {frame.fleet}
      </h1>
      {rows === null ? (
        <p class="empty">{fleet.loading}</p>
      ) : (
        <>
          <Totals rows={rows} />
          <Filters rows={rows} />
          <Groups rows={rows} />
          <FleetTable rows={rows} />
        </>
      )}
    </>
  );
}

function Filters({ rows }: { readonly rows: Rows }) {
  const { state } = usePage();
  const { frame, fleet } = useSpeech().page;
  const query = useValue(state.query);
  const search = useRef<HTMLInputElement>(null);
  useSlash(() => search.current?.focus());
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="field field-search">
        <span class="field-label">{frame.search}</span>
        <input
          ref={search}
          type="search"
          placeholder={fleet.searchHint}
          value={query.text}
          onInput={(event) => state.query.set({ ...query, text: event.currentTarget.value })}
        />
      </label>
      <Choices rows={rows} />
      {isFiltered(query) && (
        <button
          type="button"
          class="clear"
          onClick={() => state.query.set({ ...EVERYTHING, sort: query.sort, groupBy: query.groupBy })}
        >
          {fleet.clear}
        </button>
      )}
    </form>
  );
}

function Choices({ rows }: { readonly rows: Rows }) {
  const { state } = usePage();
  const { fleet } = useSpeech().page;
  const query = useValue(state.query);
  const accounts = useMemo(() => accountsOf(rows), [rows]);
  const labels = useMemo(() => labelKeys(rows), [rows]);
  return (
    <>
      <label class="field">
        <span class="field-label">{fleet.account}</span>
        <select
          value={query.account ?? ''}
          onChange={({ currentTarget: { value } }) =>
            state.query.set({ ...query, account: value === '' ? null : value })
          }
        >
          <option value="">{fleet.allAccounts}</option>
          {accounts.map((account) => (
            <option key={account} value={account}>
              {account}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field-label">{fleet.groupBy}</span>
        <select
          value={query.groupBy ?? ''}
          onChange={({ currentTarget: { value } }) =>
            state.query.set({ ...query, groupBy: value === '' ? null : (value as GroupBy), group: null })
          }
        >
          <option value="">{fleet.noGroups}</option>
          <option value="account">{fleet.byAccount}</option>
          {labels.map((key) => (
            <option key={key} value={`label:${key}`}>
              {key}
            </option>
          ))}
        </select>
      </label>
      <label class="field field-sort">
        <span class="field-label">{fleet.sortBy}</span>
        <select
          value={query.sort}
          onChange={({ currentTarget: { value } }) => {
            const sort = SORT_KEYS.find((key) => key === value);
            if (sort !== undefined) state.query.set({ ...query, sort, descending: false });
          }}
        >
          {SORT_KEYS.map((key) => (
            <option key={key} value={key}>
              {fleet.sorts[key]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** The slash key leads to the search, except while text is entered. */
function useSlash(act: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      const writing = target instanceof Element && target.closest('input, select, textarea, dialog') !== null;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || writing) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
