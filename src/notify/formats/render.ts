import type { ReceiverSettings } from '../../core/notification.ts';
import type { Masks } from '../../redaction/masks.ts';
import type { Message } from '../notice.ts';
import { discord, slack, telegram } from './chats.ts';
import { email, type Mail } from './email.ts';
import { inWords, type Style } from './in-words.ts';
import { alerts, cloudEvent, standardEvent } from './machines.ts';
import { apprise, ntfy } from './push.ts';

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
export function render(
  given: Message,
  settings: Pick<
    ReceiverSettings,
    'format' | 'chatId' | 'contentType' | 'template' | 'timezone' | 'url' | 'from' | 'to'
  >,
  masks: Masks,
  style: Style,
): Rendered {
  const message = masks.data(given);
  const [notice] = message.notices;
  const { format, template } = settings;
  const words = inWords(message, style, settings.timezone);
  const chat = { message, words, template };
  switch (format) {
    case 'cloudevents':
      // Only the mode of CloudEvents with the whole event in the body has a media type of its own.
      return { ...json(cloudEvent(notice, words.link)), contentType: settings.contentType };
    case 'standard':
      return json(standardEvent(notice, words.link));
    case 'alertmanager':
      return json(alerts(message, style, settings.timezone));
    case 'slack':
      return json(slack(chat));
    case 'discord':
      return json(discord(chat));
    case 'telegram':
      return json(telegram(chat, settings.chatId));
    case 'ntfy':
      return json(ntfy(chat, settings.url));
    case 'apprise':
      return json(apprise(chat));
    case 'email':
      return email(chat, settings);
  }
}

function json(value: unknown): Posted {
  return { contentType: 'application/json', body: JSON.stringify(value) };
}
