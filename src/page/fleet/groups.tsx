import { useMemo } from 'preact/hooks';
import { groupsIn } from '../state/fleet-query.ts';
import type { Rows } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { useValue } from '../state/observable.ts';

/** More would be a list of their own. */
const MOST = 60;

/** The groups with how many are sick of how many; each is a filter. */
export function Groups({ state, rows }: { readonly state: FleetState; readonly rows: Rows }) {
  const query = useValue(state.query);
  const { groupBy } = query;
  const groups = useMemo(() => (groupBy === null ? [] : groupsIn(rows, groupBy)), [rows, groupBy]);
  if (groupBy === null) return null;
  return (
    <div class="groups" role="group" aria-label="Filter by group">
      {groups.slice(0, MOST).map(({ name, sick, all }) => (
        <button
          key={name}
          type="button"
          class={`group${sick > 0 ? ' group-sick' : ''}`}
          aria-pressed={query.group === name}
          onClick={() => state.query.set({ ...query, group: query.group === name ? null : name })}
        >
          <span class="group-name">{name === '' ? 'none' : name}</span>
          <span class="group-count">{sick === 0 ? `${all}` : `${sick} sick of ${all}`}</span>
        </button>
      ))}
      {groups.length > MOST && <span class="more">and {groups.length - MOST} more</span>}
    </div>
  );
}
