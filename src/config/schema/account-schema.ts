import { z } from 'zod';
import { normalizeWord, parseWordMeaning, WORD_CAUSES } from '../../gateway/profiles/profile.ts';
import { builtInProfiles } from '../../gateway/profiles/built-in.ts';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import { baseUrlMistake } from './addresses.ts';
import { notTogether, onlyTogether } from './exclusive-keys.ts';
import { headerName, headerValue, reportEqualHeaders } from './header-schema.ts';
import { probeOverrides, restartOverrides } from './policy-schema.ts';
import {
  fileText,
  mistake,
  ownTokenText,
  pathPartText,
  patternText,
  proxyText,
  tokenText,
  type Meta,
} from './scalars.ts';

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
    'More headers of each request, such as what a proxy in front of the gateway wants. Values are secrets, best written as "${NAME}", or as { file: … }.',
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
  .refine(...onlyTogether('certFile', 'keyFile'))
  .refine(...onlyTogether('keyFile', 'certFile'));

export const account = z
  .strictObject({
    gateway: z
      .enum([...builtInProfiles.keys()])
      .default('smileapi')
      .meta({ description: 'The kind of gateway: a built-in profile.' }),
    baseUrl: baseUrlText({
      description: 'Base of the URLs of the gateway. A path is kept; credentials and queries are refused.',
      builtIn: builtInProfiles.get('smileapi')?.baseUrl,
    }).optional(),
    username: pathPartText({ description: 'The user name, as in the URLs of the gateway.' }),
    token: tokenText({ description: 'The API token, best written as "${NAME}". Excludes `tokenFile`.' }).optional(),
    tokenFile: fileText({
      description: 'File that holds the token, relative to this file; a line break at its end is dropped.',
    }).optional(),
    hookToken: ownTokenText().nullable().default(null).meta({
      description:
        'Token of the webhooks of this gateway. It can cause probes of this account only, and may be a part of the URL.',
    }),
    hookTokenFile: fileText().nullable().default(null).meta({
      description: 'File that holds `hookToken`, relative to this file.',
    }),
    restartMethod: z
      .enum(['GET', 'POST', 'PUT', 'PATCH'])
      .optional()
      .meta({ description: 'HTTP method of the restart call. SmileAPI does not document it.', builtIn: 'POST' }),
    healthPath: patternText(
      /^\/[^\s?#]*$/,
      '{value} is not the path of a URL',
      'Begin it with "/", such as /v1/health, without a query; or write null.',
    )
      .nullable()
      .optional()
      .meta({
        description: 'Path of the health route of the gateway itself; null: it has none.',
        builtIn: builtInProfiles.get('smileapi')?.healthPath,
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
    limits: limits.prefault({}).meta({ description: 'Most requests and restarts of this account.' }),
    tls: tls
      .prefault({})
      .meta({ description: 'Certificates: how that of the gateway is checked, and what is shown to it.' }),
    headers,
    proxy: proxyText('the gateway'),
    probe: probeOverrides.prefault({}).meta({ description: 'Overrides `defaults.probe` for this account.' }),
    restart: restartOverrides.prefault({}).meta({ description: 'Overrides `defaults.restart` for this account.' }),
  })
  .refine(...notTogether('token', 'tokenFile'))
  .refine(...notTogether('hookToken', 'hookTokenFile'))
  .refine(({ token, tokenFile }) => token !== undefined || tokenFile !== undefined, {
    error: 'has neither "token" nor "tokenFile"',
    params: { remedy: 'Add token: "${NAME}" and set that environment variable, or name a tokenFile.' },
    when: ({ value }) => typeof value === 'object' && value !== null && !('token' in value) && !('tokenFile' in value),
  });

export type AccountInput = z.output<typeof account>;

function rate(description: string, fallback: number) {
  return z.number().positive().max(MOST_PER_SECOND).default(fallback).meta({ description });
}

function atOnce(description: string, fallback: number) {
  return z.int().min(1).max(MOST_AT_ONCE).default(fallback).meta({ description });
}

function baseUrlText(meta: Meta) {
  return z
    .string()
    .superRefine((text, ctx) => {
      const reason = baseUrlMistake(text);
      if (reason !== null)
        mistake(ctx, reason, 'Write it like https://api.smileapi.com.br; the token has a key of its own.');
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .meta({ ...meta });
}

function stateWords(meta: Meta) {
  const word = z.string().refine((text) => normalizeWord(text) !== '', {
    error: 'holds a state word without a letter',
    params: { remedy: 'Write the word as the gateway does; case, "-", "_" and blanks do not count.' },
  });
  const meaning = z.string().transform((text, ctx): Cause => {
    const cause = parseWordMeaning(text);
    if (cause !== null) return cause;
    const known = WORD_CAUSES.map((each) => `${verdictOf(each)}/${each}`).join(', ');
    mistake(ctx, '{value} is not a meaning of a state word', `Write a verdict or one of ${known}.`);
    return z.NEVER;
  });
  return z
    .record(word, meaning)
    .prefault({})
    .meta({ ...meta });
}
