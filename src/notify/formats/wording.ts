import mustache from 'mustache';
import type { MessageTemplate } from '../../core/notification.ts';
import type { Message } from '../notice.ts';
import { moodOf, type Mood } from '../severity.ts';
import { boundedEscaped } from './escape.ts';
import { viewOf, type InWords } from './in-words.ts';

/** A message for people, before it gets the form of a receiver. */
export interface ForPeople {
  readonly message: Message;
  readonly words: InWords;
  /** What a user wants said in place of our words; null: nothing. */
  readonly template: MessageTemplate | null;
}

const SIGNS: Readonly<Record<Mood, string>> = { bad: '🔴', worrying: '🟠', good: '🟢', neutral: '🔵' };

const LONGEST_TITLE = 200;
/** Of one text in a template, before it is escaped. */
const LONGEST_VALUE = 1_000;

/** Title and text, escaped, in our words or in those of a template; beside them the link, which is no text. */
export function wordingOf({ message, words, template }: ForPeople, escape: (text: string) => string, longest: number) {
  const mood = moodOf(message.notices[0]);
  const own = { title: words.title, text: words.lines.join('\n') };
  const filled = (key: 'title' | 'text', limit: number): string => {
    const pattern = template?.[key] ?? null;
    const text = pattern === null ? null : fill(pattern, viewOf(words, message), escape, limit);
    return text ?? boundedEscaped(own[key], escape, limit);
  };
  const [title, text] = [filled('title', LONGEST_TITLE), filled('text', longest)];
  return { title, text, sign: SIGNS[mood], mood, link: words.link };
}

/** Null: it would be longer than the receiver takes, and cutting it could break its markup. */
function fill(pattern: string, view: object, escape: (text: string) => string, limit: number): string | null {
  // The link is ours, and would no longer be one.
  const { link } = view as { readonly link: string };
  const shown = (value: unknown): string => {
    const text = String(value);
    return text === link ? link : boundedEscaped(text, escape, LONGEST_VALUE);
  };
  const filled = mustache.render(pattern, view, {}, { escape: shown }).trim();
  return filled.length > limit || filled === '' ? null : filled;
}
