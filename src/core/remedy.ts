import { troubleIn } from './trouble.ts';
import type { Cause } from './verdict.ts';

/** What a person can do about each cause; null: nothing is wrong, or the watchdog itself is the remedy. */
export const REMEDIES: Readonly<Record<Cause, string | null>> = {
  connected: null,
  responding: null,
  silent:
    'It is connected, but nothing flows through it: send it a message from another phone. If that does not arrive, restart it. If it does, check that the webhook of the gateway, or your bot, still reports messages to the watchdog.',
  connecting: null,
  disconnected: null,
  stuck_connecting: null,
  timeout: 'The gateway does not answer in time: check the network, the firewall, and whether the gateway is up.',
  refused: 'Nothing accepts connections there: check baseUrl, the firewall, and whether the gateway is up.',
  reset:
    'Something cuts the connection: check the network, proxies in between, whether baseUrl should begin with https, and whether the gateway is up.',
  dns: "The gateway's host name cannot be resolved: check baseUrl and the name servers of this machine.",
  tls: 'There is no TLS connection that can be trusted: check baseUrl, the certificate of the gateway, and the tls of its account.',
  server_error: "The gateway reports a failure of its own: look into its log and at its provider's status page.",
  conflict:
    'The session is open elsewhere: another program or device uses this number. Close it there; a restart only takes the session away from it for a moment.',
  stopped:
    'The session was stopped at the gateway. If that was on purpose, pause the instance or set enabled: false; if not, start it there.',
  unauthorized:
    "The token is wrong or expired: make a new one in the panel of the account's gateway, and update token or tokenFile. If the gateway speaks of a plan or a payment, renew that.",
  not_found: 'The gateway does not know this instance: check its phoneNumberId and the username of its account.',
  pairing_required: 'WhatsApp has unlinked this number: open the gateway and scan the QR code again with its phone.',
  banned: 'WhatsApp has blocked this number: appeal on its phone. Restarts do not help.',
  restart_unsupported: "The gateway refuses the restart route: check the account's restartMethod and baseUrl.",
  rate_limited: 'The gateway asks for fewer requests: lower limits.requestsPerSecond, or raise probe.every.',
  unknown_state: 'The answer names no connection state that is known: set statePath, or add its word to stateWords.',
  unreadable: 'The answer cannot be read: check baseUrl, the log of the gateway, and proxies on the way.',
  not_the_gateway:
    'Something in front of the gateway answers in its place (a proxy, a login or maintenance page): check baseUrl and the proxy, or sign in there.',
  own_network: 'This machine cannot open connections: check its network and its limit of open files.',
  stalled: 'This machine stood still during the probe: give it more CPU, or keep it from being suspended.',
  aborted: null,
};

/**
 * What a person can do about a cause, in one or two sentences; null: nothing. Every place that shows the cause shows
 * this text.
 *
 * @param detail that of the probe; some troubles that it names have a remedy of their own
 */
export function remedyFor(cause: Cause | null, detail: string | null = null): string | null {
  return cause === null ? null : (troubleIn(detail)?.remedy ?? REMEDIES[cause]);
}
