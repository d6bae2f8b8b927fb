import { z } from '@hono/zod-openapi';
import type { ZodType } from 'zod';
import { ProblemBody } from '../views/schemas.ts';

/** A good answer in JSON, as the API document describes it. */
export function answer<T extends ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } } as const;
}

/** A good answer in plain text. */
export function plain(description: string, type: string) {
  return { description, content: { [type]: { schema: z.string() } } };
}

/** An error that a route may answer with. */
export function failure(description: string) {
  return { description, content: { 'application/problem+json': { schema: ProblemBody } } } as const;
}

export const WRONG_HOST = failure('Without a token the watchdog is not known under the name in Host (api.hosts).');

/** What every route with a token may answer. */
export const ACCESS_FAILURES = {
  401: failure('The token is missing or wrong.'),
  429: failure('Too many wrong tokens from this address.'),
} as const;

/** What every route that only reads may answer. */
export const READ_FAILURES = { ...ACCESS_FAILURES, 421: WRONG_HOST } as const;

/** What routes that change something may answer. */
export const WRITE_FAILURES = {
  ...ACCESS_FAILURES,
  403: failure('The configuration sets no token for such calls.'),
} as const;

export const NO_SUCH_INSTANCE = { 404: failure('No instance of this name is watched.') } as const;

/** A parameter that is a whole number, written in digits. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, error)
    .transform(Number)
    .pipe(z.number().min(min, error).max(max, error))
    .openapi({ type: 'integer', minimum: min, maximum: max });
}

export const instanceName = z.object({ name: z.string().openapi({ description: 'Name of an instance.' }) });
