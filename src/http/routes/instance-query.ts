import { z } from '@hono/zod-openapi';
import type { Instance } from '../../runtime/fleet/fleet.ts';
import { wholeNumber } from './documented.ts';
import { HttpProblem } from '../problem.ts';
import { phase } from '../views/schemas.ts';

/** At most this many instances in one answer, which is also the default of `?limit=`. */
export const LIMIT_MAX = 1_000;

/** Which instances to list. */
export const InstanceQuery = z.object({
  phase: phase.optional(),
  account: z.string().optional(),
  q: z.string().toLowerCase().optional().openapi({
    description: 'Text anywhere in the name, the phoneNumberId or the value of a label; case does not matter.',
  }),
  limit: wholeNumber(1, LIMIT_MAX).default(LIMIT_MAX),
  cursor: z
    .string()
    .transform((text, ctx) => {
      const name = Buffer.from(text, 'base64url').toString();
      if (name !== '' && cursorAfter(name) === text) return name;
      ctx.addIssue('take it from nextCursor of an answer');
      return z.NEVER;
    })
    .optional(),
  heartbeats: z.enum(['true', 'false']).default('false'),
});
export type InstanceQuery = z.output<typeof InstanceQuery>;

export interface InstancePage {
  readonly page: readonly Instance[];
  /** How many instances match, on all pages. */
  readonly total: number;
  /** Leads to the next page; null: this is the last one. */
  readonly nextCursor: string | null;
}

/**
 * The instances that match, in the order of the configuration, from the cursor on.
 *
 * @throws HttpProblem when the instance that the cursor names is no longer watched
 */
export function findInstances(instances: ReadonlyMap<string, Instance>, query: InstanceQuery): InstancePage {
  const { limit, cursor: after } = query;
  if (after !== undefined && !instances.has(after)) {
    throw new HttpProblem(400, 'cursor: the instance it names is no longer watched; start again without cursor.');
  }
  const page: Instance[] = [];
  let total = 0;
  let reached = after === undefined;
  let more = false;
  for (const instance of instances.values()) {
    if (matches(instance, query)) {
      total += 1;
      if (reached && page.length < limit) page.push(instance);
      else more ||= reached;
    }
    reached ||= instance.name === after;
  }
  const last = page.at(-1);
  return { page, total, nextCursor: more && last !== undefined ? cursorAfter(last.name) : null };
}

function matches({ definition, account, state }: Instance, query: InstanceQuery): boolean {
  return (
    (query.phase === undefined || state.phase === query.phase) &&
    (query.account === undefined || account.name === query.account) &&
    (query.q === undefined || holdsText(definition, query.q))
  );
}

function holdsText({ name, phoneNumberId, labels }: Instance['definition'], text: string): boolean {
  return [name, phoneNumberId, ...Object.values(labels)].some((value) => value.toLowerCase().includes(text));
}

function cursorAfter(name: string): string {
  return Buffer.from(name).toString('base64url');
}
