import { createHash } from 'node:crypto';
import type { ReceiverSettings } from '../../core/notification.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import { severityOf } from '../severity.ts';
import { withoutLinks } from './escape.ts';
import { wordingOf, type ForPeople } from './wording.ts';

const LONGEST_TEXT = 10_000;

/** One mail, as plain text. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  /** Mails of one incident have it in common, so that they are shown as one conversation. */
  readonly references: string | null;
  readonly urgent: boolean;
}

/** A mail about a message. */
export function email(chat: ForPeople, { from, to }: Pick<ReceiverSettings, 'from' | 'to'>): Mail {
  // Programs for mail make links of addresses by themselves.
  const { title, text, sign, link } = wordingOf(chat, withoutLinks, LONGEST_TEXT);
  const [first] = chat.message.notices;
  return {
    from: from ?? '',
    to,
    subject: cleanText(`${sign} ${title}`),
    text: link === null ? `${text}\n` : `${text}\n\n${link}\n`,
    messageId: idOf(first.id),
    references: first.incident === null ? null : idOf(`${first.incident} ${String(first.since)}`),
    urgent: severityOf(first) === 'critical',
  };
}

/** Whatever the id is made of, it fits into a header. */
function idOf(text: string): string {
  return `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@smileapi-watchdog>`;
}
