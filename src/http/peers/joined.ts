import { z } from 'zod';
import { PHASES, type Phase } from '../../core/instance/instance.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
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
});
export type InstancesPart = z.output<typeof InstancesPart>;

export const EventsPart = z.object({ events: z.array(z.looseObject({ at: z.string() })) });

/** The pages of all replicas as one, in the order of the config. */
export function joinedPage(
  pages: readonly InstancesPart[],
  limit: number,
  placeOf: (name: string) => number | null,
): InstancesPart {
  const last = Number.MAX_SAFE_INTEGER;
  const all = pages
    .flatMap(({ instances }) => instances)
    .toSorted((one, other) => (placeOf(one.name) ?? last) - (placeOf(other.name) ?? last));
  const instances = all.slice(0, limit);
  const end = instances.at(-1);
  const hasMore = all.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
  return {
    instances,
    total: pages.reduce((sum, { total }) => sum + total, 0),
    nextCursor: hasMore && end !== undefined ? Buffer.from(end.name).toString('base64url') : null,
  };
}

/** The status of the whole fleet. What is about a process is that of the one that answers, unless another one is worse off. */
export function joinedStatus(
  own: StatusView,
  others: readonly StatusView[],
  missing: readonly MissingPart[],
): StatusView {
  const all = [own, ...others];
  const sum = (count: (status: StatusView) => number): number => all.reduce((total, each) => total + count(each), 0);
  const byPhase = Object.fromEntries(
    PHASES.map((phase) => [phase, sum((status) => status.instances.byPhase[phase])]),
  ) as Record<Phase, number>;
  return {
    ...own,
    instances: {
      total: sum(({ instances }) => instances.total),
      disabled: sum(({ instances }) => instances.disabled),
      byPhase,
    },
    accounts: all.flatMap(({ accounts }) => accounts).toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    remedyTexts: Object.assign({}, ...all.map(({ remedyTexts }) => remedyTexts)) as StatusView['remedyTexts'],
    ownNetwork: { up: all.every(({ ownNetwork }) => ownNetwork.up) },
    troubles: all.flatMap(({ troubles }) => troubles),
    durable: all.every(({ durable }) => durable),
    stateTrouble: all.find(({ stateTrouble }) => stateTrouble !== null)?.stateTrouble ?? null,
    unsaved: sum(({ unsaved }) => unsaved),
    replicas: all.flatMap(({ replicas }) => replicas ?? []),
    missing,
  };
}
