import { z } from '@hono/zod-openapi';
import { parseDuration } from '../../core/schedule/duration.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import { HttpProblem } from '../problem.ts';
import { failure } from './documented.ts';

/** What the calls have in common that make the watchdog do something: who wants it, and that it is saved. */

export const NOT_SAVED =
  'It could not be saved, so it may not survive a restart of the watchdog; check the space of state.path, or the database.';

export const BODY_FAILURES = {
  400: failure('The body is not valid.'),
  415: failure('The body is not JSON, or not declared as JSON.'),
} as const;

/** Words of a person: one line, because logs and terminals show them. */
export const words = (most: number) =>
  z
    .string()
    .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters')
    .overwrite(cleanText)
    .trim()
    .min(1)
    .max(most);

/** @param otherwise who it is when the caller does not say */
export const requestedBy = (otherwise: string) =>
  words(100)
    .optional()
    .openapi({ description: `Who requests it, for history and events; if left out, ${otherwise}.` });

/** How long something lasts, in milliseconds. @param otherwise until when it lasts without this */
export const duration = (otherwise: string) =>
  z
    .string()
    .transform((text, ctx) => {
      const lasts = parseDuration(text);
      if (lasts !== null && lasts > 0) return lasts;
      ctx.addIssue('write a duration, such as 30m, 2h or 1d12h');
      return z.NEVER;
    })
    .optional()
    .openapi({ type: 'string', description: `How long, such as 2h; without it, ${otherwise}.` });

export function body<T extends z.ZodType>(schema: T, required: boolean) {
  return { content: { 'application/json': { schema } }, required };
}

/** A body that may say who requests it, and may be left out. */
export const requester = body(z.strictObject({ requestedBy: requestedBy('api') }), false);

/** @throws HttpProblem when what was done could not be saved */
export function requireSaved({ saved }: { readonly saved: boolean }): void {
  if (!saved) throw new HttpProblem(503, NOT_SAVED);
}
