import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { SECOND } from '../../core/time.ts';
import { clientAddress, isLoopback, networkOf } from './client-address.ts';
import { FailedTokens } from './failed-tokens.ts';
import { isForeignPage, isKnownHost } from './host-check.ts';
import { hookCallOf, hookCallOfPeer, hookPath, type HookCall } from './hook-call.ts';
import { inAuthorization, inUrl, isActivityPath } from './shown-tokens.ts';
import { isFromOtherPeer, isFromPeer } from '../peers/from-peer.ts';
import { REFUSED_PEER } from '../peers/peers.ts';
import type { AccessSettings, HttpEnv, HttpParts, PublicSettings, Tokens } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';

const REALM = 'Bearer realm="smileapi-watchdog"';

/** What a request wants to do. */
export type Right = 'read' | 'write' | 'metrics' | 'reload' | 'alerts' | 'gateway_hook';

/** The tokens that allow it, in the order in which they are named to people. */
const TOKENS: Readonly<Record<Right, readonly (keyof Tokens)[]>> = {
  read: ['readToken', 'token'],
  write: ['token'],
  metrics: ['metricsToken', 'readToken', 'token'],
  reload: ['token'],
  alerts: ['hookToken', 'token'],
  gateway_hook: ['gatewayHookToken', 'hookToken', 'token'],
};

/** Whether it needs no token. */
const OPEN: Readonly<Record<Right, (settings: AccessSettings) => boolean>> = {
  read: ({ readToken }) => readToken === null,
  write: () => false,
  metrics: ({ readToken, metricsToken }) => readToken === null && metricsToken === null,
  reload: ({ token }) => token === null,
  alerts: () => false,
  gateway_hook: () => false,
};

export type AccessParts = Pick<HttpParts, 'clock' | 'access' | 'hooks' | 'fleet' | 'onLoopback' | 'publish' | 'peers'>;

/** Decides who may do what. The settings are read for each request, because a reload may change them. */
export class Access {
  private readonly parts: AccessParts;
  private readonly failed: FailedTokens;

  constructor(parts: AccessParts) {
    this.parts = parts;
    this.failed = new FailedTokens(() => parts.clock.now());
  }

  /** Lets a request through only when it may do what it wants. A right token always works. */
  require(right: Right | ((c: Context<HttpEnv>) => Right)): MiddlewareHandler<HttpEnv> {
    return async (c, next) => {
      this.check(c, typeof right === 'string' ? right : right(c));
      await next();
    };
  }

  /** Whether a request may also read what is about instances. A wrong token counts, so that this is no way to guess. */
  mayRead(c: Context<HttpEnv>): boolean {
    try {
      this.check(c, 'read');
      return true;
    } catch (error) {
      if (error instanceof HttpProblem) return false;
      throw error;
    }
  }

  /**
   * Lets a request through for what the public page shows, and needs a token for reading elsewhere: a name that is not shown
   * there may be a phone number, and an answer to a guess would tell whether it is watched.
   */
  requirePublic(
    page: HttpParts['publicPage'],
    isShown: (c: Context<HttpEnv>, settings: PublicSettings) => boolean,
  ): MiddlewareHandler<HttpEnv> {
    return async (c: Context<HttpEnv>, next) => {
      const { public: settings } = page();
      if (settings === null || !isShown(c, settings)) this.check(c, 'read');
      else this.checkPublic(c, settings.token);
      await next();
    };
  }

  /**
   * Lets a request see what is public: for everybody, or for those that show its token, also as `?token=`, or one for reading.
   *
   * @param token of the public page; null: it is for everybody
   * @throws HttpProblem
   */
  checkPublic(c: Context<HttpEnv>, token: string | null): void {
    // Another replica has looked at the token of the client.
    if (isFromPeer(c, this.parts.peers)) return;
    if (isFromOtherPeer(c, this.parts.peers)) throw this.wrongPeer(c, 'read');
    if (token === null) return;
    const { readToken, token: write } = this.parts.access();
    const query = c.req.query('token');
    const shown = inAuthorization(c.req.header('authorization')) ?? query ?? null;
    // A URL is kept in logs, so no other token may be in one.
    const tokens = query === shown ? [token] : [token, readToken, write];
    if (shown !== null && isOneOf(shown, tokens)) return;
    if (shown !== null) throw this.wrongToken(c, 'read', 'page.public.token');
    const detail = 'This page needs a token: add ?token= with page.public.token of the configuration.';
    throw new HttpProblem(401, detail, { 'www-authenticate': REALM });
  }

  /** Where a request comes from; proxies that are not trusted count as its origin. */
  clientOf(c: Context<HttpEnv>): string {
    const forwardedFor = c.req.header('x-forwarded-for');
    // Another replica says which client it is.
    if (forwardedFor !== undefined && isFromPeer(c, this.parts.peers)) return forwardedFor;
    return clientAddress({ peer: peerOf(c), forwardedFor }, this.parts.access().trustedProxies);
  }

  /** The same as far as one client may have many addresses. */
  networkOf(c: Context<HttpEnv>): string {
    return networkOf(this.clientOf(c));
  }

  private check(c: Context<HttpEnv>, right: Right): void {
    // Another replica has looked at the token of the client.
    if (right !== 'metrics' && right !== 'reload' && isFromPeer(c, this.parts.peers)) return;
    const settings = this.parts.access();
    const header = inAuthorization(c.req.header('authorization'));
    const isHook = right === 'gateway_hook';
    if (isHook ? this.hookCall(c) !== null : header !== null && this.isFor(right, header, settings)) return;
    if (isFromOtherPeer(c, this.parts.peers)) throw this.wrongPeer(c, right);
    if (OPEN[right](settings)) {
      this.checkStranger(c, right, settings);
      return;
    }
    const names = this.namesOf(right, settings);
    if (names === '') {
      const missing = right === 'gateway_hook' ? 'api.gatewayHookToken' : `api.${TOKENS[right][0] ?? ''}`;
      throw new HttpProblem(403, `This watchdog accepts no such calls: its configuration sets no ${missing}.`);
    }
    if (header === null && (!isHook || inUrl(c).length === 0)) {
      // The name of an instance may also be a guess at a token that stands in its place.
      if (isHook && hookPath(c).first !== null) this.countWrong(c, right);
      const detail = `This call needs a token: send Authorization: Bearer with ${names} of the configuration.`;
      throw new HttpProblem(401, detail, { 'www-authenticate': REALM });
    }
    throw this.wrongToken(c, right, names);
  }

  /**
   * What the call of a gateway's hook is about; null: it may not be made. All tokens are compared, so that the time reveals
   * nothing about which one comes close.
   */
  hookCall(c: Context<HttpEnv>): HookCall | null {
    const { peers, hooks, fleet } = this.parts;
    if (isFromPeer(c, peers)) return hookCallOfPeer(c);
    const settings = this.parts.access();
    const header = inAuthorization(c.req.header('authorization'));
    const first = isActivityPath(c.req.path) ? null : hookPath(c).first;
    const url = [...inUrl(c), ...(first === null ? [] : [first])];
    // A URL is kept in logs, so what can do more than cause a probe must not be in one.
    const generalInUrl = url.filter((shown) => isOneOf(shown, [settings.gatewayHookToken]));
    const byHeader = header !== null && this.isFor('gateway_hook', header, settings);
    const ofAccounts = [...(header === null ? [] : [header]), ...url].filter(
      (shown) => hooks.accountsOf(shown).length > 0,
    );
    return hookCallOf(c, {
      isGeneral: byHeader || generalInUrl.length > 0,
      accounts: [...new Set(ofAccounts.flatMap((shown) => hooks.accountsOf(shown)))],
      isToken: (part) => generalInUrl.includes(part) || ofAccounts.includes(part),
      accountOf: (name) => fleet().instances.get(name)?.account.name ?? peers?.accountOf(name) ?? null,
      mayBeFoundElsewhere: (account) => peers?.discovers === true && !fleet().accounts.has(account),
    });
  }

  /**
   * The refusal of a hook of an instance that no replica has found in the accounts of its token: as that of any other one that
   * the token is not for. It counts as a guess.
   *
   * @throws HttpProblem where there were too many
   */
  refusedHook(c: Context<HttpEnv>): HttpProblem {
    return this.wrongToken(c, 'gateway_hook', this.namesOf('gateway_hook', this.parts.access()));
  }

  private isFor(right: Right, header: string, settings: AccessSettings): boolean {
    const tokens = TOKENS[right].map((key) => settings[key]);
    return isOneOf(header, tokens);
  }

  /** Who shows no token where none is needed may still be a web page in somebody's browser. */
  private checkStranger(c: Context<HttpEnv>, right: Right, { hosts }: AccessSettings): void {
    const host = c.req.header('host');
    if (!isKnownHost(host, hosts, this.parts.onLoopback)) {
      throw new HttpProblem(
        421,
        'The watchdog is not known under this name: add it to api.hosts of the configuration, or call it by its IP address.',
      );
    }
    if (right !== 'reload') return;
    // Behind a proxy on this machine every call comes from it.
    const proxied = c.req.header('x-forwarded-for') ?? c.req.header('forwarded') ?? c.req.header('x-real-ip');
    const trusts = this.parts.access().trustedProxies.length > 0;
    const isLocal = isLoopback(this.clientOf(c)) && (proxied === undefined || trusts);
    if (isLocal && !isForeignPage(c.req.header('origin'), host)) return;
    throw new HttpProblem(
      403,
      'Without an api.token in the configuration only this machine itself may reload: call it there, send SIGHUP, or set api.token.',
    );
  }

  private wrongToken(c: Context<HttpEnv>, right: Right, names: string): HttpProblem {
    this.countWrong(c, right);
    const detail = `The token is not the right one: it must be ${names} of the configuration.`;
    return new HttpProblem(401, detail, { 'www-authenticate': `${REALM}, error="invalid_token"` });
  }

  /** As a client it would get the answer of all replicas, for which this one would ask that one again, and so on. */
  private wrongPeer(c: Context<HttpEnv>, right: Right): HttpProblem {
    this.countWrong(c, right, REFUSED_PEER);
    const detail = 'A replica with another cluster.token makes this call: give all replicas the same one.';
    return new HttpProblem(401, detail, { 'www-authenticate': REALM, ...REFUSED_PEER });
  }

  /** @throws HttpProblem where there were too many */
  private countWrong(c: Context<HttpEnv>, right: Right, headers: Readonly<Record<string, string>> = {}): void {
    const { clock, publish } = this.parts;
    const address = this.networkOf(c);
    const key = `${right} ${address}`;
    const blocked = this.failed.blockedFor(key);
    if (blocked > 0) {
      const wait = String(Math.ceil(blocked / SECOND));
      const detail = `Too many wrong tokens from this address; wrong ones are looked at again in ${wait} s.`;
      throw new HttpProblem(429, detail, { 'retry-after': wait, ...headers });
    }
    const count = this.failed.add(key);
    if (this.failed.blockedFor(key) > 0) publish({ at: clock.now(), type: 'tokens_refused', right, address, count });
  }

  /** The tokens that are set, by name; the empty text when there is none. */
  private namesOf(right: Right, settings: AccessSettings): string {
    const keys = TOKENS[right].filter((key) => settings[key] !== null).map((key) => `api.${key}`);
    if (right !== 'gateway_hook') return keys.join(' or ');
    // Whether an account has a token of its own must not depend on whether the instance of the path exists.
    const some = this.parts.hooks.hasTokens();
    const inHeader = keys.map((key) => (key === 'api.gatewayHookToken' ? key : `${key} (in the header only)`));
    return [...inHeader, ...(some ? ['hookToken of its account'] : [])].join(' or ');
  }
}

/** What a call of the API wants to do. */
export function apiRight({ req }: Context<HttpEnv>): Right {
  if (req.path === '/api/v1/hooks/alertmanager') return 'alerts';
  if (req.path.startsWith('/api/v1/hooks/')) return 'gateway_hook';
  if (req.method === 'POST' && isActivityPath(req.path)) return 'gateway_hook';
  return req.method === 'GET' || req.method === 'HEAD' ? 'read' : 'write';
}

/** The address of the connection; undefined without a server, in tests. */
function peerOf(c: Context<HttpEnv>): string | undefined {
  const bindings = c.env as Partial<HttpEnv['Bindings']> | undefined;
  return bindings?.incoming?.socket.remoteAddress;
}

function isOneOf(shown: string, tokens: readonly (string | null)[]): boolean {
  return tokens.filter((token) => token !== null && sameToken(shown, token)).length > 0;
}

/** Digests are compared, because they are of one length; the time that it takes reveals nothing about the token. */
export function sameToken(shown: string, expected: string): boolean {
  return timingSafeEqual(digest(shown), digest(expected));
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
