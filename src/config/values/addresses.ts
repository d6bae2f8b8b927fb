import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { checkedText, mistake, patternText, type Meta } from './scalars.ts';

export interface ListenAddress {
  /** A host name or an address, without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 lets the operating system choose. */
  readonly port: number;
}

/** Reads `host:port` or `[::1]:port`; null for anything else. */
export function parseListen(text: string): ListenAddress | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, bracketed, plain] = match;
  const port = Number(match[3]);
  if (port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) return null;
  return { host: bracketed ?? plain ?? '', port };
}

/** Whether only this machine reaches what listens on `host`. */
export function isLoopbackHost(host: string): boolean {
  return host === '::1' || host.toLowerCase() === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether a text is an address, or a network such as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** Why a text cannot be the base of a gateway's URLs; null when it can. */
export function baseUrlMistake(text: string): string | null {
  const url = parseUrl(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return 'is not an http or https URL';
  if (url.username !== '' || url.password !== '') return 'holds credentials, which would end up in logs';
  if (/[?#]/.test(text)) return 'holds a query or a fragment, to which no path can be added';
  return null;
}

/** Why a text is not a target, `tcp://host:port` or `https://…`; null when it is. */
export function connectivityTargetMistake(text: string): string | null {
  const url = parseUrl(text);
  if (url?.protocol === 'https:') {
    return url.username === '' && url.password === '' ? null : 'holds credentials, which would end up in logs';
  }
  const tcp = /^tcp:\/\/(.+)$/.exec(text)?.[1];
  const address = tcp === undefined ? null : parseListen(tcp);
  return address === null || address.port === 0 ? 'is neither tcp://host:port nor an https URL' : null;
}

function parseUrl(text: string): URL | null {
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) && URL.canParse(text) ? new URL(text) : null;
}

export function hostText() {
  const remedy = 'Write a name such as watchdog.example.org, without scheme and port.';
  return patternText(/^[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?$/, '{value} is not the name of a host', remedy);
}

export function networkText() {
  return z.string().superRefine((text, ctx) => {
    if (!isNetwork(text))
      mistake(ctx, '{value} is not an address', 'Write for example 10.0.0.7, 10.0.0.0/8 or fd00::/8.');
  });
}

export function targetText() {
  return checkedText(connectivityTargetMistake, 'Write for example tcp://1.1.1.1:53 or https://example.org.');
}

export function listenText(meta: Meta) {
  return z
    .string()
    .prefault('0.0.0.0:9847')
    .transform((text, ctx) => {
      const address = parseListen(text);
      if (address !== null) return address;
      mistake(ctx, '{value} is not host:port', 'Write for example 0.0.0.0:9847, localhost:9847 or "[::1]:9847".');
      return z.NEVER;
    })
    .meta({ ...meta });
}
