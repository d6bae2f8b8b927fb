import { PHASES, type Phase } from '../core/instance.ts';
import type { Watched } from '../runtime/fleet.ts';

/** Most instances in one answer, and as many as there are without `?limit=`. */
export const LIMIT_MAX = 1_000;

/** Which instances somebody wants to see. */
export interface InstanceQuery {
  readonly phase: Phase | null;
  readonly account: string | null;
  /** In lower case: stands anywhere in the name, the phoneNumberId or the value of a label. */
  readonly text: string | null;
  readonly limit: number;
  /** Name of the last instance that was shown already. */
  readonly after: string | null;
}

export interface InstancePage {
  readonly page: readonly Watched[];
  /** How many instances match, on all pages. */
  readonly total: number;
  /** Leads to the next page; null: this is the last one. */
  readonly nextCursor: string | null;
}

/** A query that cannot be answered; its message tells the client what is wrong with it. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/**
 * Reads the parameters of a URL.
 *
 * @throws QueryError
 */
export function parseInstanceQuery(parameters: Readonly<Record<string, string>>): InstanceQuery {
  const { phase, account, q, limit, cursor } = parameters;
  return {
    phase: phase === undefined ? null : parsePhase(phase),
    account: account ?? null,
    text: q?.toLowerCase() ?? null,
    limit: limit === undefined ? LIMIT_MAX : parseLimit(limit),
    after: cursor === undefined ? null : parseCursor(cursor),
  };
}

/**
 * The instances that match, in the order of the configuration, from the cursor on.
 *
 * @throws QueryError when the instance that the cursor stands for is watched no more
 */
export function findInstances(instances: ReadonlyMap<string, Watched>, query: InstanceQuery): InstancePage {
  const { limit, after } = query;
  if (after !== null && !instances.has(after)) {
    throw new QueryError('cursor: the instance it stands for is watched no more; start again without cursor');
  }
  const page: Watched[] = [];
  let total = 0;
  let reached = after === null;
  let more = false;
  for (const watched of instances.values()) {
    if (matches(watched, query)) {
      total += 1;
      if (reached && page.length < limit) page.push(watched);
      else more ||= reached;
    }
    reached ||= watched.name === after;
  }
  const last = page.at(-1);
  return { page, total, nextCursor: more && last !== undefined ? cursorAfter(last.name) : null };
}

function matches({ definition, account, state }: Watched, query: InstanceQuery): boolean {
  return (
    (query.phase === null || state.phase === query.phase) &&
    (query.account === null || account.name === query.account) &&
    (query.text === null || holdsText(definition, query.text))
  );
}

function holdsText({ name, phoneNumberId, labels }: Watched['definition'], text: string): boolean {
  return [name, phoneNumberId, ...Object.values(labels)].some((value) => value.toLowerCase().includes(text));
}

function parsePhase(text: string): Phase {
  const phase = PHASES.find((known) => known === text);
  if (phase === undefined) throw new QueryError(`phase: must be one of ${PHASES.join(', ')}`);
  return phase;
}

function parseLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LIMIT_MAX) throw new QueryError(`limit: must be a whole number from 1 to ${LIMIT_MAX}`);
  return limit;
}

function cursorAfter(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function parseCursor(text: string): string {
  const name = Buffer.from(text, 'base64url').toString();
  if (name === '' || cursorAfter(name) !== text) throw new QueryError('cursor: take it from nextCursor of an answer');
  return name;
}
