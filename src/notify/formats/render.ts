import type { NotifyFormat, ReceiverSettings } from '../../core/notification.ts';
import type { Masks } from '../../redaction/masks.ts';
import type { Message } from '../notice.ts';
import { discord, slack, telegram } from './chats.ts';
import { email, type Mail } from './email.ts';
import { inWords, type Style } from './in-words.ts';
import { alerts, cloudEvent, standardEvent } from './machines.ts';
import { apprise, ntfy } from './push.ts';
import type { ForPeople } from './wording.ts';

/** What is posted. */
export interface Posted {
  readonly contentType: string;
  readonly body: string;
}

/** What is sent: a body over HTTP, or a mail. */
export type Rendered = Posted | Mail;

/**
 * A message in the format of its receiver.
 *
 * @param masks are applied before anything is escaped, because a secret would not be recognised after that
 */
export function render(given: Message, settings: ReceiverSettings, masks: Masks, style: Style): Rendered {
  const message = masks.data(given);
  const { format, template, timezone } = settings;
  return FORMATS[format]({ message, words: inWords(message, style, timezone), template }, settings, style);
}

type Format = (chat: ForPeople, settings: ReceiverSettings, style: Style) => Rendered;

const FORMATS: Readonly<Record<NotifyFormat, Format>> = {
  // Only the mode of CloudEvents with the whole event in the body has a media type of its own.
  cloudevents: ({ message, words }, { contentType }) => ({
    ...json(cloudEvent(message.notices[0], words.link)),
    contentType,
  }),
  standard: ({ message, words }) => json(standardEvent(message.notices[0], words.link)),
  alertmanager: ({ message }, { timezone }, style) => json(alerts(message, style, timezone)),
  slack: (chat) => json(slack(chat)),
  discord: (chat) => json(discord(chat)),
  telegram: (chat, { chatId }) => json(telegram(chat, chatId)),
  ntfy: (chat, { url }) => json(ntfy(chat, url)),
  apprise: (chat) => json(apprise(chat)),
  email,
};

function json(value: unknown): Posted {
  return { contentType: 'application/json', body: JSON.stringify(value) };
}
