import type { IncidentView } from '../../http/views/history-schemas.ts';
import { instanceHref } from '../state/route.ts';
import { ago, CAUSE_WORDS, localTime, spell } from '../state/words.ts';
import { endOf, KIND_WORDS } from './incident-words.ts';

interface Props {
  readonly incidents: readonly IncidentView[];
  readonly now: number;
}

export function IncidentTable({ incidents, now }: Props) {
  return (
    <div class="past-scroll" role="region" aria-label="Incidents, the newest first" tabIndex={0}>
      <table class="incidents">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Where</th>
            <th scope="col">Cause</th>
            <th scope="col">Began</th>
            <th scope="col">Lasted</th>
            <th scope="col">Restarts</th>
            <th scope="col">Ended by</th>
          </tr>
        </thead>
        <tbody>
          {incidents.map((incident) => (
            <IncidentRow
              key={`${incident.kind} ${incident.name ?? incident.account ?? ''} ${incident.began}`}
              incident={incident}
              now={now}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function IncidentRow({ incident, now }: { readonly incident: IncidentView; readonly now: number }) {
  const { kind, name, account, cause, began, ended, seconds, restarts } = incident;
  const lasts = ended === null;
  return (
    <tr class={lasts ? 'incident-open' : undefined}>
      <td>{KIND_WORDS[kind]}</td>
      <td>
        {name === null ? (account ?? 'this machine') : <a href={instanceHref(name)}>{name}</a>}
        {name !== null && <span class="more"> {account}</span>}
      </td>
      <td>{cause === null ? '' : CAUSE_WORDS[cause]}</td>
      <td>
        <time dateTime={began} title={localTime(began)}>
          {ago(began, now)}
        </time>
      </td>
      <td>{spell(lasts ? (now - Date.parse(began)) / 1_000 : seconds)}</td>
      <td>{restarts === 0 ? '' : restarts}</td>
      <td>{lasts ? <strong>lasts</strong> : endOf(incident)}</td>
    </tr>
  );
}
