import { useMemo } from 'preact/hooks';
import { groupsIn } from '../state/fleet-query.ts';
import type { Rows } from '../state/fleet-rows.ts';
import { useValue } from '../state/observable.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

/** More would be a list of their own. */
const MOST = 60;

/** The groups with how many are sick of how many; each is a filter. */
export function Groups({ rows }: { readonly rows: Rows }) {
  const { state } = usePage();
  const speech = useSpeech();
  const { fleet } = speech.page;
  const query = useValue(state.query);
  const { groupBy } = query;
  const groups = useMemo(() => (groupBy === null ? [] : groupsIn(rows, groupBy)), [rows, groupBy]);
  if (groupBy === null) return null;
  return (
    <div class="groups" role="group" aria-label={fleet.filterByGroup}>
      {groups.slice(0, MOST).map(({ name, sick, all }) => (
        <button
          key={name}
          type="button"
          class={`group${sick > 0 ? ' group-sick' : ''}`}
          aria-pressed={query.group === name}
          onClick={() => state.query.set({ ...query, group: query.group === name ? null : name })}
        >
          <span class="group-name">{name === '' ? fleet.noGroup : name}</span>
          <span class="group-count">{sick === 0 ? speech.number(all) : fleet.sickOf(sick, all)}</span>
        </button>
      ))}
      {groups.length > MOST && <span class="more">{fleet.moreGroups(groups.length - MOST)}</span>}
    </div>
  );
}
