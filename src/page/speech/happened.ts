import type { EventView } from '../../http/views/schemas.ts';
import { happenedIn } from '../../language/happened.ts';
import { spell } from './lengths.ts';
import type { Speech } from './speech.ts';

/**
 * What happened to an instance, as a sentence without its name. Events that the page does not know are said in the words of
 * the log, which are English.
 */
export function happenedWords(event: EventView, speech: Speech): string {
  const { words, page } = speech;
  const said = happenedIn(page.happened, event, {
    words,
    length: spell,
    number: (value) => speech.number(value),
    time: (iso) => speech.localTime(iso),
    detail: (detail) => speech.detail(detail) ?? '',
  });
  return said ?? event.message;
}
