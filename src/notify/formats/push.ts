import { severityOf, type Mood } from '../severity.ts';
import { bounded, forPassingOn, withoutLinks } from './escape.ts';
import { wordingOf, type ForPeople } from './wording.ts';

/** ntfy makes a file of a longer message (https://docs.ntfy.sh/publish/#limitations: 4,096 bytes). */
const MOST_BYTES = 4_000;
/** In characters: a line is not made shorter than that. */
const SHORT_LINE = 40;
/** Services behind Apprise take between 140 and 32,768 characters; it cuts by itself for those that take less. */
const LONGEST_BODY = 3_500;

/** https://docs.ntfy.sh/publish/#message-priority */
const PRIORITIES = { critical: 5, warning: 4, info: 3 } as const;
/** https://docs.ntfy.sh/emojis/ */
const TAGS: Readonly<Record<Mood, string>> = {
  bad: 'red_circle',
  worrying: 'orange_circle',
  good: 'green_circle',
  neutral: 'large_blue_circle',
};
/** https://github.com/caronc/apprise-api#api-details */
const TYPES: Readonly<Record<Mood, string>> = { bad: 'failure', worrying: 'warning', good: 'success', neutral: 'info' };

/** A message that is published as JSON at the root of ntfy: https://docs.ntfy.sh/publish/#publish-as-json. */
export function ntfy(chat: ForPeople, url: string): unknown {
  const { title, text, mood, link } = wordingOf(chat, withoutLinks, LONGEST_BODY);
  return {
    topic: placeOf(url).topic,
    // It reads a title as a header: it decodes encoded words (RFC 2047), in which a name may hide a link.
    title: title.replaceAll('=?', '= ?'),
    message: withinBytes(text, MOST_BYTES),
    priority: PRIORITIES[severityOf(chat.message.notices[0])],
    tags: [TAGS[mood]],
    ...(link !== null && { click: link }),
  };
}

/** Where ntfy takes JSON, and the topic, of the address of a topic. */
export function placeOf(url: string): { readonly root: string; readonly topic: string } {
  const address = new URL(url);
  const parts = address.pathname.split('/').filter((part) => part !== '');
  const topic = decodeURIComponent(parts.pop() ?? '');
  address.pathname = `/${parts.join('/')}`;
  return { root: address.href, topic };
}

/** The body of `/notify` of the API of Apprise. */
export function apprise(chat: ForPeople): unknown {
  const { title, text, sign, mood, link } = wordingOf(chat, forPassingOn, LONGEST_BODY);
  const body = link === null ? text : `${text}\n${link}`;
  return { title: `${sign} ${title}`, body, type: TYPES[mood], format: 'text' };
}

/** The longest lines give way first, such as names in a list, so that what to do, which follows them, is not cut off. */
function withinBytes(text: string, limit: number): string {
  const lines = text.split('\n');
  let short = text;
  while (Buffer.byteLength(short) > limit) {
    const longest = lines.reduce((most, line) => (Buffer.byteLength(line) > Buffer.byteLength(most) ? line : most));
    // A text of nothing but short lines has too many of them.
    if (longest.length <= SHORT_LINE) return cutAtEnd(short, limit);
    lines[lines.indexOf(longest)] = bounded(longest, Math.floor(longest.length * 0.9));
    short = lines.join('\n');
  }
  return short;
}

function cutAtEnd(text: string, limit: number): string {
  let short = text;
  while (Buffer.byteLength(short) > limit) short = bounded(short, Math.floor(short.length * 0.9));
  return short;
}
