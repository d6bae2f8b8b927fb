/**
 * Scheme, host and port of an address, written in one way: a dot at the end of the host, the usual port and capitals
 * name no other gateway.
 *
 * @param url valid, of http or https
 */
export function originOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname.replace(/\.$/u, '')}${port === '' ? '' : `:${port}`}`;
}
