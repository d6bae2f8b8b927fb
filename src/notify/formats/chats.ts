import { isoTime } from '../../core/schedule/iso-time.ts';
import type { Mood } from '../severity.ts';
import { forDiscord, forSlack, forTelegram } from './escape.ts';
import { wordingOf, type ForPeople } from './wording.ts';

/**
 * Characters of a text, escaped. Slack takes 3,000 in a section; Discord 4,096 in an embed, 256 in its title; Telegram
 * 4,096 in all, counted after its entities are read.
 */
const LONGEST = { slack: 3_000, discord: 4_000, telegram: 3_500 };

const COLOURS: Readonly<Record<Mood, number>> = {
  bad: 0xd32f2f,
  worrying: 0xf57c00,
  good: 0x388e3c,
  neutral: 0x1976d2,
};

/** The body of an incoming webhook of Slack. */
export function slack(chat: ForPeople): unknown {
  const { title, text, sign, link } = wordingOf(chat, forSlack, LONGEST.slack);
  const mrkdwn = (content: string): unknown => ({ type: 'mrkdwn', text: content, verbatim: true });
  return {
    // For notifications and screen readers; the blocks are what is shown.
    text: `${sign} ${title}`,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: mrkdwn(`${sign} *${title}*`) },
      { type: 'section', text: mrkdwn(text) },
      ...(link === null ? [] : [{ type: 'context', elements: [mrkdwn(`<${link}>`)] }]),
    ],
  };
}

/** The body of a webhook of Discord. */
export function discord(chat: ForPeople): unknown {
  const { title, text, sign, mood, link } = wordingOf(chat, forDiscord, LONGEST.discord);
  return {
    content: '',
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: `${sign} ${title}`,
        description: text,
        color: COLOURS[mood],
        timestamp: isoTime(chat.message.notices[0].at),
        ...(link !== null && { url: link }),
      },
    ],
  };
}

/** The body of sendMessage of Telegram. */
export function telegram(chat: ForPeople, chatId: string | null): unknown {
  const { title, text, sign, link } = wordingOf(chat, forTelegram, LONGEST.telegram);
  const more = link === null ? '' : `\n${link.replaceAll('&', '&amp;')}`;
  return {
    chat_id: chatId,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    text: `${sign} <b>${title}</b>\n${text}${more}`,
  };
}
