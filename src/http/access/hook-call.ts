import type { Context } from 'hono';
import type { HttpEnv } from '../http-parts.ts';
import { appendedTo, decoded, isActivityPath } from './shown-tokens.ts';

/** What the call of a gateway's hook, or a report of activity, is about. */
export type HookCall =
  | { readonly isOf: 'instance'; readonly name: string }
  /** The body says which instance. `accounts`: to which its token restricts it; null: to none. */
  | { readonly isOf: 'accounts'; readonly accounts: readonly string[] | null; readonly event: string | null };

/** What the tokens in a call allow. */
export interface HookRights {
  /** Whether one of them is for the hooks of all accounts. */
  readonly isGeneral: boolean;
  /** Those that one of them is for. */
  readonly accounts: readonly string[];
  /** Whether this is one of them. */
  readonly isToken: (part: string) => boolean;
  /** The account of a configured instance; null: there is no such instance. */
  readonly accountOf: (name: string) => string | null;
}

/** A hook's path: the instance, a token or the name of an event, and after an instance or a token one of the others. */
const GATEWAY_HOOK = /^\/api\/v1\/hooks\/gateway(?:\/([^/]+))?(?:\/([^/]+))?(?:\/[^/]+)?\/?$/;
const ACTIVITY = /^\/api\/v1\/instances\/([^/]+)\//;

/** What gateways append to a URL when it is called by events, such as `connection-update`; no instance has to be called so. */
const EVENT_NAME = /^[a-z]+(?:[-_.][a-z]+)+$/i;

/** The parts of the path of a gateway's hook. */
export function hookPath({ req }: Context<HttpEnv>): { readonly first: string | null; readonly second: string | null } {
  const [, first, second] = (isActivityPath(req.path) ? ACTIVITY : GATEWAY_HOOK).exec(req.path) ?? [];
  return { first: first === undefined ? null : decoded(first), second: second === undefined ? null : decoded(second) };
}

/** What a call is about, as far as its tokens allow it; null: they do not. */
export function hookCallOf(c: Context<HttpEnv>, rights: HookRights): HookCall | null {
  const { isGeneral, accounts, isToken, accountOf } = rights;
  if (!isGeneral && accounts.length === 0) return null;
  const { first, second } = hookPath(c);
  const ofAccounts = (event: string | null): HookCall => {
    return { isOf: 'accounts', accounts: isGeneral ? null : accounts, event };
  };
  if (first === null) return ofAccounts(appendedTo(c.req.query('token')));
  const ofInstance = { isOf: 'instance', name: first } as const;
  const account = accountOf(first);
  if (account !== null && (isGeneral || accounts.includes(account))) return ofInstance;
  // Of an instance of another account no more is said than of none.
  if (isToken(first)) return ofAccounts(second);
  if (EVENT_NAME.test(first) && !isActivityPath(c.req.path)) return ofAccounts(first);
  return isGeneral ? ofInstance : null;
}

/** What another replica, which has looked at the tokens, passes on. */
export function hookCallOfPeer(c: Context<HttpEnv>): HookCall {
  const { first } = hookPath(c);
  if (first !== null) return { isOf: 'instance', name: first };
  const { account, event = null } = c.req.query();
  return { isOf: 'accounts', accounts: account === undefined ? [] : [account], event };
}
