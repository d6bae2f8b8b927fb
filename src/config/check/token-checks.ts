import type { Mistake } from '../../core/problem.ts';
import type { Config } from '../config.ts';
import { valueAt, type ConfigPath, type Warning } from '../problems.ts';
import type { Entry, Sources } from '../read/sources.ts';
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

export interface PlacedToken {
  readonly source: SourceFile;
  readonly path: ConfigPath;
  readonly name: string;
  readonly value: string;
  /** In one that the config names. */
  readonly isInFile: boolean;
  /** Chosen by the operator, not by a gateway. */
  readonly own: boolean;
}

/** Tokens of the watchdog that can be guessed, or that allow more than one thing. */
export function tokenWarnings(tokens: readonly PlacedToken[]): Warning[] {
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
export function exposureOf({ listen, api }: Pick<Config, 'listen' | 'api'>): Mistake | null {
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

/** Every token of the config, at its key or at that of its file. */
export function placedTokens(
  { main: { source, input }, accounts: entries }: Sources,
  { api, page, cluster, accounts }: Pick<Config, 'api' | 'page' | 'cluster' | 'accounts'>,
): PlacedToken[] {
  return [
    ...API_TOKENS.flatMap((key) => placed({ source, path: ['api'], input: input.api }, key, api[key])),
    ...placed({ source, path: ['page', 'public'], input: input.page.public }, 'token', page.public?.token),
    ...placed({ source, path: ['cluster'], input: input.cluster }, 'token', cluster.token),
    ...entries.flatMap((entry) => [
      ...placed(entry, 'token', accounts.get(entry.name)?.token, false),
      ...placed(entry, 'hookToken', accounts.get(entry.name)?.hookToken),
    ]),
  ];
}

function placed(
  { source, path, input }: Pick<Entry<unknown>, 'source' | 'path' | 'input'>,
  key: string,
  value: string | null | undefined,
  own = true,
): PlacedToken[] {
  if (value === null || value === undefined) return [];
  const isInFile = (valueAt(input, [`${key}File`]) ?? null) !== null;
  const place = [...path, isInFile ? `${key}File` : key];
  return [{ source, path: place, name: [...path, key].join('.'), value, isInFile, own }];
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
