import { z } from 'zod';
import { isTimezone, parseCron } from './cron.ts';
import { DIRECT, proxyMistake } from '../../network/proxy.ts';
import { NAME } from '../../core/discovery/found-names.ts';
import type { Mistake } from '../../core/problem.ts';
import { parseDuration } from '../../core/schedule/duration.ts';
import { cleanText } from '../../redaction/clean-text.ts';

/**
 * The single values of a configuration as zod types. A message may hold `{value}`, which becomes the text as the user
 * wrote it. The values themselves never go into a message, since they may have come from the environment.
 */

/** Reports what is wrong with a value, or with what stands at a key of it, and what to do about it. */
export function mistake(ctx: Pick<z.RefinementCtx, 'addIssue'>, message: string, remedy: string, key?: string): void {
  ctx.addIssue({ code: 'custom', path: key === undefined ? [] : [key], message, params: { remedy } });
}

/** Metadata of a key. `builtIn` applies where the key is set nowhere; the JSON Schema shows it as the default. */
export interface Meta {
  readonly description: string;
  /** The value is never shown: it is masked wherever it appears, and no problem repeats it. */
  readonly secret?: boolean;
  readonly builtIn?: unknown;
}

const DURATION_REMEDY = 'Write whole numbers with the units d, h, m, s, ms, largest first, such as 90s or 1h30m.';
/** Admits variables, because editors check the file before they are filled in. */
const DURATION_PATTERN = String.raw`^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$|\$\{`;

/** A duration as milliseconds; above zero unless `orZero`. */
export function durationText(meta: Meta, { orZero = false } = {}) {
  return z
    .string()
    .meta({ pattern: DURATION_PATTERN })
    .transform((text, ctx) => {
      const duration = parseDuration(text);
      if (duration === null) mistake(ctx, '{value} is not a duration', DURATION_REMEDY);
      else if (duration === 0 && !orZero) mistake(ctx, 'must be longer than zero', DURATION_REMEDY);
      return duration ?? 0;
    })
    .meta({ ...meta, examples: ['30s', '1h30m'] });
}

/** A cron expression, checked but kept as text, because its time zone may be inherited. */
export function cronText(meta?: Meta) {
  return z
    .string()
    .superRefine((text, ctx) => {
      const reading = parseCron(text, 'UTC');
      if ('mistake' in reading) mistake(ctx, `{value} ${reading.mistake}`, reading.remedy);
    })
    .meta({ ...meta, examples: ['0 3 * * 1-5'] });
}

export function timezoneText(meta: Meta) {
  return z
    .string()
    .refine(isTimezone, {
      error: '{value} is not a time zone that this machine knows',
      params: { remedy: 'Write an IANA name such as UTC or America/Sao_Paulo.' },
    })
    .meta({ ...meta });
}

/** A text of which a function says what is wrong with it; null: nothing. */
export function checkedText(mistakeIn: (text: string) => string | null, remedy: string) {
  return z.string().superRefine((text, ctx) => {
    const reason = mistakeIn(text);
    if (reason !== null) mistake(ctx, reason, remedy);
  });
}

/** A text of one form; the pattern also goes into the JSON Schema, where it admits variables. */
export function patternText(pattern: RegExp, message: string, remedy: string, meta?: Meta) {
  return z
    .string()
    .refine((text) => pattern.test(text), { error: message, params: { remedy } })
    .meta({ ...meta, pattern: String.raw`${pattern.source}|\$\{` });
}

/** Whether nameText would accept it. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** A name of a label of an instance, as Prometheus allows it. */
export const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Labels of instances, whose values are clean and bounded. */
export function labelTexts(meta: Meta) {
  const key = patternText(
    LABEL_NAME,
    'is not the name of a label',
    'Begin with a letter or "_"; digits may follow; at most 63 characters.',
  );
  return z
    .record(key, z.string().max(256).overwrite(cleanText))
    .prefault({})
    .meta({ ...meta });
}

/** A name that needs no quoting in a metric label, a URL or a command line. */
export function nameText(meta?: Meta) {
  return patternText(NAME, '{value} is not a name', 'Use 1 to 63 letters, digits, ".", "_" or "-".', meta);
}

/** A part of a URL's path that names a user or an instance. It is percent-encoded before use. */
export function pathPartText(meta: Meta & { readonly type?: readonly string[] }) {
  return z
    .string()
    .superRefine((text, ctx) => {
      const remedy = 'Write it as the gateway shows it, such as "5511987654321".';
      if (text === '') mistake(ctx, 'must not be empty', remedy);
      else if (text === '.' || text === '..') mistake(ctx, '{value} would leave its place in the URL', remedy);
      else if (/\p{Control}/u.test(text)) mistake(ctx, 'holds a control character', remedy);
      else if (text.length > 256) mistake(ctx, 'is longer than 256 characters', remedy);
    })
    .meta({ ...meta });
}

/** The number, or another name, by which a gateway knows an instance. */
export function phoneNumberIdText(meta: Meta & { readonly type?: readonly string[] }) {
  return pathPartText(meta)
    .superRefine((text, ctx) => {
      const mangled = mangledNumber(text);
      if (mangled !== null) mistake(ctx, mangled.message, mangled.remedy);
    })
    .meta({ ...meta });
}

/** A secret that travels in a header: visible ASCII characters only, at most 4096. */
export function tokenText(meta?: Meta) {
  return z
    .string()
    .superRefine((text, ctx) => {
      if (tokenMistake(text) === null) return;
      const message = wrappingOf(text) ?? 'must be 1 to 4096 visible ASCII characters, without blanks or line breaks';
      mistake(ctx, message, 'Copy the token again, without quotes or line breaks around it.');
    })
    .meta({ ...meta, secret: true });
}

/** Shorter ones are guessed within days at the speed at which wrong ones are answered. */
const SHORTEST_OWN_TOKEN = 8;

/** A token of the watchdog itself, which the operator chooses. */
export function ownTokenText() {
  return tokenText()
    .refine((text) => text.length === 0 || text.length >= SHORTEST_OWN_TOKEN, {
      error: `must have at least ${SHORTEST_OWN_TOKEN} characters; 16 or more are hard to guess`,
      params: { remedy: OWN_TOKEN_REMEDY },
    })
    .meta({ secret: true });
}

export const OWN_TOKEN_REMEDY = 'Make one with: openssl rand -hex 24.';

/** Why a text cannot be a token of the watchdog itself; null when it can. */
export function ownTokenMistake(text: string): string | null {
  return (
    tokenMistake(text) ??
    (text.length < SHORTEST_OWN_TOKEN ? `holds fewer than ${SHORTEST_OWN_TOKEN} characters` : null)
  );
}

/** Why a text cannot be a token; null when it can. */
export function tokenMistake(text: string): string | null {
  if (text === '') return 'is empty';
  if (text.length > 4096) return 'holds more than 4096 characters';
  const wrapping = wrappingOf(text);
  if (wrapping !== null) return wrapping;
  return /^[\x21-\x7e]+$/.test(text) ? null : 'holds a blank, a line break or a character outside ASCII';
}

/** What was copied along with a token; `docker --env-file`, for one, keeps quotes. Null: nothing is known to be. */
function wrappingOf(text: string): string | null {
  if (/^(["']).*\1$/s.test(text)) return 'stands in quotes, which would be sent as a part of it';
  return /^Bearer\s/i.test(text) ? 'begins with "Bearer", which is sent before it anyway' : null;
}

/** Why a text cannot be the number of an instance as its gateway knows it: what spreadsheets and copying make of numbers. */
function mangledNumber(text: string): Mistake | null {
  if (/^\d[.,]?\d*e\+\d+$/i.test(text) || /^\d[.,]\d+e\d+$/i.test(text) || /^\d{6,}[.,]0*$/.test(text)) {
    const remedy =
      'Make the column text, and fill in all digits again, in quotes: those that are missing here are lost.';
    // Shown as it is, because it holds nothing but a number: not one digit of a secret that anyone could use.
    return { message: `${text.slice(0, 30)} is what a spreadsheet makes of a long number`, remedy };
  }
  if (/^[=#]/.test(text)) {
    const remedy = 'Make the column text, and fill in the number itself.';
    return { message: 'is a formula of a spreadsheet, or what it shows when one fails', remedy };
  }
  if (/^\d{1,3}([.,]\d{3}){2,}$/.test(text)) {
    return { message: 'is grouped as an amount is', remedy: 'Write the digits alone.' };
  }
  // Also every blank but the usual one: spreadsheets group digits with narrow ones.
  if (/\p{Cf}|(?! )\p{Zs}/u.test(text)) {
    return { message: 'holds a character that cannot be seen', remedy: 'Type it again instead of pasting it.' };
  }
  if (text.trim() !== text) return { message: 'begins or ends with a blank', remedy: 'Remove the blank.' };
  if (/^'\d+$/.test(text)) {
    return { message: 'begins with the apostrophe of a spreadsheet', remedy: 'Remove the apostrophe.' };
  }
  return null;
}

/** A path of the file system. */
export function fileText(meta?: Meta) {
  return z
    .string()
    .refine((text) => text !== '' && !text.includes('\0'), {
      error: 'is not a path',
      params: { remedy: 'Name a file; a relative path counts from the folder of this file.' },
    })
    .meta({ ...meta });
}

/** The proxy for calls; its URL may hold a password. */
export function proxyText(what: string) {
  const mistakeIn = (text: string): string | null => (text === DIRECT ? null : proxyMistake(text));
  return checkedText(mistakeIn, 'Write http://host:port, http://user:${PASSWORD}@host:port, or direct.')
    .nullable()
    .default(null)
    .meta({
      description: `URL of the HTTP proxy for ${what}, perhaps with user and password, or "direct" for none; null: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say.`,
      secret: true,
    });
}
