import { z } from 'zod';
import { partsOf } from './joined.ts';
import { PeerError, type Peer, type Peers } from './peers.ts';

/**
 * The other replica that has found an instance at a gateway: the config does not name it, so the others do not know of it.
 * Null: none of them has.
 *
 * @param accounts an instance of another account is none; null: of any
 * @throws PeerError when none of those that answer has, and one gave no answer
 */
export async function ownerOfFound(
  peers: Peers,
  name: string,
  accounts: readonly string[] | null = null,
): Promise<Peer | null> {
  if (!peers.discovers || peers.accountOf(name) !== null) return null;
  const path = `/api/v1/instances/${encodeURIComponent(name)}`;
  const Shown = z.looseObject({ name: z.literal(name), account: z.string() });
  const answers = await Promise.all(
    peers.list().map(async (peer) => ({ peer, ...(await partsOf(peers, path, Shown, [peer])) })),
  );
  const owner = answers.find(({ parts }) => parts.length > 0);
  if (owner !== undefined) {
    const isWanted = accounts === null || owner.parts.some(({ account }) => accounts.includes(account));
    return isWanted ? owner.peer : null;
  }
  const silent = answers.find(({ missing }) => missing.some(({ reason }) => reason !== NOT_THERE));
  if (silent !== undefined) throw new PeerError(`the replica ${silent.peer.replica} gave no answer`, false);
  return null;
}

/** What is said of a replica that answers with 404. */
const NOT_THERE = 'it answered HTTP 404';
