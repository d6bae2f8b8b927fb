import type { Context } from 'hono';
import type { HttpEnv } from '../http-parts.ts';
import { FROM_PEER, type Peers } from './peers.ts';

/** Whether a request comes from another replica, which wants to know of this one alone. */
export function isFromPeer(c: Context<HttpEnv>, peers: Peers | null): boolean {
  if (peers === null || c.req.header(FROM_PEER) === undefined) return false;
  const token = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  return token !== undefined && peers.isPeerToken(token);
}
