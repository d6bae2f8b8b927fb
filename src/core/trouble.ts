/** A trouble that needs another remedy than its cause does in general. */
export interface Trouble {
  /** Our own words; the detail of a probe begins with them, and so finds its remedy. */
  readonly detail: string;
  readonly remedy: string;
}

/** All of them. No detail is the beginning of another one. */
export const TROUBLES = {
  clientCertificateWanted: {
    detail: 'the gateway wants a client certificate',
    remedy: "Set the account's tls.certFile and tls.keyFile to a client certificate that the gateway accepts.",
  },
  clientCertificateRefused: {
    detail: 'the gateway refuses the client certificate',
    remedy:
      'tls.certFile may have expired, or the gateway does not trust the authority that signed it: have a new client certificate made for this gateway.',
  },
  handshakeRefused: {
    detail: 'the gateway refuses the TLS handshake',
    remedy:
      'If the gateway wants a client certificate, set tls.certFile and tls.keyFile to one that it accepts. If it wants none, it shares no cipher with this machine: renew its TLS settings.',
  },
  endedAfterHandshake: {
    detail: 'the gateway ended the connection right after the TLS handshake',
    remedy:
      'Most likely it does not accept our client certificate, or wants one: set tls.certFile and tls.keyFile to a client certificate that is valid and that the gateway trusts. Its log may say more.',
  },
  cutInHandshake: {
    detail: 'the connection broke off during the TLS handshake',
    remedy:
      'Check the network, proxies in between, and whether the gateway is up. Some gateways end connections like that when they want a client certificate (tls.certFile and tls.keyFile), or do not accept it.',
  },
  oldProtocol: {
    detail: 'the TLS of the gateway is too old',
    remedy:
      'Have the gateway, or what ends TLS in front of it, offer TLS 1.2 or 1.3 with present-day keys and ciphers.',
  },
  onlyHttp2: {
    detail: 'the gateway speaks only HTTP/2',
    remedy: 'Allow HTTP/1.1 at the gateway or at the proxy in front of it: the watchdog does not speak HTTP/2.',
  },
  noTls: {
    detail: 'no TLS is spoken at this port',
    remedy: 'Write into baseUrl the port at which the gateway speaks https; or http:// if it has none.',
  },
  onlyTls: {
    detail: 'TLS is spoken at this port',
    remedy: 'Write https:// in baseUrl, or the port at which the gateway speaks http.',
  },
  unknownHostName: {
    detail: 'the gateway knows no host of this name',
    remedy: 'Write into baseUrl the host name that the gateway was set up with.',
  },
  selfSigned: {
    detail: 'the certificate of the gateway is self-signed',
    remedy: 'If it is the right one, save it as a PEM file and set tls.caFile to that.',
  },
  unknownAuthority: {
    detail: 'the certificate of the gateway comes from an authority that is not trusted here',
    remedy:
      'Set tls.caFile to the certificate of that authority; a network that inspects TLS has one of its own. If the authority is a usual one, have the gateway send its intermediate certificates, too (fullchain.pem).',
  },
  wrongName: {
    detail: 'the certificate of the gateway is for another host name',
    remedy: 'Write into baseUrl the host name that stands in the certificate, or have a certificate made for this one.',
  },
  expired: {
    detail: 'the certificate of the gateway has expired',
    remedy: "Have the gateway's certificate renewed. If it is still valid, correct the clock of this machine.",
  },
  notYetValid: {
    detail: 'the certificate of the gateway is not valid yet',
    remedy: 'Most likely the clock of this machine is wrong: correct it, and let NTP keep it right.',
  },
  revoked: {
    detail: 'the certificate of the gateway was revoked',
    remedy: 'Have a new certificate made for the gateway.',
  },
  redirected: {
    detail: 'redirects are not followed',
    remedy:
      'Write the address that the redirect leads to into baseUrl (often https:// in place of http://, or another host). If it leads to a login page, have the watchdog let through there.',
  },
  badRequest: {
    detail: 'the gateway does not accept the request',
    remedy:
      'See what it says. Check baseUrl with its path, the username of the account and the phoneNumberId: they make up the address that is probed.',
  },
  wrongMethod: {
    detail: 'nothing takes a GET there',
    remedy: 'Check baseUrl and its path: the gateway has no route for probes at this address.',
  },
  noRoute: {
    detail: 'the gateway has no such route',
    remedy: 'Check baseUrl and its path: the gateway is there, but does not have the routes of this profile.',
  },
  payment: {
    detail: 'the gateway wants to be paid',
    remedy: "The plan at the gateway's provider has ended or is unpaid: renew it there.",
  },
  proxyLogin: {
    detail: 'a proxy wants a login',
    remedy:
      'A proxy on the way to the gateway wants a user and a password: put them into the address of the proxy, or have it let the watchdog through.',
  },
  noProxy: {
    detail: 'no connection to the proxy',
    remedy:
      'Check the address of the proxy (`proxy` of the account, or the variables HTTP_PROXY and HTTPS_PROXY) and whether it is up. NO_PROXY, or proxy: direct, leads past it.',
  },
  noTunnel: {
    detail: 'the proxy gives no way to the gateway',
    remedy:
      'The proxy does not allow the host or the port of baseUrl, or does not reach it: look into its log. NO_PROXY, or proxy: direct, leads past it.',
  },
  legal: {
    detail: 'the address is blocked for legal reasons',
    remedy: 'Somebody on the way has to block this address: ask the provider of the gateway, and that of your network.',
  },
  challenge: {
    detail: 'a bot challenge is in the way',
    remedy:
      'A protection against bots wants a browser, which the watchdog is not: exempt its address, or the path of the gateway, from that protection.',
  },
  proxyAlone: {
    detail: 'a proxy does not reach the gateway',
    remedy: 'The proxy in front of the gateway answers alone: check whether the gateway behind it is up.',
  },
  empty: {
    detail: 'the answer is empty',
    remedy:
      'Something answers a probe without saying anything: check baseUrl and its path, and the log of the gateway.',
  },
  tooLong: {
    detail: 'the answer is longer than',
    remedy:
      'The answer about one instance is short: check baseUrl and its path, and have the gateway leave out what is large, such as pictures of QR codes.',
  },
  noText: {
    detail: 'the answer is not text',
    remedy:
      'The answer is compressed or encoded in a way that was not asked for: switch that off in the gateway, or in the proxy in front of it.',
  },
  cutOff: {
    detail: 'the answer is not valid JSON',
    remedy: 'The JSON of the answer is broken or cut off: check the log of the gateway, and proxies on the way.',
  },
  contradiction: {
    detail: 'the status contradicts the body',
    remedy: 'The gateway says two things at once, so nothing is concluded: check the instance there, and its log.',
  },
  stateVanished: {
    detail: 'the answer names no connection state, and earlier ones of this account did',
    remedy:
      'The gateway no longer says how this instance is: check there that it still exists, and that it is started.',
  },
  nameServers: {
    detail: 'no name server answered',
    remedy: 'Check the name servers of this machine (/etc/resolv.conf) and the network to them.',
  },
  oddHead: {
    detail: 'the head of the answer contradicts itself',
    remedy:
      'The gateway, or a proxy in front of it, sends two different lengths, or headers that are none: look at its answer with curl -i, and repair or update it.',
  },
  longHead: {
    detail: 'the head of the answer is longer than 16 KiB',
    remedy:
      'Something adds large headers, most likely cookies: look at the answer with curl -i, and have the gateway, or the proxy in front of it, leave them out.',
  },
  undecodable: {
    detail: 'the answer is compressed and cannot be decompressed',
    remedy: 'Have the gateway, or the proxy in front of it, send its answers uncompressed, as the probe asks for.',
  },
  cached: {
    detail: 'a cache in between answered',
    remedy:
      'Its answers are old, although probes ask for new ones (Cache-Control: no-cache). Exclude the paths of the gateway from that cache (a proxy or a CDN).',
  },
} as const satisfies Readonly<Record<string, Trouble>>;

type TroubleName = keyof typeof TROUBLES;

const NAMES = Object.keys(TROUBLES) as readonly TroubleName[];

/** Which trouble a detail names; null: none. */
export function troubleNameIn(detail: string | null): TroubleName | null {
  return detail === null ? null : (NAMES.find((name) => detail.startsWith(TROUBLES[name].detail)) ?? null);
}

/** The trouble that a detail names; null: none. */
export function troubleIn(detail: string | null): Trouble | null {
  const name = troubleNameIn(detail);
  return name === null ? null : TROUBLES[name];
}
