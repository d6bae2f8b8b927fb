import { BlockList, isIP, isIPv6 } from 'node:net';

/** Forwarded addresses beyond this many are not looked at; no honest chain of proxies is longer. */
const LONGEST_CHAIN = 20;

/** Where a call comes from, as far as it can be believed. */
export interface Caller {
  /** The connection's own address. */
  readonly peer: string | undefined;
  /** `X-Forwarded-For`; counts only when the peer is a trusted proxy. */
  readonly forwardedFor: string | undefined;
}

/**
 * The address of the client. Behind trusted proxies it is the last forwarded address that is not a proxy itself:
 * everything before it can be forged by the client.
 *
 * @param trusted addresses and networks, such as `10.0.0.0/8`
 */
export function clientAddress({ peer, forwardedFor }: Caller, trusted: readonly string[]): string {
  // Without a server, in tests, there is no connection either.
  let address = plain(peer ?? 'unknown');
  if (trusted.length === 0 || forwardedFor === undefined) return address;
  const proxies = networks(trusted);
  for (const hop of forwardedFor.split(',').reverse().slice(0, LONGEST_CHAIN)) {
    if (!isWithin(address, proxies)) break;
    const next = plain(hop.trim());
    if (isIP(next) === 0) break;
    address = next;
  }
  return address;
}

/** What one client has: an IPv4 address, or the first 64 bits of an IPv6 address, within which it chooses freely. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [before = '', after] = address.replace(/%.*$/, '').split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** IPv4 in IPv6 (`::ffff:10.0.0.7`) as IPv4, and an address without port and brackets. */
function plain(address: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^(\d[\d.]*):\d+$/.exec(address)?.[1] ?? address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  return mapped ?? bare;
}

function networks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix] = text.split('/');
    const type = familyOf(address);
    if (prefix === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(prefix), type);
  }
  return list;
}

function isWithin(address: string, list: BlockList): boolean {
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
