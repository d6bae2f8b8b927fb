import { z } from 'zod';
import { sumOf } from '../../collections/sum.ts';
import { PHASES, type Phase } from '../../core/instance/instance.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import { cursorAfter } from '../routes/instance-query.ts';
import type { MissingPart, StatusView } from '../views/schemas.ts';
import { PeerError, type Peer, type Peers } from './peers.ts';

/** A person waits for the answer, so a replica that does not give its part soon is left out. */
const LONGEST_PART: DurationMs = 5 * SECOND;

export interface JoinedParts<T> {
  readonly parts: readonly T[];
  readonly missing: readonly MissingPart[];
}

/** Every other replica's own answer to a request that reads, or that of some. A replica without a good one is listed. */
export async function partsOf<T>(
  peers: Peers,
  path: string,
  schema: z.ZodType<T>,
  of = peers.list(),
): Promise<JoinedParts<T>> {
  const parts: T[] = [];
  const missing: MissingPart[] = [];
  await Promise.all(
    of.map(async (peer) => {
      try {
        parts.push(schema.parse(await json(peers, peer, path)));
      } catch (error) {
        const reason = error instanceof PeerError ? error.message : 'its answer cannot be understood';
        missing.push({ replica: peer.replica, reason });
      }
    }),
  );
  return { parts, missing };
}

async function json(peers: Peers, peer: Peer, path: string): Promise<unknown> {
  const headers = { accept: 'application/json' };
  const { status, body } = await peers.call(peer, { method: 'GET', path, headers, body: null, timeout: LONGEST_PART });
  if (status !== 200) throw new PeerError(`it answered HTTP ${status}`, true);
  return JSON.parse(body) as unknown;
}

/** A page of instances, each as the text that is shown. Bodies of gateways are passed on as they are. */
export const InstancesPart = z.object({
  instances: z.array(z.looseObject({ name: z.string() })),
  total: z.int(),
  nextCursor: z.string().nullable(),
  /** The accounts that the replica watches, each with how many of its instances match. An older replica does not say it. */
  accounts: z.record(z.string(), z.int()).optional(),
});
export type InstancesPart = z.output<typeof InstancesPart>;

/** What the part of a replica also says to another one: the accounts that it watches. An older replica does not say it. */
export const watchedPart = { watched: z.array(z.string()).optional() };

export const EventsPart = z.object({ events: z.array(z.looseObject({ at: z.string() })) });

/**
 * Accounts of the config that are in no part, although their owner gave one, or nobody is known to own them: their owner is
 * changing.
 *
 * @param parts what each replica that answered watches
 */
export function changingOwner(
  peers: Peers,
  parts: readonly (Iterable<string> | undefined)[],
  missing: readonly MissingPart[],
): readonly string[] {
  const watched = new Set<string>();
  for (const accounts of parts) {
    // An older version does not say what it watches.
    if (accounts === undefined) return [];
    for (const account of accounts) watched.add(account);
  }
  const silent = new Set(missing.map(({ replica }) => replica));
  return [...peers.accounts()].filter((account) => {
    const owner = watched.has(account) ? 'self' : peers.ownerOf(account);
    return !watched.has(account) && (owner === null || owner === 'self' || !silent.has(owner.replica));
  });
}

/** Whether what this replica knows is all there is: nobody else lives, and nothing of the config is without an owner. */
export function isAlone(peers: Peers, watched: Iterable<string>): boolean {
  return peers.list().length === 0 && changingOwner(peers, [watched], []).length === 0;
}

/** For sorting in the order of the config; what it does not have comes last. */
export function byPlace(placeOf: (name: string) => number | null) {
  const place = ({ name }: { readonly name: string }): number => placeOf(name) ?? Number.MAX_SAFE_INTEGER;
  return (one: { readonly name: string }, other: { readonly name: string }): number => place(one) - place(other);
}

/** The pages of all replicas as one, in the order of the config. Two may watch the same account for a while. */
export function joinedPage(
  pages: readonly InstancesPart[],
  limit: number,
  placeOf: (name: string) => number | null,
): InstancesPart {
  const byName = new Map(pages.toReversed().flatMap(({ instances }) => instances.map((each) => [each.name, each])));
  const all = [...byName.values()].toSorted(byPlace(placeOf));
  const instances = all.slice(0, limit);
  const end = instances.at(-1);
  const hasMore = all.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
  return {
    instances,
    total: totalOf(pages),
    nextCursor: hasMore && end !== undefined ? cursorAfter(end.name) : null,
  };
}

function totalOf(pages: readonly InstancesPart[]): number {
  const byAccount = new Map<string, number>();
  let uncounted = 0;
  for (const { accounts, total } of pages) {
    if (accounts === undefined) uncounted += total;
    for (const [account, count] of Object.entries(accounts ?? {}))
      byAccount.set(account, Math.max(count, byAccount.get(account) ?? 0));
  }
  return [...byAccount.values()].reduce((sum, count) => sum + count, uncounted);
}

/** The status of the whole fleet. What is about a process is that of the one that answers, unless another one is worse off. */
export function joinedStatus(
  own: StatusView,
  others: readonly StatusView[],
  missing: readonly MissingPart[],
  peers: Peers,
): StatusView {
  const all = [own, ...others];
  const changing = changingOwner(
    peers,
    all.map(({ accounts }) => accounts.map(({ name }) => name)),
    missing,
  );
  const sum = (count: (status: StatusView) => number): number => sumOf(all, count);
  const accounts = new Map(all.flatMap((each) => each.accounts.map((account) => [account.name, account] as const)));
  // Two may watch the same account for a while: the one that could not renew its lease goes on until it hears of that.
  const twice = all.flatMap((each) => each.accounts).filter((account) => accounts.get(account.name) !== account);
  const doubly = (count: (account: StatusView['accounts'][number]) => number): number => sumOf(twice, count);
  const byPhase = Object.fromEntries(
    PHASES.map((phase) => [
      phase,
      sum(({ instances }) => instances.byPhase[phase]) - doubly((account) => account.byPhase[phase]),
    ]),
  ) as Record<Phase, number>;
  return {
    ...own,
    instances: {
      total: sum(({ instances }) => instances.total) - doubly(({ instances }) => instances),
      disabled: sum(({ instances }) => instances.disabled),
      byPhase,
    },
    accounts: [...accounts.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    remedyTexts: Object.assign({}, ...all.map(({ remedyTexts }) => remedyTexts)) as StatusView['remedyTexts'],
    ownNetwork: { up: all.every(({ ownNetwork }) => ownNetwork.up) },
    troubles: all.flatMap(({ troubles }) => troubles),
    durable: all.every(({ durable }) => durable),
    stateTrouble: all.find(({ stateTrouble }) => stateTrouble !== null)?.stateTrouble ?? null,
    unsaved: sum(({ unsaved }) => unsaved),
    replicas: all.flatMap(({ replicas }) => replicas ?? []),
    missing,
    changing,
  };
}
