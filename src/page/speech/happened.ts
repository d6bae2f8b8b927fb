import type { EventView } from '../../http/views/schemas.ts';
import type { HappenedParts, Happening } from '../../language/happened.ts';
import { spell } from './lengths.ts';
import type { Speech } from './speech.ts';

/**
 * What happened to an instance, as a sentence without its name. Events that the page does not know are said in the words of
 * the log, which are English.
 */
export function happenedWords(event: EventView, speech: Speech): string {
  const { happened } = speech.page;
  return isHappening(event.type, happened) ? happened[event.type](partsOf(event, speech)) : event.message;
}

function isHappening(type: string, happened: Speech['page']['happened']): type is Happening {
  return Object.hasOwn(happened, type);
}

/** The fields of an event in words; any may be missing, or come from a newer watchdog. */
function partsOf(event: EventView, speech: Speech): HappenedParts {
  const { words } = speech;
  const text = (key: string): string => (typeof event[key] === 'string' ? event[key] : '');
  const number = (key: string): string => (typeof event[key] === 'number' ? speech.number(event[key]) : '');
  const length = (key: string): string => (typeof event[key] === 'number' ? spell(event[key]) : '');
  const time = (key: string): string => (Number.isNaN(Date.parse(text(key))) ? '' : speech.localTime(text(key)));
  const word = (key: string, among: Readonly<Record<string, string>>): string =>
    Object.hasOwn(among, text(key)) ? (among[text(key)] ?? '') : text(key);
  const phases = Object.fromEntries(Object.entries(words.phases).map(([phase, { label }]) => [phase, label]));
  const detail = speech.detail(text('detail')) ?? '';
  const { httpStatus } = event;
  const inBrackets = [typeof httpStatus === 'number' && !detail.includes('HTTP') ? `HTTP ${httpStatus}` : '', detail]
    .filter((part) => part !== '')
    .join(', ');
  const withDetail = (said: string, more: string): string => (more === '' ? said : `${said} (${more})`);
  return {
    phase: word(event.type === 'phase_changed' ? 'to' : 'phase', phases),
    cause: withDetail(word('cause', words.causes), detail),
    hold: word('hold', words.holds),
    trigger: word('trigger', words.triggers),
    outcome: withDetail(word('outcome', words.outcomes), inBrackets),
    skip: word('why', words.skips),
    attempt: number('attempt'),
    attempts: number('attempts'),
    by: text('by') || text('requestedBy'),
    reason: text('reason'),
    until: time('until'),
    since: time('since'),
    toHeal: length('secondsToHeal'),
    down: length('downSeconds'),
  };
}
