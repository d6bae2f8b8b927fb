import type { DatedPastView, IncidentView, PastView } from '../views/history-schemas.ts';
import type { Language } from '../../language/language.ts';
import { csvOf } from './csv.ts';

const PAST_COLUMNS = [
  'availability',
  'healthy',
  'failing',
  'needsHuman',
  'unknown',
  'paused',
  'restarts',
  'healings',
  'timeToHeal',
  'latency',
] as const satisfies readonly (keyof PastView)[];

const INCIDENT_COLUMNS = [
  'kind',
  'name',
  'displayName',
  'account',
  'cause',
  'began',
  'ended',
  'seconds',
  'endedBy',
  'trigger',
  'restarts',
] as const satisfies readonly (keyof IncidentView)[];

/** A line for each day, hour or month of each. */
export function pastCsv(
  named: string,
  pasts: readonly { readonly name: string; readonly dated: readonly DatedPastView[] }[],
  language: Language,
): string {
  const rows = pasts.flatMap(({ name, dated }) =>
    dated.map((each) => [name, each.from, ...PAST_COLUMNS.map((column) => each[column])]),
  );
  return csvOf([named, 'from', ...PAST_COLUMNS], rows, language);
}

export function incidentsCsv(incidents: readonly IncidentView[], language: Language): string {
  return csvOf(
    INCIDENT_COLUMNS,
    incidents.map((incident) => INCIDENT_COLUMNS.map((column) => incident[column])),
    language,
  );
}
