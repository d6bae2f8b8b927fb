import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { HttpEnv, HttpParts } from '../http-parts.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import { changingOwner, isAlone, partsOf, watchedPart, type JoinedParts } from '../peers/joined.ts';
import { nobodyWatches } from '../peers/passed-on.ts';
import { HttpProblem } from '../problem.ts';
import { GroupAvailabilityView, IncidentOfPeer } from '../views/history-schemas.ts';

export const GroupsPart = z.object({ groups: z.array(GroupAvailabilityView), ...watchedPart });
export const IncidentsPart = z.object({ incidents: z.array(IncidentOfPeer), ...watchedPart });

interface OthersParts<T> extends JoinedParts<T> {
  readonly changing: readonly string[];
}

/**
 * The same request to every other replica, as JSON; null: the answer is about this one alone.
 *
 * @param account what is wanted is of this one; null: of any
 */
export async function partsOfOthers<T extends { readonly watched?: readonly string[] | undefined }>(
  c: Context<HttpEnv>,
  { peers, fleet }: Pick<HttpParts, 'peers' | 'fleet'>,
  schema: z.ZodType<T>,
  account: string | null,
  set: Readonly<Record<string, string>> = {},
): Promise<OthersParts<T> | null> {
  if (peers === null || isFromPeer(c, peers) || isAlone(peers, fleet().accounts.keys())) return null;
  const { pathname, searchParams } = new URL(c.req.url);
  for (const [key, value] of Object.entries({ ...set, format: 'json' })) searchParams.set(key, value);
  const { parts, missing } = await partsOf(peers, `${pathname}?${searchParams.toString()}`, schema);
  const changing = changingOwner(peers, [fleet().accounts.keys(), ...parts.map(({ watched }) => watched)], missing);
  return { parts, missing, changing: changing.filter((each) => (account ?? each) === each) };
}

/** What an answer lacks; to another replica, what this one watches. */
export function restOf(
  c: Context<HttpEnv>,
  { peers, fleet }: Pick<HttpParts, 'peers' | 'fleet'>,
  others: OthersParts<unknown> | null,
): Partial<Omit<OthersParts<unknown>, 'parts'>> & { readonly watched?: readonly string[] } {
  if (others !== null) return { missing: others.missing, changing: others.changing };
  return isFromPeer(c, peers) ? { watched: [...fleet().accounts.keys()] } : {};
}

/** @throws HttpProblem 503: a table has no place for what is missing */
export function requireAll(others: OthersParts<unknown> | null): void {
  const [first] = others?.missing ?? [];
  if (first !== undefined) {
    const detail = `The replica ${first.replica} gave no answer: ${first.reason}. As JSON the others' part is shown.`;
    throw new HttpProblem(503, detail);
  }
  const [changing] = others?.changing ?? [];
  if (changing !== undefined) throw nobodyWatches(changing);
}
