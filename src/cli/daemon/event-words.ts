import { z } from 'zod';
import type { FleetEvent } from '../../core/event.ts';
import { SECOND } from '../../core/time.ts';
import { isCause, type Cause } from '../../core/verdict.ts';
import type { EventFields, EventSentences } from '../../language/event-sentences.ts';
import { happenedIn, isKey, type Happened, type Happening, type ToldEvent } from '../../language/happened.ts';
import type { Language } from '../../language/language.ts';
import type { News, NewsOf } from '../../language/news.ts';
import { detailIn } from '../../language/catalogue.ts';
import { EVENT_SENTENCES } from '../../language/pt-br/commands/event-sentences.ts';
import { PAGE_NEWS } from '../../language/pt-br/page-news.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import type { Speech } from '../speech.ts';

/** What is said of events in other languages than English, which is that of the log. */
const OTHER: Readonly<Record<Exclude<Language, 'en'>, { happened: Happened; quiet: EventSentences }>> = {
  'pt-BR': { happened: PAGE_NEWS.happened, quiet: EVENT_SENTENCES },
};
/** A takeover may be of hundreds. */
const MOST_NAMES = 5;

type OwnNews = Exclude<News['type'], Happening | 'flapping_began' | 'flapping_ended'> & FleetEvent['type'];

const count = z.number();
const cause = z.string().refine((word): word is Cause => isCause(word));
const nothing = z.object({});

/** What the sentences about accounts and the watchdog need of an event, as the API has it. */
const FIELDS: Readonly<Record<OwnNews, z.ZodType<object>>> = {
  storm_began: z.object({ sick: count, watched: count, allowed: count }),
  storm_paced: nothing,
  storm_ended: z
    .object({ until: z.iso.datetime().optional() })
    .transform(({ until }) => ({ quietUntil: until === undefined ? null : Date.parse(until) })),
  gateway_outage_began: z.object({ unreachable: count, watched: count, byHealthRoute: z.literal(true).optional() }),
  gateway_outage_ended: nothing,
  restart_method_found: z.object({ method: z.string() }),
  bulk_failed: z.object({ cause }),
  bulk_works: nothing,
  instances_discovered: z.object({ added: count, removed: count }),
  discovery_failed_began: z.union([
    z.object({ why: z.literal('failed'), cause }),
    z.object({ why: z.literal('empty') }),
    z.object({ why: z.literal('shrunk'), listed: count, watched: count }),
  ]),
  discovery_failed_ended: nothing,
  harmful_began: z.object({ harmed: count, within: count.transform((seconds) => seconds * SECOND) }),
  harmful_ended: z.object({ by: z.string() }),
  blind_began: z.object({ blind: count, watched: count, cause: cause.nullable().default(null) }),
  blind_ended: nothing,
  silent_began: z.object({ silent: count, expected: count }),
  silent_ended: nothing,
  refused_began: z.object({ cause, refused: count, watched: count }),
  refused_ended: nothing,
  own_network_down: z.object({ reason: z.string() }),
  own_network_up: nothing,
  state_unusable: z.object({ reason: z.string() }),
  state_found: z.object({ instances: count }),
  config_reloaded: z.object({
    ...{ added: count, removed: count, changed: count },
    waitingForRestart: z.array(z.string()),
  }),
  config_reload_failed: z.object({
    problems: z.array(z.looseObject({ path: z.string(), message: z.string(), remedy: z.string() })),
  }),
  alert_unmatched: z.object({ alert: z.string(), instances: z.array(z.string()) }),
};

/**
 * What happened, with the name of what it is about, in the language of a command. In English it is what the log says, and so
 * it is in any language where nothing is known of an event.
 */
export function eventWords(event: ToldEvent, speech: Speech): string {
  const { language } = speech.formats;
  if (language === 'en') return event.message;
  const said = saidIn(OTHER[language], event, speech);
  if (said === null) return event.message;
  const place = [event['name'], event['gateway'], event['account']].find((name) => typeof name === 'string');
  return cleanText(place === undefined ? said : `${place}: ${said}`);
}

function saidIn(
  { happened, quiet }: (typeof OTHER)[keyof typeof OTHER],
  event: ToldEvent,
  speech: Speech,
): string | null {
  const { formats, words, sentences } = speech;
  const { type } = event;
  if (isKey(quiet, type)) return quiet[type](fieldsOf(event));
  if (isKey(FIELDS, type)) {
    const read = FIELDS[type].safeParse(event);
    // The compiler cannot see that the sentence found by a type takes the events of that type.
    const say = sentences.news[type] as (news: NewsOf<OwnNews>, how: typeof formats) => string;
    return read.success ? say({ ...event, ...read.data } as unknown as NewsOf<OwnNews>, formats) : null;
  }
  return happenedIn(happened, event, {
    words,
    number: (value) => formats.number(value),
    length: (seconds) => formats.amount(seconds),
    // Beside the time of the event, most days need not be said.
    time: (iso) => formats.shortTime(Date.parse(iso), Date.parse(typeof event['at'] === 'string' ? event['at'] : iso)),
    detail: (detail) => detailIn(speech, detail),
  });
}

function fieldsOf(event: ToldEvent): EventFields {
  return {
    text: (field) => (typeof event[field] === 'string' ? event[field] : ''),
    count: (field) => (typeof event[field] === 'number' ? event[field] : 0),
    is: (field) => event[field] === true,
    names(field) {
      const found = event[field];
      const names = Array.isArray(found) ? found.filter((name) => typeof name === 'string') : [];
      const more = names.length - MOST_NAMES;
      return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` (+${more})` : ''}`;
    },
  };
}
