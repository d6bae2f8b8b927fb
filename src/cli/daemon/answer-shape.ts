import type { z } from '@hono/zod-openapi';

/**
 * Whether an answer is built as `schema` says: all that a command goes through and shows is there. A daemon of a later
 * version may say more, and may know more words for causes and the like.
 */
export function isBuiltAs(schema: z.ZodType, answer: unknown): boolean {
  const { error } = schema.safeParse(answer, { reportInput: true });
  return error?.issues.some(isAnotherShape) !== true;
}

function isAnotherShape(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isAnotherShape));
  if (issue.code === 'unrecognized_keys') return false;
  // Of phases there is a table, which cannot show another one.
  return issue.code !== 'invalid_value' || typeof issue.input !== 'string' || issue.path.at(-1) === 'phase';
}
