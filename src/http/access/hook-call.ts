import type { Context } from 'hono';
import type { HttpEnv } from '../http-parts.ts';
import { decoded } from '../../redaction/secret-parts.ts';
import { appendedTo, isActivityPath } from './shown-tokens.ts';

/** What the call of a gateway's hook, or a report of activity, is about. */
export type HookCall =
  | {
      readonly isOf: 'instance';
      readonly name: string;
      /**
       * Of these accounts alone: another replica may have found the instance, of which this one does not know. Null: its
       * account is known, or the token is for all.
       */
      readonly accounts: readonly string[] | null;
    }
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
  /** Whether another replica may have found instances of this account, which the config does not name. */
  readonly mayBeFoundElsewhere: (account: string) => boolean;
}

/** A hook's path: the instance, a token or the name of an event, and after an instance or a token one of the others. */
const GATEWAY_HOOK = /^\/api\/v1\/hooks\/gateway(?:\/([^/]+))?(?:\/([^/]+))?(?:\/[^/]+)?\/?$/;
const ACTIVITY = /^\/api\/v1\/instances\/([^/]+)\//;

/** What gateways append to a URL for each event, such as `connection-update`; what looks like it and is no known instance is one. */
const EVENT_NAME = /^[a-z]+(?:[-_.][a-z]+)+$/i;

/** The parts of the path of a gateway's hook. */
export function hookPath({ req }: Context<HttpEnv>): { readonly first: string | null; readonly second: string | null } {
  const [, first, second] = (isActivityPath(req.path) ? ACTIVITY : GATEWAY_HOOK).exec(req.path) ?? [];
  return { first: first === undefined ? null : decoded(first), second: second === undefined ? null : decoded(second) };
}

/** What a call is about, as far as its tokens allow it; null: they do not. */
export function hookCallOf(c: Context<HttpEnv>, rights: HookRights): HookCall | null {
  const { isGeneral, accounts, isToken, accountOf, mayBeFoundElsewhere } = rights;
  if (!isGeneral && accounts.length === 0) return null;
  const { first, second } = hookPath(c);
  const ofAccounts = (event: string | null): HookCall => {
    return { isOf: 'accounts', accounts: isGeneral ? null : accounts, event };
  };
  if (first === null) return ofAccounts(appendedTo(c.req.query('token')));
  const ofInstance = { isOf: 'instance', name: first, accounts: null } as const;
  const account = accountOf(first);
  if (account !== null && (isGeneral || accounts.includes(account))) return ofInstance;
  // An instance of another account is answered as one that does not exist.
  if (isToken(first)) return ofAccounts(second);
  const elsewhere = account === null ? accounts.filter(mayBeFoundElsewhere) : [];
  // Found instances of several accounts are named after theirs, which may look like an event.
  const isEvent = EVENT_NAME.test(first) && !elsewhere.some((each) => first.startsWith(`${each}.`));
  if (isEvent && !isActivityPath(c.req.path)) return ofAccounts(first);
  if (isGeneral) return ofInstance;
  return elsewhere.length > 0 ? { isOf: 'instance', name: first, accounts: elsewhere } : null;
}

/** What another replica, which has looked at the tokens, passes on. */
export function hookCallOfPeer(c: Context<HttpEnv>): HookCall {
  const { first } = hookPath(c);
  if (first !== null) return { isOf: 'instance', name: first, accounts: null };
  const { account, event = null } = c.req.query();
  return { isOf: 'accounts', accounts: account === undefined ? [] : [account], event };
}
