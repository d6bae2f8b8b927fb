import type { Config } from '../config.ts';
import type { ConfigPath, Warning } from '../problems.ts';
import type { Sources } from '../read/sources.ts';
import { isLoopbackHost } from '../values/addresses.ts';
import { API_TOKENS } from '../schema/api-schema.ts';
import { OWN_TOKEN_REMEDY } from '../values/scalars.ts';
import type { SourceFile } from '../syntax/source-file.ts';

/** 16 random letters and digits are 95 bits: nobody guesses them, however fast wrong tokens are answered. */
const HARD_TO_GUESS = 16;
/** 16 random hexadecimal digits have fewer different ones once in a hundred million tokens. */
const DIFFERENT_CHARACTERS = 5;

/** What examples and people in a hurry write; programs that guess try these first, and one after the other. */
const COMMON_WORDS = new RegExp(
  [
    ...['change', 'replace', 'fill', 'me', 'in', 'please', 'now', 'your', 'here', 'this', 'my', 'the', 'some', 'very'],
    ...['pass', 'password', 'passwd', 'senha', 'secret', 'segredo', 'token', 'key', 'chave', 'example', 'sample'],
    ...['default', 'admin', 'root', 'test', 'demo', 'dummy', 'watchdog', 'smileapi', 'whatsapp', 'api', 'hook', 'read'],
    ...['letmein', 'qwerty', 'xyz', '1234567890', '12345678', '123456', '1234', '123'],
  ]
    .toSorted((one, other) => other.length - one.length)
    .join('|'),
  'gi',
);
/** Less than this beside common words is no better than a token of that length. */
const LEAST_BESIDE_WORDS = 8;
const REPEATED = /^(.{1,8})\1+$/s;

type Holders = Pick<Config, 'api' | 'page' | 'cluster' | 'accounts'>;

interface PlacedToken {
  readonly source: SourceFile;
  readonly path: ConfigPath;
  readonly name: string;
  readonly value: string;
  /** Chosen by the operator, not by a gateway. */
  readonly own: boolean;
}

/** Tokens of the watchdog that can be guessed, or that allow more than one thing. */
export function tokenWarnings(sources: Sources, holders: Holders): Warning[] {
  const tokens = placedTokens(sources, holders);
  return [
    ...tokens.flatMap(({ source, path, value, own }) => {
      const weakness = own ? weaknessOf(value) : null;
      return weakness === null
        ? []
        : [source.problemAt(path, `the token is easy to guess: ${weakness}`, OWN_TOKEN_REMEDY)];
    }),
    ...sharedTokens(tokens),
  ];
}

/** Who may read although nobody was meant to; null: only who was meant to. */
export function exposureOf({ listen, api }: Pick<Config, 'listen' | 'api'>): {
  readonly message: string;
  readonly remedy: string;
} | null {
  if (api.readToken !== null || isLoopbackHost(listen.host)) return null;
  return {
    message: `anyone who reaches ${listen.host}:${listen.port} can read all names and phone numbers, because there is no readToken`,
    remedy: 'Set api.readToken or api.readTokenFile, or listen on the loopback address only, such as 127.0.0.1:9847.',
  };
}

function weaknessOf(token: string): string | null {
  if (token.length < HARD_TO_GUESS) return `it has fewer than ${HARD_TO_GUESS} characters`;
  if (new Set(token).size < DIFFERENT_CHARACTERS || REPEATED.test(token)) return 'it repeats a few characters';
  const rest = token.replaceAll(COMMON_WORDS, '').replaceAll(/[^\p{L}\p{N}]/gu, '');
  return rest.length < LEAST_BESIDE_WORDS ? 'it consists of words that are tried first' : null;
}

function placedTokens(
  { main: { source, input }, accounts: entries }: Sources,
  { api, page, cluster, accounts }: Holders,
): PlacedToken[] {
  const ofApi = API_TOKENS.map((key) => {
    const path = ['api', input.api[`${key}File`] === null ? key : `${key}File`];
    return { source, path, name: `api.${key}`, value: api[key], own: true };
  });
  const ofPage = {
    source,
    path: ['page', 'public', (input.page.public?.tokenFile ?? null) === null ? 'token' : 'tokenFile'],
    name: 'page.public.token',
    value: page.public?.token ?? null,
    own: true,
  };
  const ofCluster = {
    source,
    path: ['cluster', (input.cluster.tokenFile ?? null) === null ? 'token' : 'tokenFile'],
    name: 'cluster.token',
    value: cluster.token,
    own: true,
  };
  const ofAccounts = entries.flatMap(({ source, path, name, input }) => {
    const { token, hookToken } = accounts.get(name) ?? { token: null, hookToken: null };
    const place = (key: 'token' | 'hookToken', file: string | null): ConfigPath => [
      ...path,
      file === null ? key : `${key}File`,
    ];
    return [
      {
        source,
        path: place('token', input.tokenFile ?? null),
        name: `accounts.${name}.token`,
        value: token,
        own: false,
      },
      {
        source,
        path: place('hookToken', input.hookTokenFile),
        name: `accounts.${name}.hookToken`,
        value: hookToken,
        own: true,
      },
    ];
  });
  return [...ofApi, ofPage, ofCluster, ...ofAccounts].flatMap(({ value, ...token }) =>
    value === null ? [] : [{ ...token, value }],
  );
}

/** Accounts of one gateway may have the same token there. */
function sharedTokens(tokens: readonly PlacedToken[]): Warning[] {
  return tokens.flatMap(({ source, path, name, value, own }, index) => {
    const other = tokens.find((earlier, at) => at < index && earlier.value === value && (own || earlier.own));
    if (other === undefined) return [];
    const message = `${name} is the same token as ${other.name}, so it allows what both are for`;
    return [source.problemAt(path, message, 'Give each purpose a token of its own.')];
  });
}
