import type { IncidentView } from '../../http/views/history-schemas.ts';
import type { Speech } from '../speech/speech.ts';

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
