import { useState } from 'preact/hooks';
import type { IncidentView } from '../../http/views/history-schemas.ts';
import { CsvButton } from '../parts/csv-button.tsx';
import { useTitle } from '../parts/title.ts';
import { LackNote } from '../parts/lack-note.tsx';
import { folded } from '../state/fleet-rows.ts';
import { LACK_RETRY_MS, useLoaded, type Loaded } from '../state/loaded.ts';
import { lackLines } from '../state/notices.ts';
import { useValue } from '../state/observable.ts';
import { fleetHref } from '../state/route.ts';
import { usePage, useSpeech } from '../state/page-context.ts';
import { IncidentTable, wordsOf } from './incident-table.tsx';
import { loadIncidents, type IncidentsPart } from './load-incidents.ts';

const MORE = 200;

/** Everything that was wrong, in the whole fleet: what lasts, and then what is over. */
export function IncidentsPage() {
  const { state } = usePage();
  const speech = useSpeech();
  const { frame, incidents } = speech.page;
  useTitle(frame.incidents);
  const now = useValue(state.now);
  const query = useValue(state.query);
  const rows = useValue(state.rows);
  // The rows know what another replica found; of what they lack, the answer may say it.
  const called = ({ name, displayName }: IncidentView): string | null =>
    (name === null ? null : rows?.get(name)?.view.displayName) ?? displayName;
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(MORE);
  const { found: page, lacking: unread } = useIncidents(limit);
  const lack = page === null ? [] : lackLines(page, speech);
  const words = folded(text).split(/\s+/);
  const found = page?.incidents.filter((incident) => {
    const shown = folded(wordsOf(incident, called(incident), speech).join('\n'));
    return words.every((word) => shown.includes(word));
  });
  return (
    <>
      <p class="back">
        <a href={fleetHref(query)}>← {frame.back}</a>
      </p>
      <h1 tabIndex={-1}>{frame.incidents}</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="field field-search">
          <span class="field-label">{frame.search}</span>
          <input
            type="search"
            placeholder={incidents.searchHint}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <CsvButton path="api/v1/incidents?format=csv&limit=1000" file="incidents.csv" />
      </form>
      {unread && <LackNote lines={[frame.lacking]} />}
      {lack.length > 0 && <LackNote lines={[...lack, incidents.lacking]} />}
      {found === undefined ? (
        !unread && <p class="empty">{frame.loading}</p>
      ) : (
        <>
          <p class="found" role="status">
            {incidents.count(found.length)}
          </p>
          {found.length === 0 ? (
            <p class="empty">{incidents.none}</p>
          ) : (
            <IncidentTable incidents={found} called={called} now={now} />
          )}
          {page?.nextBefore !== null && (
            <button type="button" onClick={() => setLimit(limit + MORE)}>
              {incidents.earlier}
            </button>
          )}
        </>
      )}
    </>
  );
}

function useIncidents(limit: number): Loaded<IncidentsPart> {
  const { api, state } = usePage();
  const speech = useSpeech();
  return useLoaded(
    {
      load: () => loadIncidents(api, limit),
      again: (found) => (found !== null && lackLines(found, speech).length > 0 ? LACK_RETRY_MS : null),
      follow: (next) => [state.event.subscribe(() => next.request(2_000))],
    },
    [api, state, limit, speech],
  );
}
