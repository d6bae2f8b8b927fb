import { z } from 'zod';
import { hostText, networkText } from '../values/addresses.ts';
import { notTogether, ownToken } from './paired-keys.ts';

/** The tokens of the API. Each has a key for the token itself, and one with `File` at its end. */
export const API_TOKENS = ['token', 'hookToken', 'gatewayHookToken', 'readToken', 'metricsToken'] as const;

/** Who may use the HTTP API. */
export const api = z
  .strictObject({
    ...ownToken('token', 'Token that write calls need; null: every write call answers 403.'),
    ...ownToken(
      'hookToken',
      'Token of Alertmanager: its alerts can restart any instance, so it is accepted in the header only.',
    ),
    ...ownToken(
      'gatewayHookToken',
      'Token of the webhooks of all gateways. It can cause probes and report signs of life only, and may be a part of the URL.',
    ),
    ...ownToken('readToken', 'Token that the read routes, /metrics and the status page need; null: they are open.'),
    ...ownToken('metricsToken', 'Weaker token for /metrics only. If it is set, /metrics needs it, or `readToken`.'),
    hosts: z.array(hostText()).max(100).default([]).meta({
      description:
        'Names under which clients without a token reach the watchdog; others are refused. Empty: any name, or only localhost if `listen` is on the loopback address. IP addresses and localhost are always accepted.',
    }),
    trustedProxies: z.array(networkText()).max(100).default([]).meta({
      description:
        'Addresses or networks (10.0.0.0/8) of reverse proxies whose X-Forwarded-For says where a call comes from.',
    }),
  })
  .check(...API_TOKENS.map((key) => notTogether(key, `${key}File`)));
