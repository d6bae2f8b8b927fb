import type { Context } from 'hono';
import type { HttpEnv } from '../http-parts.ts';
import { FROM_PEER, type Peers } from './peers.ts';

/** Whether a request comes from another replica, which wants to know of this one alone. */
export function isFromPeer(c: Context<HttpEnv>, peers: Peers | null): boolean {
  const token = shownByPeer(c);
  return peers !== null && token !== null && peers.isPeerToken(token);
}

/** Whether it comes from one that has another token, so that nothing can be believed of it. */
export function isFromOtherPeer(c: Context<HttpEnv>, peers: Peers | null): boolean {
  const token = shownByPeer(c);
  return peers !== null && token !== null && !peers.isPeerToken(token);
}

/** Null: it says of itself that it is of a client, or shows nothing. */
function shownByPeer(c: Context<HttpEnv>): string | null {
  if (c.req.header(FROM_PEER) === undefined) return null;
  return /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? null;
}
