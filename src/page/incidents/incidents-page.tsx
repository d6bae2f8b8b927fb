import { useEffect, useState } from 'preact/hooks';
import type { IncidentView } from '../../http/views/history-schemas.ts';
import { CsvButton } from '../parts/csv-button.tsx';
import { useTitle } from '../parts/title.ts';
import type { ApiClient } from '../state/api-client.ts';
import { folded } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { useValue } from '../state/observable.ts';
import { fleetHref } from '../state/route.ts';
import { CAUSE_WORDS, count } from '../state/words.ts';
import { END_WORDS, endOf, KIND_WORDS } from './incident-words.ts';
import { IncidentTable } from './incident-table.tsx';

interface Page {
  readonly incidents: readonly IncidentView[];
  readonly nextBefore: string | null;
}

const MORE = 200;

/** Everything that was wrong, in the whole fleet: what lasts, and then what is over. */
export function IncidentsPage({ api, state }: { readonly api: ApiClient; readonly state: FleetState }) {
  useTitle(state, 'Incidents');
  const now = useValue(state.now);
  const query = useValue(state.query);
  const [text, setText] = useState('');
  const { page, more } = useIncidents(api, state);
  const words = folded(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = page?.incidents.filter((incident) => {
    const shown = folded(wordsOf(incident).join('\n'));
    return words.every((word) => shown.includes(word));
  });
  return (
    <>
      <p class="back">
        <a href={fleetHref(query)}>← All instances</a>
      </p>
      <h1 tabIndex={-1}>Incidents</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="field field-search">
          <span class="field-label">Search</span>
          <input
            type="search"
            placeholder="Instance, account, cause, what ended it"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <CsvButton api={api} path="api/v1/incidents?format=csv&limit=1000" file="incidents.csv" />
      </form>
      {found === undefined ? (
        <p class="empty">Loading …</p>
      ) : (
        <>
          <p class="found" role="status">
            {count(found.length, 'incident')}
          </p>
          {found.length === 0 ? <p class="empty">Nothing was wrong.</p> : <IncidentTable incidents={found} now={now} />}
          {page?.nextBefore !== null && (
            <button type="button" onClick={more}>
              Show earlier ones
            </button>
          )}
        </>
      )}
    </>
  );
}

function wordsOf(incident: IncidentView): readonly string[] {
  const { kind, name, account, cause, endedBy } = incident;
  return [
    ...[KIND_WORDS[kind], kind, name ?? '', account ?? '', cause ?? '', cause === null ? '' : CAUSE_WORDS[cause]],
    endOf(incident),
    endedBy === null ? 'lasts' : END_WORDS[endedBy],
  ];
}

function useIncidents(api: ApiClient, state: FleetState): { readonly page: Page | null; readonly more: () => void } {
  const [page, setPage] = useState<Page | null>(null);
  const [limit, setLimit] = useState(MORE);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      try {
        const found = await api.get<Page>(`api/v1/incidents?limit=${Math.min(limit, 1_000)}`);
        if (!over) setPage(found);
      } catch {
        // What is shown stays; the live feed shows that there is no connection.
      }
    };
    void load();
    const end = state.onEvent(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void load();
      }, 2_000);
    });
    return () => {
      over = true;
      clearTimeout(timer);
      end();
    };
  }, [api, state, limit]);
  return { page, more: () => setLimit(limit + MORE) };
}
