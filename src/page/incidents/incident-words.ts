import type { IncidentView } from '../../http/views/history-schemas.ts';
import { TRIGGER_WORDS } from '../state/words.ts';

export const KIND_WORDS: Readonly<Record<IncidentView['kind'], string>> = {
  down: 'Down',
  needs_human: 'Needed a human',
  blind: 'Nothing was known',
  storm: 'Storm',
  gateway_outage: 'Gateway outage',
  harmful: 'Restarts did harm',
  refused: 'Account refused',
  account_blind: 'Nothing was known of the account',
  own_network: "The watchdog's own network",
};

export const END_WORDS: Readonly<Record<NonNullable<IncidentView['endedBy']>, string>> = {
  restart: 'a restart',
  by_itself: 'by itself',
  release: 'released by a person',
  no_longer_watched: 'no longer watched',
};

/** What ended an incident; empty while it lasts. */
export function endOf({ endedBy, trigger }: IncidentView): string {
  if (endedBy === null) return '';
  return trigger === null ? END_WORDS[endedBy] : `${END_WORDS[endedBy]} (${TRIGGER_WORDS[trigger]})`;
}
