import type { IncidentView } from '../../http/views/history-schemas.ts';
import type { MissingPart } from '../../http/views/schemas.ts';
import type { ApiClient } from '../state/api-client.ts';

/** The most that the API gives in one answer. */
const MOST_AT_ONCE = 1_000;

/** Incidents, the newest first. */
export interface IncidentsPart {
  readonly incidents: readonly IncidentView[];
  readonly nextBefore: string | null;
  /** Replicas and accounts whose incidents that last are missing; undefined: nobody else has any. */
  readonly missing?: readonly MissingPart[];
  readonly changing?: readonly string[];
}

/** As many as are wanted, page by page. */
export async function loadIncidents(api: Pick<ApiClient, 'get'>, wanted: number): Promise<IncidentsPart> {
  let found: IncidentsPart = { incidents: [], nextBefore: null };
  do {
    const limit = Math.min(wanted - found.incidents.length, MOST_AT_ONCE);
    const before = found.nextBefore === null ? '' : `&before=${encodeURIComponent(found.nextBefore)}`;
    const next = await api.get<IncidentsPart>(`api/v1/incidents?limit=${limit}${before}`);
    // Only the first page says what it lacks: what lasts is there.
    found = { ...found, ...next, incidents: [...found.incidents, ...next.incidents] };
  } while (found.nextBefore !== null && found.incidents.length < wanted);
  return found;
}
