import { z } from 'zod';
import { mistake } from './scalars.ts';

/** A value as users write it: the text itself, or the file that holds it. */
export type HeaderInput = string | { readonly file: string };

/** A token of RFC 9110 section 5.6.2. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** Headers that belong to the connection, to the message or to the proxy: written here, they could only break a request. */
const NOT_OURS = new Map<RegExp, string>([
  [/^host$/i, 'The host comes from baseUrl.'],
  [/^proxy-/i, 'Write user and password into the URL of `proxy`.'],
  [
    /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|expect|content-.*|accept-encoding)$/i,
    'Remove it: it is part of how a request is sent, which is not yours to set.',
  ],
]);

/** The name of a header that may be added to requests. */
export function headerName() {
  return z.string().superRefine((name, ctx) => {
    if (!NAME.test(name)) {
      mistake(ctx, 'is not the name of a header', 'Use letters, digits and "-", such as CF-Access-Client-Id.');
    }
    for (const [names, remedy] of NOT_OURS) if (names.test(name)) mistake(ctx, 'must not be set here', remedy);
  });
}

const FILE = {
  type: 'string',
  description: 'File that holds the value, relative to this file; a line break at its end is dropped.',
} as const;

/** The value of a header, or where it is; never part of a message, because it may be a secret. */
export function headerValue() {
  return z
    .unknown()
    .transform((value, ctx): HeaderInput => {
      if (typeof value === 'string') {
        const reason = headerMistake(value);
        if (reason !== null) mistake(ctx, reason, 'Copy the value again, without quotes or line breaks around it.');
        return value;
      }
      if (isFile(value)) return value;
      mistake(ctx, 'must be a text, or a mapping with "file"', 'Write "${NAME}", or { file: path }; quote numbers.');
      return z.NEVER;
    })
    .meta({
      secret: true,
      anyOf: [
        { type: 'string' },
        { type: 'object', properties: { file: FILE }, required: ['file'], additionalProperties: false },
      ],
    });
}

/** Why a text cannot be the value of a header; null when it can. */
export function headerMistake(text: string): string | null {
  if (text === '') return 'is empty';
  if (text.length > 4_096) return 'holds more than 4096 characters';
  if (text !== text.trim()) return 'begins or ends with a blank';
  return /^[\x20-\x7e]+$/.test(text) ? null : 'holds a line break or a character outside ASCII';
}

/** Names of headers that differ in case only are the same header. */
export function reportEqualHeaders(headers: Readonly<Record<string, unknown>>, ctx: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const name of Object.keys(headers)) {
    const message = 'is there twice: the case of letters does not count in names of headers';
    if (seen.has(name.toLowerCase())) mistake(ctx, message, 'Keep one of the two.', name);
    seen.add(name.toLowerCase());
  }
}

function isFile(value: unknown): value is { readonly file: string } {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  return 'file' in value && typeof value.file === 'string' && value.file !== '' && !value.file.includes('\0');
}
