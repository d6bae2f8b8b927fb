import { stripVTControlCharacters } from 'node:util';

/**
 * What nobody sees, and what turns the direction of writing: format characters (bidi, joiners, soft hyphens, tags),
 * variation selectors, fillers and the like. They hide one text in another, so they leave without a trace.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]+/gu;

/** Control characters, line separators and halves of characters: they break lines and steer terminals. */
const UNPRINTABLE = /[\p{Cc}\p{Surrogate}\u{2028}\u{2029}]+/gu;
const UNPRINTABLE_IN_LINES = /(?!\n)[\p{Cc}\p{Surrogate}\u{2028}\u{2029}]+/gu;

/** Almost all texts are of these characters only, and need no work. */
const HARMLESS = /^[\x20-\x7e]*$/;

/** `text` as one line: terminal sequences and invisible characters are gone, others that cannot be printed are a blank. */
export function cleanText(text: string): string {
  return HARMLESS.test(text) ? text : withoutHidden(text).replace(UNPRINTABLE, ' ');
}

/** The same, but line feeds stay. */
export function cleanLines(text: string): string {
  return HARMLESS.test(text) ? text : withoutHidden(text).replace(UNPRINTABLE_IN_LINES, ' ');
}

/** A line that may be coloured: the sequences that steer a terminal stay, as we wrote them; what is invisible leaves. */
export function cleanColoured(line: string): string {
  return line.replace(INVISIBLE, '').replace(/[\u{80}-\u{9f}\p{Surrogate}\u{2028}\u{2029}]/gu, ' ');
}

/** At most `limit` characters of `text`, which is clean; the last one says whether something is missing. */
export function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, Math.max(0, limit - 1)).replace(UNPRINTABLE, '')}…`;
}

/** Plain data with every text in it clean, keys included; `clean` is what happens to a text. */
export function cleanData(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => cleanData(item, clean));
  // Unlike an assignment, fromEntries never runs a setter, whatever the key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanData(item, clean)]));
}

function withoutHidden(text: string): string {
  const plain = /[\u{1b}\u{9b}]/u.test(text) ? stripVTControlCharacters(text) : text;
  return plain.replace(INVISIBLE, '');
}
