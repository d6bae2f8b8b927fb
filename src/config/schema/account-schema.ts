import { z } from 'zod';
import { baseUrlMistake } from '../values/addresses.ts';
import { headerName, headerValue, reportEqualHeaders } from '../values/headers.ts';
import { notTogether, onlyTogether, ownToken } from './paired-keys.ts';
import { activityOverrides, probeOverrides, restartOverrides } from './policy-schema.ts';
import {
  checkedText,
  durationText,
  fileText,
  labelTexts,
  mistake,
  nameText,
  pathPartText,
  patternText,
  proxyText,
  tokenText,
  type Meta,
} from '../values/scalars.ts';
import { stateWords } from '../values/state-words.ts';

/** Bounds that catch typing mistakes; no larger value is known to be needed. */
const MOST_PER_SECOND = 100_000;
const MOST_AT_ONCE = 100_000;

const limits = z.strictObject({
  requestsPerSecond: rate('Most requests per second to this account, restarts included.', 20),
  concurrency: atOnce('Most requests to this account in flight at once.', 50),
  restartsPerMinute: rate('Most restarts per minute of this account.', 6),
  concurrentRestarts: atOnce('Most restart calls of this account in flight at once.', 3),
});

/** What all accounts of one gateway may do together. */
export const perGateway = z.strictObject({
  requestsPerSecond: z.number().positive().max(MOST_PER_SECOND).nullable().default(null).meta({
    description: 'Most requests per second to one gateway; null: no limit beside those of its accounts.',
  }),
  concurrency: z.int().min(1).max(MOST_AT_ONCE).nullable().default(null).meta({
    description: 'Most requests to one gateway in flight at once; null: no limit beside those of its accounts.',
  }),
  restartsPerMinute: rate('Most restarts per minute of all accounts of one gateway.', 12),
  concurrentRestarts: atOnce('Most restart calls to one gateway in flight at once.', 6),
});

const headers = z.record(headerName(), headerValue()).superRefine(reportEqualHeaders).prefault({}).meta({
  description:
    'Additional headers of each request, such as those that a proxy in front of the gateway requires. Values are secrets, best written as "${NAME}", or as { file: … }.',
});

/** Names of values that have keys of their own. */
const OWN_KEYS: ReadonlySet<string> = new Set(['id', 'phoneNumberId', 'token', 'username']);

const values = z
  .record(
    z.string().superRefine((name, ctx) => {
      if (!/^[A-Za-z]\w{0,62}$/.test(name)) {
        mistake(ctx, 'is not the name of a value', 'Begin with a letter; letters, digits and "_" may follow.');
      }
      if (OWN_KEYS.has(name)) mistake(ctx, 'has a key of its own', 'Write it beside `values`.');
    }),
    headerValue(),
  )
  .meta({
    description:
      'Other values that the gateway requires, by name, such as `clientToken`. Values are secrets, best written as "${NAME}", or as { file: … }.',
  });

const tls = z
  .strictObject({
    caFile: fileText().nullable().default(null).meta({
      description:
        'PEM file of certificate authorities to trust instead of the usual ones, relative to this file; null: the usual ones.',
    }),
    certFile: fileText().nullable().default(null).meta({
      description:
        'PEM file of the client certificate that is shown to a gateway that wants one, followed by its intermediate certificates; relative to this file.',
    }),
    keyFile: fileText().nullable().default(null).meta({
      description: 'PEM file of the private key of `certFile`, not encrypted; relative to this file.',
    }),
    insecureSkipVerify: z
      .boolean()
      .default(false)
      .meta({ description: 'true: accept any certificate. The token can then be read on its way to the gateway.' }),
  })
  .check(onlyTogether('certFile', 'keyFile'), onlyTogether('keyFile', 'certFile'));

const discover = z.strictObject({
  every: durationText({
    description: 'Time between two requests for the list of the gateway; at least a second.',
  }).prefault('5m'),
  match: idPattern('What ids must look like: `*` stands for any characters, `?` for one.').default('*'),
  ignore: z
    .array(idPattern('An id, or a pattern of ids, that is not watched.'))
    .max(1000)
    .default([])
    .meta({ description: 'Ids that are not watched, in the same form.' }),
  labels: labelTexts({ description: 'Labels of all instances that are found.' }),
});

export const account = z
  .strictObject({
    gateway: nameText({
      description:
        'The kind of gateway: a built-in one (`smileapi-watchdog gateways` lists them), or one of `gateways`.',
    }).default('smileapi'),
    baseUrl: baseUrlText({
      description:
        'Base of the URLs of the gateway, where it has no address of its own. A path is kept; credentials and queries are refused.',
    }).optional(),
    username: pathPartText({
      description: 'The user name in the URLs of the gateway, if it requires one.',
    }).optional(),
    token: tokenText({ description: 'The API token, best written as "${NAME}". Excludes `tokenFile`.' }).optional(),
    tokenFile: fileText({
      description: 'File that holds the token, relative to this file; a line break at its end is dropped.',
    }).optional(),
    values: values.prefault({}),
    ...ownToken(
      'hookToken',
      'Token of the webhooks of this gateway. It can cause probes of this account only, and may be a part of the URL.',
    ),
    restartMethod: z.enum(['auto', 'GET', 'POST', 'PUT', 'PATCH']).optional().meta({
      description:
        'HTTP method of the restart call, for gateways that do not document it, such as SmileAPI. auto: POST first, then GET, PUT and PATCH while the router of the gateway clearly refuses the method; the one that was accepted is remembered.',
      builtIn: 'auto',
    }),
    healthPath: patternText(
      /^\/[^\s?#]*$/,
      '{value} is not the path of a URL',
      'Begin it with "/", such as /v1/health, without a query; or write null.',
    )
      .nullable()
      .optional()
      .meta({
        description: 'Path of the health route of the gateway itself, in place of its usual one; null: it has none.',
      }),
    statePath: patternText(
      /^[^.\s]+(\.[^.\s]+)*$/,
      '{value} is not a place in an answer',
      'Join keys by dots, such as data.connection.',
    )
      .nullable()
      .default(null)
      .meta({
        description: 'Where an answer holds the connection state, such as data.connection; null: in the usual places.',
      }),
    stateWords: stateWords({
      description:
        'More state words and what they mean: a verdict (healthy, unhealthy, transitional, needs_human, inconclusive) or verdict/cause.',
    }),
    limits: limits.prefault({}).meta({ description: 'Limits of requests and restarts of this account.' }),
    tls: tls.prefault({}).meta({
      description: 'How the certificate of the gateway is checked, and which client certificate it is shown.',
    }),
    headers,
    proxy: proxyText('the gateway'),
    discover: discover.nullable().default(null).meta({
      description:
        'Watches the instances that the gateway lists, beside those under `instances`, which come first; {} is enough. null: only those under `instances` are watched.',
    }),
    probe: probeOverrides.prefault({}).meta({ description: 'Overrides `defaults.probe` for this account.' }),
    restart: restartOverrides.prefault({}).meta({ description: 'Overrides `defaults.restart` for this account.' }),
    activity: activityOverrides.prefault({}).meta({ description: 'Overrides `defaults.activity` for this account.' }),
  })
  .check(notTogether('token', 'tokenFile'), notTogether('hookToken', 'hookTokenFile'));

export type AccountInput = z.output<typeof account>;

function idPattern(description: string) {
  return z.string().min(1).max(256).meta({ description });
}

function rate(description: string, fallback: number) {
  return z.number().positive().max(MOST_PER_SECOND).default(fallback).meta({ description });
}

function atOnce(description: string, fallback: number) {
  return z.int().min(1).max(MOST_AT_ONCE).default(fallback).meta({ description });
}

/** The address of an HTTP server, without a slash at its end. */
export function baseUrlText(meta: Meta) {
  return checkedText(baseUrlMistake, 'Write it like https://api.smileapi.com.br; the token has a key of its own.')
    .transform((text) => text.replace(/\/+$/, ''))
    .meta({ ...meta });
}
