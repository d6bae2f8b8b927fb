import type { IncidentView } from '../../http/views/history-schemas.ts';
import { instanceHref } from '../state/route.ts';
import { spell, spellSince } from '../speech/lengths.ts';
import { useSpeech } from '../speech/speech.ts';
import { endOf } from './incident-words.ts';

interface Props {
  readonly incidents: readonly IncidentView[];
  readonly now: number;
}

export function IncidentTable({ incidents, now }: Props) {
  const { table, columns } = useSpeech().page.incidents;
  return (
    <div class="past-scroll" role="region" aria-label={table} tabIndex={0}>
      <table class="incidents">
        <thead>
          <tr>
            <th scope="col">{columns.what}</th>
            <th scope="col">{columns.where}</th>
            <th scope="col">{columns.cause}</th>
            <th scope="col">{columns.began}</th>
            <th scope="col">{columns.lasted}</th>
            <th scope="col">{columns.restarts}</th>
            <th scope="col">{columns.ended}</th>
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
  const speech = useSpeech();
  const words = speech.page.incidents;
  const lasts = ended === null;
  return (
    <tr class={lasts ? 'incident-open' : undefined}>
      <td>{words.kinds[kind]}</td>
      <td>
        {name === null ? (account ?? words.thisMachine) : <a href={instanceHref(name)}>{name}</a>}
        {name !== null && <span class="more"> {account}</span>}
      </td>
      <td>{cause === null ? '' : speech.words.causes[cause]}</td>
      <td>
        <time dateTime={began} title={speech.localTime(began)}>
          {speech.ago(began, now)}
        </time>
      </td>
      <td>{lasts ? spellSince(began, now) : spell(seconds)}</td>
      <td>{restarts === 0 ? '' : speech.number(restarts)}</td>
      <td>{lasts ? <strong>{words.lasts}</strong> : endOf(incident, speech)}</td>
    </tr>
  );
}
