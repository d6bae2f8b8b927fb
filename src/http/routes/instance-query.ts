import { z } from '@hono/zod-openapi';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { wholeNumber } from './documented.ts';
import { HttpProblem } from '../problem.ts';
import { phase } from '../views/schemas.ts';

/** At most this many instances in one answer, which is also the default of `?limit=`. */
const LIMIT_MAX = 1_000;

/** Which instances to list. */
export const InstanceQuery = z.object({
  phase: phase.optional(),
  account: z.string().optional(),
  q: z.string().toLowerCase().optional().openapi({
    description:
      'Text anywhere in the name, the displayName, the phoneNumberId or the value of a label; case does not matter.',
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

/** What is known of a page once all instances have been looked at. */
export interface PageEnd {
  /** How many instances match, on all pages. */
  readonly total: number;
  /** Leads to the next page; null: this is the last one. */
  readonly nextCursor: string | null;
  /** How many of them each account has. */
  readonly byAccount: ReadonlyMap<string, number>;
}

/**
 * The instances that match, in the order of the configuration, from the cursor on. Every instance that was looked at in vain
 * is a null, so that looking at a hundred thousand can pause.
 *
 * @param placeOf the place of an instance in the config, where other replicas watch some of them
 * @throws HttpProblem when the instance that the cursor names is no longer watched
 */
export function findInstances(
  instances: ReadonlyMap<string, Instance>,
  query: InstanceQuery,
  placeOf: ((name: string) => number | null) | null = null,
): Generator<Instance | null, PageEnd> {
  const { cursor: after } = query;
  const place = after === undefined ? null : (placeOf?.(after) ?? null);
  if (placeOf !== null && place !== null) return lookThrough(instances, query, (name) => (placeOf(name) ?? 0) > place);
  if (after !== undefined && !instances.has(after)) {
    throw new HttpProblem(400, 'cursor: the instance it names is no longer watched; start again without cursor.');
  }
  return lookThrough(instances, query);
}

function* lookThrough(
  instances: ReadonlyMap<string, Instance>,
  query: InstanceQuery,
  isAfter: ((name: string) => boolean) | null = null,
): Generator<Instance | null, PageEnd> {
  const { limit, cursor: after } = query;
  let last: Instance | null = null;
  let found = 0;
  let total = 0;
  const byAccount = new Map<string, number>();
  let reached = after === undefined;
  // The one that the cursor names may be another replica's.
  let more = false;
  for (const instance of instances.values()) {
    if (isAfter !== null) reached = isAfter(instance.name);
    const isMatch = matches(instance, query);
    const isOnPage = isMatch && reached && found < limit;
    if (isMatch) {
      total += 1;
      byAccount.set(instance.account.name, (byAccount.get(instance.account.name) ?? 0) + 1);
    }
    if (isMatch && reached && !isOnPage) more = true;
    if (isOnPage) {
      found += 1;
      last = instance;
    }
    yield isOnPage ? instance : null;
    reached ||= instance.name === after;
  }
  return { total, nextCursor: more && last !== null ? cursorAfter(last.name) : null, byAccount };
}

function matches({ definition, account, state }: Instance, query: InstanceQuery): boolean {
  return (
    (query.phase === undefined || state.phase === query.phase) &&
    (query.account === undefined || account.name === query.account) &&
    (query.q === undefined || holdsText(definition, query.q))
  );
}

function holdsText({ name, displayName, phoneNumberId, labels }: Instance['definition'], text: string): boolean {
  return [name, displayName ?? '', phoneNumberId, ...Object.values(labels)].some((value) =>
    value.toLowerCase().includes(text),
  );
}

/** The cursor of a page that ended with this instance. */
export function cursorAfter(name: string): string {
  return Buffer.from(name).toString('base64url');
}
