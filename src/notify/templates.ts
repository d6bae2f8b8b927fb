import type { ReceiverSettings } from '../core/notification.ts';
import { isoTime, isoTimeOrNull } from '../core/schedule/iso-time.ts';
import { bounded, boundedEscaped, forDiscord, forSlack, forTelegram } from './escape.ts';
import type { Masks } from '../redaction/masks.ts';
import type { Message, Notice } from './notice.ts';
import { moodOf, textOf, titleOf, type Mood } from './notice-words.ts';

/** What is posted. */
export interface Rendered {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Characters of a text, escaped. Slack takes 3,000 in a section; Discord 4,096 in an embed, 256 in its title; Telegram
 * 4,096 in all, counted after its entities are read.
 */
const LONGEST_TEXT = { slack: 3_000, discord: 4_000, telegram: 3_500, machine: 10_000 };
const LONGEST_TITLE = 200;

const SIGNS: Readonly<Record<Mood, string>> = { bad: '🔴', worrying: '🟠', good: '🟢', neutral: '🔵' };
const COLOURS: Readonly<Record<Mood, number>> = {
  bad: 0xd32f2f,
  worrying: 0xf57c00,
  good: 0x388e3c,
  neutral: 0x1976d2,
};

/**
 * A message in the format of its receiver.
 *
 * @param masks are applied before anything is escaped, because a secret would not be recognised after that
 */
export function render(
  given: Message,
  { format, chatId, contentType: structured }: Pick<ReceiverSettings, 'format' | 'chatId' | 'contentType'>,
  masks: Masks,
): Rendered {
  const message = masks.data(given);
  const [notice] = message.notices;
  // Only the mode of CloudEvents with the whole event in the body has a media type of its own.
  const contentType = format === 'cloudevents' ? structured : 'application/json';
  const json = (value: unknown): Rendered => ({
    contentType,
    body: JSON.stringify(value),
  });
  switch (format) {
    case 'cloudevents':
      return json(cloudEvent(notice));
    case 'standard':
      return json({ type: notice.topic, timestamp: isoTime(notice.at), data: dataOf(notice) });
    case 'slack':
      return json(slack(message));
    case 'discord':
      return json(discord(message));
    case 'telegram':
      return json(telegram(message, chatId));
  }
}

/** CloudEvents 1.0.2, structured mode. */
function cloudEvent(notice: Notice): unknown {
  const { id, topic, account, name, at } = notice;
  return {
    specversion: '1.0',
    id,
    source: account === null ? '/smileapi-watchdog' : `/smileapi-watchdog/accounts/${account}`,
    type: `smileapi-watchdog.${topic}`,
    time: isoTime(at),
    ...(name !== null && { subject: name }),
    datacontenttype: 'application/json',
    data: dataOf(notice),
  };
}

function dataOf({ topic, stage, incident, since, level, name, account, text, fields }: Notice): unknown {
  return {
    ...fields,
    ...(name !== null && { name }),
    ...(account !== null && { account }),
    event: topic,
    course: stage,
    incident,
    since: isoTimeOrNull(since),
    level,
    message: bounded(text, LONGEST_TEXT.machine),
  };
}

function slack(message: Message): unknown {
  const { title, text, time, sign } = partsOf(message, forSlack, LONGEST_TEXT.slack);
  const mrkdwn = (content: string): unknown => ({ type: 'mrkdwn', text: content, verbatim: true });
  return {
    // For notifications and screen readers; the blocks are what is shown.
    text: `${sign} ${title}`,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: mrkdwn(`${sign} *${title}*`) },
      { type: 'section', text: mrkdwn(text) },
      { type: 'context', elements: [mrkdwn(time)] },
    ],
  };
}

function discord(message: Message): unknown {
  const { title, text, time, sign, colour } = partsOf(message, forDiscord, LONGEST_TEXT.discord);
  return {
    content: '',
    allowed_mentions: { parse: [] },
    embeds: [{ title: `${sign} ${title}`, description: text, color: colour, timestamp: time }],
  };
}

function telegram(message: Message, chatId: string | null): unknown {
  const { title, text, sign } = partsOf(message, forTelegram, LONGEST_TEXT.telegram);
  return {
    chat_id: chatId,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    text: `${sign} <b>${title}</b>\n${text}`,
  };
}

function partsOf(
  message: Message,
  escape: (text: string) => string,
  longest: number,
): { title: string; text: string; time: string; sign: string; colour: number } {
  const [first] = message.notices;
  const mood = moodOf(first);
  return {
    title: boundedEscaped(titleOf(message), escape, LONGEST_TITLE),
    text: boundedEscaped(textOf(message), escape, longest),
    time: isoTime(first.at),
    sign: SIGNS[mood],
    colour: COLOURS[mood],
  };
}
