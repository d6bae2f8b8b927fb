import { isIP } from 'node:net';

/**
 * Whether a client without a token may reach the watchdog under this name. A web page whose own name was made to point
 * here (DNS rebinding) shows that name, so it is refused where the names are known. It cannot show an IP address or
 * localhost, because those cannot be made to point anywhere else. A request without the header comes from no browser.
 *
 * @param hosts `api.hosts`
 * @param onLoopback whether only this machine reaches the watchdog; then only localhost is one of its names
 */
export function isKnownHost(header: string | undefined, hosts: readonly string[], onLoopback: boolean): boolean {
  if (header === undefined || header === '') return true;
  if (hosts.length === 0 && !onLoopback) return true;
  const name = (/^\[([^\]]+)\](?::\d*)?$/.exec(header)?.[1] ?? header.replace(/:\d*$/, '')).toLowerCase();
  const bare = name.replace(/\.$/, '');
  if (isIP(bare) !== 0 || bare === 'localhost' || bare.endsWith('.localhost')) return true;
  return hosts.some((host) => host.toLowerCase() === bare);
}

/** Whether a browser sent the request for a page of another origin. */
export function isForeignPage(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== (host ?? '').toLowerCase();
}
