import type { Proxy } from '../../network/proxy.ts';
import { USER_AGENT } from '../../network/user-agent.ts';
import type { GatewayRequest, Profile } from '../profiles/profile.ts';
import { normalizeWord } from '../profiles/words.ts';
import { compileRequest, type RequestBuilder, type RequestParts } from './request-template.ts';

/** What the requests of one account are made of. */
export interface RequestOptions {
  readonly profile: Profile;
  /** http or https; a path in it is put before the profile's. */
  readonly baseUrl: string;
  /** What the templates of the profile ask for, `token` and `username` among them. */
  readonly values: Readonly<Record<string, string>>;
  /** Path of the gateway's own health route; null: it has none. */
  readonly healthPath: string | null;
  /** More headers of each request. They take the place of ours, and their values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is asked in addition, after which state words. */
export interface DetailRequest {
  readonly on: ReadonlySet<string>;
  /** Also where all seems well, which then has to be confirmed. */
  readonly whenWell: boolean;
  readonly requestOf: RequestBuilder;
}

/** The requests of one account, prepared once. */
export interface GatewayRequests {
  readonly probe: RequestBuilder;
  /** Null: one question is enough. */
  readonly detail: DetailRequest | null;
  /** Without the credentials of the account: the route is the gateway's, not the account's. Null: it has none. */
  readonly health: RequestBuilder | null;
  /** Prepared when it is first wanted: what only it asks for may be missing in an account that never wants it. */
  readonly list: (() => RequestBuilder) | null;
  /** The same for messages. */
  readonly send: (() => RequestBuilder) | null;
  /** The request of a call of a remedy. `auto` stays its method where it has to be tried out. */
  readonly call: (call: GatewayRequest) => RequestBuilder;
}

/** Caches in between would show an old state, and nobody should compress what is this short. */
const COMMON_HEADERS = {
  'User-Agent': USER_AGENT,
  'Cache-Control': 'no-cache',
  'Accept-Encoding': 'identity',
};

/** @param proxy on the way to the gateway; null: none */
export function compileRequests(options: RequestOptions, proxy: Proxy | null): GatewayRequests {
  const { profile, values, healthPath, headers } = options;
  const { detail, list, send } = profile;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/u, '');
  // Without TLS the proxy itself gets the requests (RFC 9112 section 3.2.2), and with TLS only what carries them.
  const asked = base.protocol === 'https:' ? null : proxy;
  const before = (asked === null ? '' : base.origin) + prefix;
  const login = asked?.authorization ? { 'Proxy-Authorization': asked.authorization } : {};
  const usual = { ...COMMON_HEADERS, ...headers, ...login };
  const parts: RequestParts = { before, values, headers: profile.headers, basic: profile.basic, usual };
  const compiled = (request: GatewayRequest): RequestBuilder => compileRequest(request, parts);
  const health = { method: 'GET', headers: {}, ...profile.health?.request, path: healthPath ?? '' } as const;
  const open = { ...parts, headers: { Accept: 'application/json' }, basic: null };
  return {
    probe: compiled(profile.probe),
    detail: detail && {
      on: new Set(detail.on.map(normalizeWord)),
      whenWell: isOfWell(detail.on, profile),
      requestOf: compiled(detail.request),
    },
    health: healthPath === null ? null : compileRequest(health, open),
    list: list && once(() => compiled(list.request)),
    send: send && once(() => compiled(send)),
    call: compiled,
  };
}

function once<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}

/** Whether one of these words says that all is well. */
function isOfWell(words: readonly string[], { state }: Profile): boolean {
  const well = new Set((state.words.connected ?? []).map(normalizeWord));
  return words.some((word) => well.has(normalizeWord(word)));
}
