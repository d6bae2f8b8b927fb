import type { OutgoingText, Target } from '../gateway.ts';

/**
 * Whether `text` can travel in a header as it is: visible ASCII and Latin-1 characters, blanks and tabs
 * (RFC 9110 section 5.5). A token that cannot is wrong, usually by a line break at its end.
 */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/u.test(text);
}

/**
 * Percent-encodes one part of a path, so that it can never become two parts or another one: `/` is encoded, lone
 * surrogates become U+FFFD, and the dots of `.` and `..` are encoded too.
 */
export function encodePathPart(text: string): string {
  // Nearly all are digits, and every probe needs this.
  if (/^\w+$/.test(text)) return text;
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\u{fffd}'));
}

/** Whether headers say who sends a request; a login that is described farther away does not count then. */
export function namesLogin(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}

/** The names of all placeholders in a text, each once. */
export function placeholdersIn(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name ?? ''))];
}

/** What differs from one instance of an account to the next, and what a message to be sent says. */
export interface InstanceValues extends Target, Partial<OutgoingText> {
  /** Of a list that comes in pages: the number of the page. */
  readonly page?: string;
}

type Fill = (of: InstanceValues) => string;

/** What is the instance's own, or belongs to a message or a page of a list. */
export const OF_REQUEST: ReadonlySet<string> = new Set(['id', 'phoneNumberId', 'token', 'to', 'text', 'page']);

/**
 * Prepares a template: what is the account's is filled in now, so that a call is cheap. `{id}` and `{phoneNumberId}` are
 * the instance's, and so is `{token}` where it has one of its own.
 *
 * @param encode makes a value fit for its place; `encodePathPart` in paths and queries
 * @throws TypeError for a placeholder without a value: the profile and the account do not fit then
 */
export function compileTemplate(
  template: string,
  account: Readonly<Record<string, string>>,
  encode: (value: string) => string = (value) => value,
): Fill {
  const texts = [''];
  const fills: Fill[] = [];
  for (const [index, part] of template.split(/\{(\w+)\}/u).entries()) {
    if (index % 2 === 1 && OF_REQUEST.has(part)) {
      fills.push(fillOf(part, account, encode));
      texts.push('');
    } else texts.push((texts.pop() ?? '') + (index % 2 === 0 ? part : encode(valueOf(account, part, template))));
  }
  const [before = '', after = ''] = texts;
  const [first] = fills;
  if (first === undefined) return () => before;
  // Nearly all paths have one.
  if (fills.length === 1) return (of) => before + first(of) + after;
  return (of) => fills.reduce((filled, fill, index) => filled + fill(of) + (texts[index + 1] ?? ''), before);
}

function fillOf(part: string, account: Readonly<Record<string, string>>, encode: (value: string) => string): Fill {
  if (part === 'token') return ownToken(account['token'] ?? '', encode);
  if (part === 'to' || part === 'text' || part === 'page') return (of) => encode(of[part] ?? '');
  return (of) => encode(of.phoneNumberId);
}

function ownToken(accounts: string, encode: (value: string) => string): Fill {
  const usual = encode(accounts);
  return ({ token }) => (token === undefined ? usual : encode(token));
}

function valueOf(account: Readonly<Record<string, string>>, name: string, template: string): string {
  const value = Object.hasOwn(account, name) ? account[name] : undefined;
  if (value !== undefined) return value;
  throw new TypeError(`template ${JSON.stringify(template)}: nothing to fill in for {${name}}`);
}
