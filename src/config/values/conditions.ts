import { z } from 'zod';
import type { Conditions, Expected } from '../../gateway/profiles/profile.ts';
import { mistake, patternText } from './scalars.ts';

/** What must stand at which places of an answer. */
export const conditions = z
  .record(placeText(), expected())
  .refine((value) => Object.keys(value).length > 0, {
    error: 'is empty',
    params: { remedy: 'Name at least one place, such as { status: open }.' },
  })
  .superRefine((value, ctx) => {
    const status = value[STATUS];
    if (status === undefined || [status].flat().every(isStatus)) return;
    const remedy = 'Write a number from 100 to 599, or a list of them, without quotes.';
    mistake(ctx, 'is no HTTP status', remedy, STATUS);
  }) as unknown as z.ZodType<Conditions>;

const STATUS = '$status';

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

/** A place in an answer: keys joined by dots, or its status. */
export function placeText() {
  return patternText(
    /^(\$status|[^$.\s][^.\s]*(\.[^.\s]+)*)$/,
    '{value} is not a place in an answer',
    'Join keys by dots, such as data.connection; $status is the HTTP status.',
  );
}

export function isExpected(value: unknown): value is Expected {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** What may stand at a place. */
export function expected() {
  return z
    .unknown()
    .superRefine((value, ctx) => {
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (values.length > 0 && values.every(isExpected)) return;
      mistake(ctx, 'must be a value or a list of values', 'Write a text, a number, true, false, null, "~part" or "*".');
    })
    .meta({
      description:
        'A value, or a list of which one is enough; "~part": a text that contains it; "*": anything; null: nothing.',
      anyOf: [
        { type: ['string', 'number', 'boolean', 'null'] },
        { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } },
      ],
    });
}
