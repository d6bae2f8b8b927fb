import type { ComponentChildren } from 'preact';
import type { IncidentView } from '../../http/views/history-schemas.ts';
import { instanceHref } from '../state/route.ts';
import { spell, spellSince } from '../speech/lengths.ts';
import type { Speech } from '../speech/speech.ts';
import { useSpeech } from '../state/page-context.ts';

const COLUMNS = ['what', 'where', 'cause', 'began', 'lasted', 'restarts', 'ended'] as const;

interface Props {
  readonly incidents: readonly IncidentView[];
  /** What people call the instance of an incident; null: it has no other name. */
  readonly called: (incident: IncidentView) => string | null;
  readonly now: number;
}

/** On a phone each row is a card; the roles are explicit because a table that is laid out otherwise loses them. */
export function IncidentTable({ incidents, called, now }: Props) {
  const { table, columns } = useSpeech().page.incidents;
  return (
    <div class="past-scroll" role="region" aria-label={table} tabIndex={0}>
      <table class="incidents" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map((key) => (
              <th key={key} role="columnheader" scope="col">
                {columns[key]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {incidents.map((incident) => (
            <IncidentRow
              key={`${incident.kind} ${incident.name ?? incident.account ?? ''} ${incident.began}`}
              incident={incident}
              called={called(incident)}
              now={now}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly incident: IncidentView;
  readonly called: string | null;
  readonly now: number;
}

function IncidentRow({ incident, called, now }: RowProps) {
  const { kind, name, account, cause, began, ended, seconds, restarts } = incident;
  const speech = useSpeech();
  const words = speech.page.incidents;
  const lasts = ended === null;
  const cells: Readonly<Record<(typeof COLUMNS)[number], ComponentChildren>> = {
    what: words.kinds[kind],
    where: (
      <>
        {name === null ? (account ?? words.thisMachine) : <a href={instanceHref(name)}>{called ?? name}</a>}
        {name !== null && <span class="more"> {called === null ? account : `${name} · ${account ?? ''}`}</span>}
      </>
    ),
    cause: cause === null ? '' : speech.words.causes[cause],
    began: (
      <time dateTime={began} title={speech.ago(began, now)}>
        {speech.localTime(began)}
      </time>
    ),
    lasted: lasts ? spellSince(began, now) : spell(seconds),
    restarts: restarts === 0 ? '' : speech.number(restarts),
    ended: lasts ? <strong>{words.lasts}</strong> : endOf(incident, speech),
  };
  return (
    <tr role="row" class={lasts ? 'incident-open' : undefined}>
      {COLUMNS.map((key) => (
        <td key={key} role="cell" class={`incident-${key}`} data-label={words.columns[key]}>
          {cells[key]}
        </td>
      ))}
    </tr>
  );
}

/** What ended an incident; empty while it lasts. */
export function endOf({ endedBy, trigger }: IncidentView, { words, page }: Speech): string {
  if (endedBy === null) return '';
  const end = page.incidents.ends[endedBy];
  return trigger === null ? end : `${end} (${words.triggers[trigger]})`;
}

/**
 * All that the table shows of an incident, for the search, and the words of the API for it.
 *
 * @param called what people call its instance; null: it has no other name
 */
export function wordsOf(incident: IncidentView, called: string | null, speech: Speech): readonly string[] {
  const { kind, name, account, cause, endedBy } = incident;
  const { kinds, lasts, thisMachine } = speech.page.incidents;
  return [
    ...[kinds[kind], kind, called ?? '', name ?? '', account ?? thisMachine],
    ...(cause === null ? [] : [cause, speech.words.causes[cause]]),
    endedBy === null ? lasts : endOf(incident, speech),
  ];
}
