import { BlockList, isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say; null: nothing. */
export interface ProxyVariables {
  readonly http: string | null;
  readonly https: string | null;
  readonly none: string;
}

/** Where a proxy is, and how to sign in there. */
export interface Proxy {
  /** An address is without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The way to the proxy itself is TLS. */
  readonly isTls: boolean;
  /** Value of Proxy-Authorization; null: none. It is a secret. */
  readonly authorization: string | null;
}

/** In a config: no proxy, whatever the environment says. */
export const DIRECT = 'direct';

/** Reads the variables as curl does: the name in lower case comes first, and an empty one says nothing. */
export function proxyVariables(env: Readonly<Record<string, string | undefined>>): ProxyVariables {
  const read = (name: string): string => env[name.toLowerCase()]?.trim() || env[name]?.trim() || '';
  return { http: read('HTTP_PROXY') || null, https: read('HTTPS_PROXY') || null, none: read('NO_PROXY') };
}

/** Why a text cannot be the URL of a proxy; null when it can. It may hold a password, so no message shows any of it. */
export function proxyMistake(text: string): string | null {
  const url = withScheme(text);
  if (/\s/.test(url) || !URL.canParse(url)) return 'is not the URL of a proxy';
  const { protocol, hostname, pathname, search, hash } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return 'is not the URL of an HTTP proxy; SOCKS is not spoken';
  return hostname !== '' && pathname === '/' && search === '' && hash === '' ? null : 'is not the URL of a proxy';
}

/**
 * The proxy through which a URL is called; null: none. Its own setting comes before the environment. Nothing but
 * NO_PROXY has addresses called directly, loopback addresses neither, as with curl.
 */
export function proxyOf(target: string, own: string | null, variables: ProxyVariables): string | null {
  if (own !== null) return own === DIRECT ? null : own;
  const url = new URL(target);
  const proxy = url.protocol === 'https:' ? variables.https : variables.http;
  return proxy === null || isExcluded(url, variables.none) ? null : proxy;
}

/** @param text a URL that `proxyMistake` accepts */
export function parseProxy(text: string): Proxy {
  const { protocol, hostname, port, username, password } = new URL(withScheme(text));
  const isTls = protocol === 'https:';
  const login = `${decoded(username)}:${decoded(password)}`;
  return {
    hostname: bare(hostname),
    port: Number(port || (isTls ? 443 : 80)),
    isTls,
    authorization: login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}

/** curl takes "proxy:3128" as well. */
export function withScheme(text: string): string {
  return text.includes('://') ? text : `http://${text}`;
}

/**
 * Whether NO_PROXY names a host: by its name, by a domain that it is in (with or without a dot or "*." before it), by
 * its address, or by a network in CIDR notation; each perhaps with a port. "*" names all.
 */
function isExcluded(url: URL, none: string): boolean {
  const host = bare(url.hostname).replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return none
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || names(entry, host, port));
}

function names(entry: string, host: string, port: string): boolean {
  const [, name = '', only = port] = isIPv6(entry) ? ['', entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (only !== port) return false;
  if (isIP(host) !== 0) return isWithin(bare(name), host);
  const domain = domainToASCII(name.replace(/^\*?\./, '').replace(/\.$/, ''));
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function isWithin(network: string, host: string): boolean {
  const [address = '', bits] = network.split('/');
  const family = isIP(address);
  if (family === 0 || family !== isIP(host)) return false;
  const longest = family === 6 ? 128 : 32;
  const length = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > longest) return false;
  const list = new BlockList();
  list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  return list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
