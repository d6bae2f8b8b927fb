import type { Context, MiddlewareHandler } from 'hono';
import { SECOND, type DurationMs } from '../../core/time.ts';
import { apiRight, type Access } from '../access/access.ts';
import { webhookText, webhookType } from '../hooks/webhook-text.ts';
import type { HttpEnv, HttpParts } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';
import { ownerOfFound } from './found-owner.ts';
import { isFromPeer } from './from-peer.ts';
import { noAnswerOf, nobodyWatches, responseOf } from './passed-on.ts';
import { PeerError, type Peer, type Peers } from './peers.ts';
import { decoded } from '../../redaction/secret-parts.ts';

/** A restart with `wait` takes as long as the call to the gateway and its repetitions. */
const LONGEST_CALL: DurationMs = 150 * SECOND;

/** What of a path names an account or an instance. */
const OF_INSTANCE = /^\/api\/v1\/(?:instances|hooks\/gateway)\/([^/]+)/;
const OF_ACCOUNT = /^\/api\/v1\/accounts\/([^/]+)/;

/** Passes a request about an account of another replica on to it, once: what a write call did is not done again. */
export function forwardToOwner(
  { peers, fleet }: Pick<HttpParts, 'peers' | 'fleet'>,
  access: Pick<Access, 'hookCall' | 'refusedHook' | 'clientOf'>,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const isPassedOn = peers !== null && isFromPeer(c, peers);
    if (isPassedOn) requireWatched(c.req.path, peers, fleet);
    const owner = peers === null || isPassedOn ? 'self' : await ownerFor(c, peers, fleet, access);
    if (peers === null || owner === 'self') {
      await next();
      return;
    }
    return await passOn(c, owner, peers, access.clientOf(c));
  };
}

/** @throws HttpProblem when nobody is known to watch it, or its token is not for what nobody has found */
async function ownerFor(
  c: Context<HttpEnv>,
  peers: Peers,
  fleet: HttpParts['fleet'],
  access: Pick<Access, 'hookCall' | 'refusedHook'>,
): Promise<Peer | 'self'> {
  const call = apiRight(c) === 'gateway_hook' ? access.hookCall(c) : null;
  // Whose webhook of a whole account it is stands in its body: its route passes it on.
  if (call?.isOf === 'accounts') return 'self';
  if (call === null || call.accounts === null) return await foreignOwner(c.req.path, peers, fleet);
  const finder = await finderOf(call.name, peers, call.accounts);
  if (finder !== 'self') return finder;
  const changing = call.accounts.find((account) => peers.ownerOf(account) === null);
  throw changing === undefined ? access.refusedHook(c) : nobodyWatches(changing);
}

/**
 * Another replica took this one for the owner, which it is not yet, or no longer: without this it would be said that there is
 * no such instance.
 *
 * @throws HttpProblem
 */
function requireWatched(path: string, peers: Peers, fleet: HttpParts['fleet']): void {
  const { account } = namedIn(path, peers);
  if (account === null || fleet().accounts.has(account)) return;
  throw nobodyWatches(account);
}

/** @throws HttpProblem when nobody is known to watch it */
async function foreignOwner(path: string, peers: Peers, fleet: HttpParts['fleet']): Promise<Peer | 'self'> {
  const { instance, account } = namedIn(path, peers);
  if (instance !== null && fleet().instances.has(instance)) return 'self';
  if (account === null) return instance === null ? 'self' : await finderOf(instance, peers);
  if (fleet().accounts.has(account)) return 'self';
  const owner = peers.ownerOf(account);
  if (owner !== null) return owner;
  throw nobodyWatches(account);
}

/**
 * Who watches an instance that the config does not name; 'self': nobody, as far as this replica knows.
 *
 * @param accounts see {@link ownerOfFound}
 */
async function finderOf(
  instance: string,
  peers: Peers,
  accounts: readonly string[] | null = null,
): Promise<Peer | 'self'> {
  try {
    return (await ownerOfFound(peers, instance, accounts)) ?? 'self';
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    throw new HttpProblem(503, `It is not known who watches ${instance}: ${error.message}.`, { 'retry-after': '5' });
  }
}

function partOf(pattern: RegExp, path: string): string | null {
  const part = pattern.exec(path)?.[1];
  return part === undefined ? null : decoded(part);
}

/** The instance that a path names, and its account, or the account that it names, as far as the config has them. */
function namedIn(path: string, peers: Peers): { readonly instance: string | null; readonly account: string | null } {
  const instance = partOf(OF_INSTANCE, path);
  if (instance !== null) return { instance, account: peers.accountOf(instance) };
  const account = partOf(OF_ACCOUNT, path);
  return { instance, account: account !== null && peers.hasAccount(account) ? account : null };
}

async function passOn(c: Context<HttpEnv>, owner: Peer, peers: Peers, client: string): Promise<Response> {
  const accept = c.req.header('accept');
  const type = c.req.header('content-type') ?? '';
  const headers = {
    // A restart says where it was requested.
    'x-forwarded-for': client,
    ...(accept !== undefined && { accept }),
    ...(type !== '' && { 'content-type': webhookType(type) }),
  };
  const { pathname, searchParams } = new URL(c.req.url);
  // The token of a hook must not travel on: the other replica believes this one.
  searchParams.delete('token');
  const query = searchParams.size === 0 ? '' : `?${searchParams.toString()}`;
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  try {
    const answer = await peers.call(owner, {
      method: c.req.method,
      path: `${withoutToken(pathname)}${query}`,
      headers,
      body: isRead ? null : await bodyOf(c, type),
      timeout: isRead ? 10 * SECOND : LONGEST_CALL,
    });
    return responseOf(answer);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    const doubt = error.sent && !isRead ? ' It may have done it; look before you try again.' : '';
    throw noAnswerOf(owner, error, doubt);
  }
}

/** Of what cannot be looked into, as it is too long, the call alone says that something happened. */
async function bodyOf({ req }: Context<HttpEnv>, type: string): Promise<string> {
  const text = await webhookText(req.raw.body, { type, coding: req.header('content-encoding') });
  return typeof text === 'string' ? text : '';
}

/** Hooks of gateways may have a token in their path, after the instance. */
function withoutToken(path: string): string {
  return /^\/api\/v1\/hooks\/gateway\/[^/]+/.exec(path)?.[0] ?? path;
}
